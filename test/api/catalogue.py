# SPDX-License-Identifier: MIT
"""The event names of schema/catalogue.def, so that no second list can stray."""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOGUE = os.path.join(ROOT, "schema", "catalogue.def")

# UPSERT(USUAL, user.created)  UPSERT_AT(RARE, some.event, path)  ...
EVENT = re.compile(
    r"^\s*(?:UPSERT|UPSERT_AT|DELETE|DELETE_BY|INSERT)\("
    r"(USUAL|RARE|FORMER),\s*([a-z_.]+)", re.M)


def event_names(path=CATALOGUE):
    """The names that the API knows today; a FORMER one it refuses."""
    with open(path, encoding="utf-8") as f:
        found = EVENT.findall(f.read())
    if not found:
        raise SystemExit("workos-api: %s: no event in it" % path)
    return {name for asked, name in found if asked != "FORMER"}
