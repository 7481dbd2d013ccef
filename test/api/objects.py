# SPDX-License-Identifier: MIT
"""The objects that there are: what all events so far have made of them.

Those of another file, which the Events API does not list any more, have come
before: so there are objects that no event speaks of.
"""

import json
import threading

from catalogue import tables


def at(data, path):
    """The value at a path of members, or None."""
    for name in path.split(".") if path else ():
        data = data.get(name) if isinstance(data, dict) else None
    return data


class Objects:
    def __init__(self, events, before=None):
        self.events, self.before = events, before
        self.tables, self.effects = tables()
        self.lock = threading.Lock()
        self.seen = -1
        self.rows = {}          # table -> {key: data}

    def refresh(self):
        """Makes them anew if something has happened since."""
        with self.lock:
            self._refresh()

    def _refresh(self):
        self.events.refresh()
        happened = list(self.before.events) if self.before else []
        happened += self.events.events
        if len(happened) == self.seen:
            return
        self.seen = len(happened)
        self.rows = {name: {} for name in self.tables}
        self.stamps, self.gone = {}, {}
        for e in happened:      # each file's are in order, and so are the two
            if e.name in self.effects:
                self._take(e, json.loads(e.raw)["data"])

    def of(self, table):
        """All objects of a table: {key: data}; one name of a key is a str."""
        return self.rows[table]

    def get(self, table, key):
        return self.rows[table].get(key)

    @staticmethod
    def key(table, data):
        key = tuple(at(data, path) for path in table.keys)
        return key[0] if len(key) == 1 else key

    def _take(self, event, data):
        for table, effect, path in self.effects[event.name]:
            there = at(data, path)
            if effect == "UPSERT":
                self._upsert(table, self.key(table, there), there, event.time)
            elif path:
                self._delete(table, there, event.time)
            else:
                self._delete(table, self.key(table, there), event.time)

    def _upsert(self, table, key, data, time):
        stamp = (not table.reused and data.get("updated_at") or "", time)
        if (table.name, key) in self.gone and not table.reused:
            return
        if any((name, at(data, path)) in self.gone
               for name, path in table.parents):
            return
        if stamp >= self.stamps.get((table.name, key), ("", 0)):
            self.stamps[table.name, key] = stamp
            self.rows[table.name][key] = data

    def _delete(self, table, key, time):
        self.rows[table.name].pop(key, None)
        if not table.reused:
            self.gone[table.name, key] = time
        for child in self.tables.values():
            for name, path in child.parents:
                if name == table.name:
                    for k, data in list(self.rows[child.name].items()):
                        if at(data, path) == key:
                            self._delete(child, k, time)
