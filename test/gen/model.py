# SPDX-License-Identifier: MIT
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


class Item:
    """A line of a list, read: an event without an id that happened when it was
    listed.  Raises Bad if it does not fit its table; None if it is no such."""

    id = None

    def __init__(self, line, types):
        self.line = line.decode("utf-8", UNDECODABLE)
        try:
            item = json.loads(line.decode("utf-8", "replace"))
            self.table, parent = item["of"], item.get("parent")
            self.at = spec.milliseconds(item.get("listed_at"))
            data = item["data"]
            if self.table not in spec.LISTED or not isinstance(data, dict) or (
                    parent is not None and not is_key(parent)):
                raise ValueError("item")
            data = spec.data_of_item(self.table, parent, data)
            _, _, self.key, self.have = Event.effect(
                self, data, types[spec.like(self.table)], "upsert", self.table,
                "")
            for name in spec.LISTED[self.table]:
                self.have.pop(name, None)
        except (ValueError, KeyError):
            raise Bad()

    @staticmethod
    def is_one(line):
        return line.startswith(b'{"object":"list_item"')


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
        if not is_key(name) or name.startswith(("parked:", "list:")) or not all(
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
            placing += [column for column, _, must
                        in spec.PARENTS.get(table, ()) if must]
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


def types():
    """{event: its fields}, also by the names that the API used once."""
    found = spec.read()
    found.update({old: found[name] for old, name in spec.FORMER.items()})
    return found


class State:
    """`rows` is a set of (table, row), the row being JSON without its NULLs.
    `counts` says how often each of the rules decided something.
    """

    def __init__(self, lines):
        known = types()
        self.rows = set()
        self.counts = collections.Counter()
        self.deleted = {}       # (table, key) -> (event_at, event_id) of the last
        upserts = {}            # (table, key) -> [(stamp, event, columns)]
        self.listed = {}        # (table, key) -> (stamp, item) of the one that wins
        self.listed_at = {}     # (table, key) -> when last
        good, parked = set(), []
        for line in set(lines):
            if not line.strip():
                continue
            try:
                if Item.is_one(line):
                    self.item(Item(line, known), upserts)
                    continue
                event = Event(line, known)
            except Bad as bad:
                parked.append((line, *bad.args))
                continue
            good.add(event.id)
            self.counts["of an unknown type" if event.name not in known else
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
        for (table, key), (stamp, item) in self.listed.items():
            self.row("listed_object", object=table, id=key[0],
                     sub_id=(key + ("",))[1],
                     listed_at=self.listed_at[table, key], payload=item.line,
                     item_updated_at=stamp[0], item_at=item.at)
        for (table, key), (at, event_id) in self.deleted.items():
            self.row("tombstone", object=table, id=key[0],
                     sub_id=(key + ("",))[1], event_id=event_id, event_at=at)
        for line, *named in parked:     # unless it has come corrected
            if named and named[0] in good:
                self.counts["corrected"] += 1
            else:
                self.park(line, *named)
        self.won = {}           # (table, key) -> (event, columns) of the winner
        for what, candidates in upserts.items():
            candidates.sort(key=lambda c: c[0])
            self.won[what] = candidates[-1][1:]
        for (table, key), candidates in upserts.items():
            self.contest(table, key, candidates)

    def row(self, table, **columns):
        self.rows.add((table, json.dumps(
            {n: v for n, v in columns.items() if v is not None},
            sort_keys=True)))

    def item(self, item, upserts):
        what = item.table, item.key
        self.counts["listed"] += 1
        self.listed_at[what] = max(self.listed_at.get(what, 0), item.at)
        stamp = (item.have.get("updated_at", item.at), item.at)
        if item.table in spec.REUSED:
            stamp = stamp[1:]
        if what not in self.listed or self.listed[what][0] < stamp:
            self.listed[what] = stamp, item
        upserts.setdefault(what, []).append((stamp, item, item.have))

    def park(self, line, event_id=None):
        self.counts["parked" if event_id is None else "parked by id"] += 1
        text = line.decode("utf-8", UNDECODABLE)
        named = {} if event_id is None else {"event_id": event_id}
        self.row("parked_event", kind="line", text=text, id="parked:"
                 + hashlib.sha256(mended(line)).hexdigest()[:32], **named)

    def is_gone(self, table, key):
        """Deleted, or one of the parents is that the event that wins names;
        what no event tells of is not gone."""
        won = self.won.get((table, key))
        at = self.deleted.get((table, key), (None,))[0]
        if at is not None and (table not in spec.REUSED or won is None
                               or at > won[0].at):
            return True
        return won is not None and any(self.parents_gone(table, won[1]))

    def parents_gone(self, table, have):
        for column, parent, _ in spec.PARENTS.get(table, ()):
            if column in have and self.is_gone(parent, (have[column],)):
                yield parent, (have[column],)

    def contest(self, table, key, candidates):
        """Adds the row of the event that wins, unless the object is gone."""
        _, event, have = candidates[-1]
        self.count(table, candidates)
        gone = self.deleted.get((table, key))
        if gone and (table not in spec.REUSED or gone[0] > event.at):
            self.counts["gone"] += 1
            if any(e.at > gone[0] for _, e, _ in candidates):
                self.counts["late after the delete"] += 1
            return
        parents = list(self.parents_gone(table, have))
        if parents:
            self.count_orphan(table, candidates, parents)
            stamp = event.at
            if table not in spec.REUSED:
                stamp = have.get("updated_at", event.at)
            self.row("orphan", object=table, id=key[0], sub_id=(key + ("",))[1],
                     event_id=event.id, event_at=event.at, updated_at=stamp)
            return
        self.counts["came back"] += gone is not None
        if any(any(self.parents_gone(table, h)) for _, _, h in candidates):
            self.counts["moved away in time"] += 1
        if event.id is None:    # what no item has is the newest event's
            self.counts["listed last"] += 1
            have = dict(have, **self.of_events(table, candidates))
        self.row(table, event_id=event.id, event_at=event.at, **have)

    def of_events(self, table, candidates):
        events = [h for _, e, h in candidates if e.id is not None]
        found = {n: events[-1][n] for n in spec.LISTED[table]
                 if events and n in events[-1]}
        self.counts["of an event whose parent is gone"] += bool(found) and any(
            self.parents_gone(table, events[-1]))
        return found

    def count_orphan(self, table, candidates, parents):
        self.counts["gone with its parent"] += 1
        told = [self.deleted[p][0] for p in parents if p in self.deleted]
        if not told:
            self.counts["gone with a parent that went with its own"] += 1
        elif any(e.at > told[0] for _, e, _ in candidates):
            self.counts["late child"] += 1
        if any(not any(self.parents_gone(table, h)) for _, _, h in candidates):
            self.counts["moved to what is gone"] += 1

    def count(self, table, candidates):
        if len(candidates) < 2 or table in spec.REUSED:
            return
        _, event, have = candidates[-1]
        if event.at < max(e.at for _, e, _ in candidates):
            self.counts["updated_at against the order"] += 1
        if candidates[-1][0][0] == candidates[-2][0][0]:
            self.counts["updated_at the same"] += 1
        self.counts["updated_at missing"] += "updated_at" not in have
