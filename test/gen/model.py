"""What the tables must hold after a set of events: design.md's rules, worked
out from the whole set at once, where the programs take one event at a time.
"""

import codecs
import collections
import hashlib
import json

import spec

MAX_KEY = 512       # bytes; what is longer names nothing

# What the ledger has of a line's bytes that are no UTF-8.
UNDECODABLE = "backslashreplace"


def mended(line):
    """With U+FFFD for each byte that is no UTF-8."""
    return line.decode("utf-8", "each").encode()


codecs.register_error(
    "each", lambda e: ("\ufffd" * (e.end - e.start), e.end))


class Bad(Exception):
    """A line that is to be parked; its event's id, where it has one."""


def is_key(value):
    return isinstance(value, str) and 0 < len(value.encode()) <= MAX_KEY


class Event:
    """A line, read.  Raises Bad if it is no event or does not fit its table."""

    def __init__(self, line, types):
        self.line = line.decode("utf-8", UNDECODABLE)
        self.id = None
        try:
            event = json.loads(line.decode("utf-8", "replace"))
        except ValueError:
            raise Bad()
        if not isinstance(event, dict):
            raise Bad()
        name = event.get("id")
        if not is_key(name) or name.startswith("parked:") or not all(
                "!" <= c <= "~" and c != '"' for c in name):
            raise Bad()
        self.id, self.name = name, event.get("event")
        try:
            self.at = spec.milliseconds(event.get("created_at"))
            if not isinstance(self.name, str) or not self.name:
                raise ValueError("event")
            self.effects = []
            fields = types.get(self.name)
            data = event.get("data")
            now = spec.FORMER.get(self.name, self.name)
            for effect in spec.effects(now, fields) if fields else ():
                self.effects.append(self.effect(data, fields, *effect))
        except (ValueError, KeyError):
            raise Bad(self.id)

    def effect(self, data, fields, effect, table, place):
        """(effect, table, key, {column: value})"""
        inner = data
        for part in place.split(".") if place else ():
            inner = inner[part] if isinstance(inner, dict) else None
        if not isinstance(inner, dict):
            raise ValueError(place)
        if effect == "insert":
            return effect, table, (self.id,), spec.columns(
                data, fields, place, table)
        placing = list(spec.keys(table))
        if effect == "delete" and table == "agent_registration":
            placing = ["agent_registration_id"]
        elif effect == "upsert":
            placing += spec.PARENTS.get(table, {})
        above = place.split(".") if place else []
        chosen = [f for f in fields if f.names[:len(above)] == above
                  and "_".join(f.names[len(above):]) in placing]
        for f in chosen:
            value = data
            for part in f.names:
                value = value.get(part) if isinstance(value, dict) else None
            if not is_key(value):
                raise ValueError(f.path)
        if effect == "delete":      # the rest of its object is not looked at
            fields = chosen
        have = spec.columns(data, fields, place, table)
        return effect, table, spec.key_of(table, effect, have), have


class State:
    """`rows` is a set of (table, row), the row being JSON without its NULLs.
    `counts` says how often each of the rules decided something.
    """

    def __init__(self, lines):
        types = spec.read()
        for old, name in spec.FORMER.items():
            types[old] = types[name]
        self.rows = set()
        self.counts = collections.Counter()
        self.deleted = {}       # (table, key) -> (event_at, event_id) of the last
        upserts = {}            # (table, key) -> [(stamp, event, columns)]
        for line in set(lines):
            if not line.strip():
                continue
            try:
                event = Event(line, types)
            except Bad as bad:
                self.park(line, *bad.args)
                continue
            self.counts["of an unknown type" if event.name not in types else
                        "of a former name" if event.name in spec.FORMER else
                        "events"] += 1
            self.row("events_cursor", event_id=event.id, event_type=event.name,
                     event_payload=event.line, created_at=event.at)
            for effect, table, key, have in event.effects:
                if effect == "insert":
                    self.row(table, event_id=event.id, event_at=event.at,
                             event_type=event.name, **have)
                elif effect == "delete":
                    self.deleted[table, key] = max(
                        self.deleted.get((table, key), (0, "")),
                        (event.at, event.id))
                else:
                    stamp = (have.get("updated_at", event.at), event.at)
                    if table in spec.REUSED:
                        stamp = stamp[1:]
                    upserts.setdefault((table, key), []).append(
                        (stamp, event, have))
        for (table, key), (at, event_id) in self.deleted.items():
            self.row("tombstone", object=table, id=key[0],
                     sub_id=(key + ("",))[1], event_id=event_id, event_at=at)
        for (table, key), candidates in upserts.items():
            self.contest(table, key, candidates)

    def row(self, table, **columns):
        self.rows.add((table, json.dumps(columns, sort_keys=True)))

    def park(self, line, event_id=None):
        self.counts["parked" if event_id is None else "parked by id"] += 1
        text = line.decode("utf-8", UNDECODABLE)
        named = {} if event_id is None else {"event_id": event_id}
        self.row("parked_event", kind="line", text=text, id="parked:"
                 + hashlib.sha256(mended(line)).hexdigest()[:32], **named)

    def contest(self, table, key, candidates):
        """Adds the row of the event that wins, unless the object is gone."""
        candidates.sort(key=lambda c: c[0])
        _, event, have = candidates[-1]
        self.count(table, candidates)
        gone = self.deleted.get((table, key))
        reused = table in spec.REUSED
        if gone and (not reused or gone[0] > event.at):
            self.counts["gone"] += 1
            if any(e.at > gone[0] for _, e, _ in candidates):
                self.counts["late after the delete"] += 1
            return
        for column, parent in spec.PARENTS.get(table, {}).items():
            if (parent, (have[column],)) in self.deleted:
                at, _ = self.deleted[parent, (have[column],)]
                self.counts["gone with its parent"] += 1
                if any(e.at > at for _, e, _ in candidates):
                    self.counts["late child"] += 1
                return
        self.counts["came back"] += gone is not None
        self.row(table, event_id=event.id, event_at=event.at, **have)

    def count(self, table, candidates):
        if len(candidates) < 2 or table in spec.REUSED:
            return
        _, event, have = candidates[-1]
        if event.at < max(e.at for _, e, _ in candidates):
            self.counts["updated_at against the order"] += 1
        if candidates[-1][0][0] == candidates[-2][0][0]:
            self.counts["updated_at the same"] += 1
        self.counts["updated_at missing"] += "updated_at" not in have
