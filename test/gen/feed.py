# SPDX-License-Identifier: MIT
"""A copy of the tables that is made of the change feed alone, by who knows no
more than wos-apply(1) says of its lines; and the tables as they are, to
compare.  Numbers and JSON are values: see `state`.
"""

import json
import re


class Wrong(Exception):
    """A line that can't follow those before it."""


class Copy:
    """Tables, of lines of the feed."""

    def __init__(self, exact):
        self.exact = exact      # for json.loads
        self.tables = {}        # {table: {key: {column: value}}}
        self.events = set()     # ids that there have been,
        self.event = None       # and the last of them
        self.lines = 0

    def take(self, text):
        """Lines, each with its newline."""
        lines = text.split(b"\n")
        if lines.pop():
            raise Wrong("half a line")
        for line in lines:
            try:
                self.change(json.loads(line, **self.exact))
            except Wrong as wrong:
                raise Wrong("%s: %s" % (wrong, line.decode()))
            self.lines += 1

    def change(self, line):
        table = self.tables.setdefault(line["table"], {})
        self.follow(line["event_id"])
        key = json.dumps(line["key"], sort_keys=True)
        row = table.get(key)
        old = line.get("old", {})
        if line["op"] == "insert":
            if row is not None or old:
                raise Wrong("it is there")
            table[key] = {**line["key"], **line["new"]}
            return
        if row is None:
            raise Wrong("it is not there")
        if any(row.get(name) != value for name, value in old.items()):
            raise Wrong("it is %s" % row)
        if line["op"] == "delete":
            if {**line["key"], **old} != row:
                raise Wrong("it is %s" % row)
            del table[key]
        elif line["op"] == "update":
            if not line["new"] or set(old) != set(line["new"]):
                raise Wrong("not the same columns")
            row.update(line["new"])
            for name in [n for n, value in row.items() if value is None]:
                del row[name]
        else:
            raise Wrong("no change")

    def follow(self, event):
        """An event has all its lines together, and comes once."""
        if event not in (None, self.event) and event in self.events:
            raise Wrong("it comes again")
        if event is not None:
            self.event = event
            self.events.add(event)

    def rows(self):
        return {(table, json.dumps(row, sort_keys=True))
                for table, rows in self.tables.items()
                for row in rows.values()}


def types(schema):
    """{table: {column: its type}} of PostgreSQL's DDL."""
    found, table = {}, None
    for line in schema.splitlines():
        name = re.match(r'CREATE TABLE IF NOT EXISTS "(\w+)"', line)
        column = re.match(r'\t"(\w+)" (\w+)', line)
        if name:
            table = found.setdefault(name.group(1), {})
        elif column:
            table[column.group(1)] = column.group(2).lower()
    return found


def told(rows, bookkeeping):
    """Those of the rows that the feed is about."""
    return {(table, row) for table, row in rows if table not in bookkeeping}
