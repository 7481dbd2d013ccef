# SPDX-License-Identifier: MIT
"""What schema/catalogue.def has of the API's events, so that no second list
can stray: their names, and what each does to which object."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOGUE = os.path.join(ROOT, "schema", "catalogue.def")

# UPSERT(USUAL, user.created)  UPSERT_AT(RARE, some.event, path)  ...
EVENT = re.compile(
    r"^\s*(?:UPSERT|UPSERT_AT|DELETE|DELETE_BY|INSERT)\("
    r"(USUAL|RARE|FORMER),\s*([a-z_.]+)", re.M)

# KEY(group.id, "…")  CHILD_OF(user, user_id)  UPSERT_AT(USUAL, dsync.x, user)  ...
ENTRY = re.compile(r"^\s*([A-Z_]+)\(([^)]*)\)", re.M)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def event_names(path=CATALOGUE):
    """The names that the API knows today; a FORMER one it refuses."""
    found = EVENT.findall(read(path))
    if not found:
        raise SystemExit("workos-api: %s: no event in it" % path)
    return {name for asked, name in found if asked != "FORMER"}


class Table:
    """A table of objects: `keys` and `parents` are paths in an object."""

    def __init__(self, name, reused):
        self.name = name
        self.reused = reused
        self.keys = []
        self.paths = {}         # column -> path
        self.parents = []       # (table, path of the parent's id)


def tables(path=CATALOGUE):
    """{name: Table}, and {event: [(Table, what it does, path of the object)]}"""
    found, effects, table = {}, {}, None
    for word, text in ENTRY.findall(re.sub(r"/\*.*?\*/", "", read(path),
                                           flags=re.S)):
        arguments = [a.strip() for a in text.split(",")]
        if word in ("OBJECT", "REUSED", "FACT", "SYSTEM", "PRIVATE"):
            table = Table(arguments[0], word == "REUSED")
            if word in ("OBJECT", "REUSED"):
                found[table.name] = table
        elif word in ("KEY", "TEXT"):
            table.paths[arguments[0].replace(".", "_")] = arguments[0]
            if word == "KEY":
                table.keys.append(arguments[0])
        elif word in ("CHILD_OF", "MAYBE_OF"):
            table.parents.append((arguments[0], table.paths[arguments[1]]))
        elif EVENT.match("%s(%s" % (word, text)) and word != "INSERT":
            at = arguments[2] if len(arguments) > 2 else ""
            effects.setdefault(arguments[1], []).append(
                (table, word.partition("_")[0], at))
    return found, effects
