#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one would write in an afternoon: events from standard input into the
same tables, with Python's json and sqlite3.  No tombstones, no stamps, no
cursor, nothing parked, but the ledger, the columns and the indexes are there.

usage: events.py DATABASE      (made with wos-apply --schema sqlite)
"""
import datetime
import json
import sqlite3
import sys

TABLES = {"organization_membership": "organization_membership",
          "organization": "organization", "user": "user",
          "session": "session", "dsync.user": "directory_user",
          "dsync": "directory", "authentication": "authentication"}
NESTED = {"role": "slug", "error": ("code", "message")}
TIMES = ("created_at", "updated_at", "expires_at", "ended_at",
         "last_sign_in_at")


def ms(text):
    return int(datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp() * 1000)


def row_of(data, columns):
    row = {}
    for name, value in data.items():
        if name in NESTED and isinstance(value, dict):
            for part, v in value.items():
                row[name + "_" + part] = v
        elif name in TIMES and value is not None:
            row[name] = ms(value)
        elif isinstance(value, (dict, list)):
            row[name] = json.dumps(value)
        else:
            row[name] = value
    return [row.get(c) for c in columns]


def main():
    db = sqlite3.connect(sys.argv[1], isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -32768")
    db.execute("PRAGMA wal_autocheckpoint = 4000")
    columns, upserts = {}, {}
    for table in TABLES.values():
        info = db.execute("SELECT name, pk FROM pragma_table_info(?)",
                          (table,)).fetchall()
        columns[table] = [name for name, _ in info]
        key = [name for name, pk in info if pk][0]
        upserts[table] = 'INSERT INTO "%s" VALUES (%s) ON CONFLICT ("%s") ' \
            'DO UPDATE SET %s' % (
                table, ",".join("?" * len(info)), key,
                ",".join('"%s" = excluded."%s"' % (c, c)
                         for c, pk in info if not pk))
    db.execute("BEGIN")
    for n, line in enumerate(sys.stdin, 1):
        event = json.loads(line)
        at = ms(event["created_at"])
        db.execute('INSERT INTO "events_cursor" ("event_id", "event_payload",'
                   ' "created_at", "event_type") VALUES (?, ?, ?, ?)'
                   ' ON CONFLICT DO NOTHING',
                   (event["id"], line[:-1], at, event["event"]))
        family, what = event["event"].rsplit(".", 1)
        table = TABLES.get(family)
        if table is not None and what == "deleted":
            db.execute('DELETE FROM "%s" WHERE "id" = ?' % table,
                       (event["data"]["id"],))
        elif table is not None:
            data = dict(event["data"], event_id=event["id"], event_at=at,
                        event_type=event["event"])
            db.execute(upserts[table], row_of(data, columns[table]))
        if n % 1000 == 0:
            db.execute("COMMIT")
            db.execute("BEGIN")
    db.execute("COMMIT")
    db.close()


if __name__ == "__main__":
    main()
