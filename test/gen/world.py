# SPDX-License-Identifier: MIT
"""A stream of events about a few objects, made from a seed: what an API might
send, and much that it had better not.

Objects are made, changed and deleted without regard to sense: updates come
before creates and after deletes, children of what is gone, updated_at runs
against the order of events or is missing, times have all the forms that have
been seen, objects move to other parents and back, and some lines that can't be
decoded come again, corrected.  Only what design.md excludes is left out: no two
events that write the same row or tombstone happen in the same millisecond.
"""

import random

import model
import spec

TYPES = model.types()

BEGIN = 1790000000000           # of the stream, in Unix milliseconds

TEXTS = ("", "Ada", "O'Neill", "it''s", 'say "so"', "\u00e9t\u00e9",
         "\U0001f600\u200d", "a\nb\tc\\", "'); DROP TABLE \"user\";--", "%s$1?",
         "NULL", "null", "nul\0nul", "\ufffd", "-- ", "/*", "x" * 300)

VALUES = ({}, [], {"a": None}, {"k": "it's", "n": {"deep": [1, True]}},
          {"\u00e9": 12345678901234567890}, ["x", "y'z"], "text", 0, True)

# How often an event is about a table's objects; the rest are facts and such.
WEIGHTS = {
    "user": 6, "organization": 4, "organization_membership": 12,
    "organization_domain": 8, "role": 8, "organization_role": 8,
    "directory": 5, "directory_user": 10, "directory_group": 6,
    "directory_group_membership": 14, "group": 5, "group_member": 12,
    "session": 5, "api_key": 5, "agent_instance": 5, "agent_instance_session": 5,
}

# How often such an event is a delete; parents' take much along.
DELETES = {
    "user": .05, "organization": .06, "directory": .06, "group": .04,
    "role": .35, "organization_role": .35, "directory_group_membership": .4,
    "group_member": .4,
}


def is_parked_by_id(line):
    try:
        model.Event(line.encode(), TYPES)
    except model.Bad as bad:
        return bool(bad.args)
    return False


class World:
    """`lines` are the events' lines, as bytes, in the order of the stream."""

    def __init__(self, seed, count, bad=.03, listed=0):
        self.bad = bad              # how many of the lines are no events
        self.listed = listed        # how many items of lists to an event
        self.chance = random.Random(seed)
        self.spec = spec.read()
        self.pools = {}             # table -> [{key or parent column: value}]
        self.pool_size = max(5, count // 200)
        self.events = {}            # table -> ([upserts], [deletes])
        self.facts = []
        for name, fields in self.spec.items():
            for effect, table, place in spec.effects(name, fields):
                if effect == "insert" and len(
                        spec.effects(name, fields)) == 1:
                    self.facts.append(name)
                elif effect != "insert" and place == "":
                    self.events.setdefault(table, ([], []))[
                        effect == "delete"].append(name)
        # A nested domain: the one event that is about a table by a place.
        self.events["organization_domain"][0].append(
            "organization_domain.verification_failed")
        for old, name in spec.FORMER.items():
            self.spec[old] = self.spec[name]
            for upserts, deletes in self.events.values():
                for names in (upserts, deletes):
                    if name in names:
                        names.append(old)
        self.number = 0
        self.lines = []
        for _ in range(count):
            self.lines.append(self.draft())
        self.chance.shuffle(self.lines)
        self.lines = self.in_time(self.lines)

    # Objects.

    def object(self, table):
        """The names of one object of the table: old, or a new one."""
        pool = self.pools.setdefault(table, [])
        if len(pool) == self.pool_size or (
                pool and self.chance.random() < .7):
            return self.chance.choice(pool)
        made = self.parents(table)
        if table == "directory_group_membership":
            group = self.object("directory_group")
            user = self.object("directory_user")
            # Its directory is what the event says; it need not make sense.
            made = {"group_id": group["id"], "user_id": user["id"],
                    "directory_id": group["directory_id"],
                    "group": group, "user": user}
        for key in spec.keys(table):
            made.setdefault(key, "%s_%d" % (table, len(pool)))
        for other in pool:
            if all(other[k] == made[k] for k in spec.keys(table)):
                return other        # the same two again: one relation
        pool.append(made)
        return made

    def parents(self, table):
        """{column: a parent's id}, of those that must be there or may be."""
        found = {}
        for column, parent, must in spec.PARENTS.get(table, ()):
            if must or self.chance.random() < .9:
                found[column] = self.object(parent)["id"]
        return found

    def moved(self, table, thing, share=.15):
        """The object as this event has it: some have another parent for good,
        some for once."""
        if self.chance.random() >= share:
            return thing
        found = dict(thing)
        for column, value in self.parents(table).items():
            if column not in spec.keys(table) and self.chance.random() < .5:
                found[column] = value
        if self.chance.random() < .5:
            thing.update(found)
        return found

    # Values.

    def time(self, ms):
        """The time in one of the forms that have been seen."""
        text = spec.stamp(ms)
        form = self.chance.random()
        if form < .85:
            return text
        if form < .89:
            return text[:-1].replace("T", " ")
        if form < .93:
            return text[:-1] + "%03d" % self.chance.randrange(1000) + "Z"
        if form < .97:
            return spec.stamp(ms + 5400000)[:-1] + "+01:30"
        return text[:-5] + "Z" if ms % 1000 == 0 else text

    def value(self, field):
        kind = field.type
        if field.is_time():
            return self.time(BEGIN + self.chance.randrange(10 ** 9))
        if kind == "boolean":
            return self.chance.random() < .5
        if kind == "integer":
            return self.chance.randrange(-2 ** 63, 2 ** 63)
        if kind.startswith(("array", "object")):
            return self.chance.choice(VALUES)
        if kind.startswith('"'):
            return kind.strip('"')
        if self.chance.random() < .02:
            return self.chance.choice(VALUES)       # text columns take it
        return self.chance.choice(TEXTS)

    def members(self, fields, above=()):
        """An object of the event's type, or of what it has below `above`."""
        found, above = {}, list(above)
        for f in fields:
            if f.names[:-1] != above or any(f.array):
                continue
            if f.variant and f.variant != 1 + self.number % 2:
                continue
            lacks = self.chance.random()
            if lacks < (.05 if f.required else .3):
                continue
            if lacks > (.98 if not f.nullable else .75):
                found[f.name] = None
            elif f.has_parts:
                found[f.name] = self.members(fields, f.names)
            else:
                found[f.name] = self.value(f)
        return found

    # Events.

    def draft(self):
        """One event without its times: (event, data to stamp, rows written)."""
        self.number += 1
        what = self.chance.random()
        if what < .03:
            return self.unknown()
        if what < .13:
            return self.fact()
        if what < .85:
            table = self.chance.choices(list(WEIGHTS), WEIGHTS.values())[0]
        else:
            table = self.chance.choice(list(self.events))
        upserts, deletes = self.events[table]
        if deletes and self.chance.random() < DELETES.get(table, .08):
            name = self.chance.choice(deletes)
        else:
            name = self.chance.choice(upserts)
        return self.about(name, table, self.object(table))

    def event(self, name, data):
        return {"object": "event", "id": "event_%06d" % self.number,
                "event": name, "data": data, "created_at": None, "context": {}}

    def unknown(self):
        data = self.chance.choice(VALUES + (None,))
        return self.event("widget.%s" % self.chance.choice("abc"), data), [], set()

    def fact(self):
        name = self.chance.choice(self.facts)
        return self.event(name, self.members(self.spec[name])), [], set()

    def about(self, name, table, thing):
        fields = self.spec[name]
        data = self.members(fields)
        stamped, rows = [data], {(table, tuple(thing[k] for k in spec.keys(table)))}
        thing = self.moved(table, thing)
        if table == "directory_group_membership":
            for part in ("group", "user"):
                data[part] = self.members(fields, [part])
                data[part].update(
                    self.moved("directory_" + part, thing[part]))
                rows.add(("directory_" + part, thing[part]["id"]))
            data["directory_id"] = thing["directory_id"]
            stamped = [data["group"], data["user"]]
        elif name == "organization_domain.verification_failed":
            data["organization_domain"] = inner = self.members(
                fields, ["organization_domain"])
            inner.update(thing)
            stamped = [inner]
        elif table == "api_key":
            data["id"] = thing["id"]
            data["owner"] = {
                "type": "user", "id": thing.get("owner_id"),
                "organization_id": thing.get("owner_organization_id")}
        elif name == "agent.registration.deleted":
            data["agent_registration_id"] = thing["id"]
        else:
            data.update(thing)
        return self.event(name, data), stamped, rows

    # Times.

    def updated_at(self, data, at, last):
        """Sets it, or leaves it out, in one of the ways it may be wrong."""
        if "updated_at" not in data:
            return
        way = self.chance.random()
        if way < .05:
            del data["updated_at"]
        elif way < .08:
            data["updated_at"] = None
        elif way < .25:         # against the order of events
            data["updated_at"] = self.time(self.chance.randint(BEGIN, last))
        elif way < .40:         # one of a few: the same as another event's
            data["updated_at"] = self.time(
                BEGIN + (last - BEGIN) // 4 * self.chance.randrange(5))
        else:
            data["updated_at"] = self.time(at - self.chance.randrange(9))

    def in_time(self, drafts):
        """The drafts with their times, as lines; bad ones among them."""
        lines, again, at, written = [], [], BEGIN, set()
        self.times = set()
        last = BEGIN + 7 * len(drafts)
        for event, stamped, rows in drafts:
            if written & rows or self.chance.random() < .8:
                at, written = at + self.chance.randint(1, 7), set()
            written |= rows
            self.times.add(at)
            event["created_at"] = self.time(at)
            for data in stamped:
                self.updated_at(data, at, last)
            line = spec.compact(event)
            if self.chance.random() < self.bad:
                good, line = line, self.spoil(event, line)
                if is_parked_by_id(line):
                    again.append(good.encode())
            line = line.encode()
            if self.chance.random() < self.bad / 3:
                line = line.replace(b"Ada", b"A\xffa")
            lines.append(line)
        lines += self.items(int(len(drafts) * self.listed), last)
        for line in again:      # corrected, sooner or later or never
            if self.chance.random() < .7:
                lines.insert(self.chance.randrange(len(lines) + 1), line)
        return lines

    def items(self, count, last):
        """Lines of lists.  An item's time is no event's, nor another item's."""
        found = []
        times = self.chance.sample(range(BEGIN, last), count) if count else ()
        tables = [t for t in spec.LISTED for _ in range(6 if spec.LISTED[t] else 1)]
        for at in times:
            if at in self.times:
                continue
            table = self.chance.choice(tables)
            thing = self.moved(table, self.object(table),
                               .6 if spec.LISTED[table] else .15)
            item, parent = self.item(table, thing)
            self.updated_at(item, at, last)
            line = {"object": "list_item", "of": table}
            if parent is not None:
                line["parent"] = parent
            line.update(listed_at=spec.stamp(at), data=item)
            found.append(spec.compact(line).encode())
        return found

    def item(self, table, thing):
        """An item of a list, and the id that it was listed by."""
        item = self.members(self.spec[spec.like(table)])
        if table == "directory_group_membership":
            return {"id": thing["user_id"],
                    "directory_id": thing["directory_id"]}, thing["group_id"]
        if table == "group_member":
            return {"id": thing["organization_membership_id"],
                    "user_id": "user_0"}, thing["group_id"]
        if table == "api_key":
            item["id"] = thing["id"]
            item["owner"] = {
                "type": "user", "id": thing.get("owner_id"),
                "organization_id": thing.get("owner_organization_id")}
        else:
            item.update(thing)
        for name in spec.LISTED[table]:
            item.pop(name, None)
        if table == "directory":
            item["state"] = self.chance.choice(
                ("linked", "unlinked", "validating"))
        parent = None
        if table == "organization_role":
            parent = item.pop("organization_id")
        if table == "connected_account":
            item.pop("data_integration_id", None)
            parent = "data_integration_1"
        return item, parent

    def spoil(self, event, line):
        """A line that can't be decoded, or that is odd and can be."""
        data = event["data"]
        ways = [
            lambda: line[:self.chance.randrange(len(line))],
            lambda: line + "}",
            lambda: spec.compact(dict(event, id=None)),
            lambda: spec.compact(dict(event, id="two words")),
            lambda: spec.compact(dict(event, id="parked:1")),
            lambda: spec.compact(dict(event, id='"' + event["id"])),
            lambda: spec.compact(dict(event, event=17)),
            lambda: spec.compact(dict(event, event="")),
            lambda: spec.compact(dict(event, event="widget." + "k" * 600)),
            lambda: spec.compact(dict(event, created_at="yesterday")),
            lambda: spec.compact(dict(event, created_at=None)),
            lambda: spec.compact(dict(event, data="none")),
            lambda: spec.compact({k: event[k] for k in event if k != "data"}),
            lambda: spec.compact([event]),
            lambda: spec.compact(event["id"]),
        ]
        if isinstance(data, dict) and data:
            name = self.chance.choice(list(data))
            values = [None, 7, {"x": []}, "", "k" * 600]
            if not name.endswith(("id", "slug")):   # objects stay where they are
                values += ["soon", "two\0"]
            for value in values:
                ways.append(lambda v=value: spec.compact(
                    dict(event, data=dict(data, **{name: v}))))
            ways.append(lambda: spec.compact(dict(
                event, data={k: data[k] for k in data if k != name})))
        return self.chance.choice(ways)()
