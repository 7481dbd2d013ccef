# SPDX-License-Identifier: MIT
"""The databases: made as new, looked into, and compared.

What a database has is a list of rows, without the columns that say when
something was done here, and without the tables that are about runs.
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
import urllib.request

import place
from place import LIMIT, ROOT, Fault, NotHere

WHEN = {"processed_at", "parked_at", "moved_at", "tail_seen_at", "seq",
        "asked_at", "refused_at"}
ABOUT_RUNS = {"sync_run", "sync_lock", "verified"}


class End:
    """What all of them share."""

    env = {}

    def __init__(self, where):
        self.place = where
        self.make()
        self.wanted = None
        self.kept = {}          # what other runs come to
        self.holds = None       # what has been done to it for the next runs

    def undisturbed(self):
        """What the database has after a run that nothing disturbs."""
        if self.wanted is None:
            self.fresh()
            began = time.monotonic()
            self.converge()
            self.takes = time.monotonic() - began
            self.wanted = self.rows()
            if not any(row.startswith('["user"') for row in self.wanted):
                raise Fault("%s: an undisturbed run brought no users" % self.kind)
        return self.wanted

    def converge(self):
        """One more run, which nothing disturbs: status 0."""
        run = self.place.sync(self)
        status = run.gone()
        if status != 0:
            raise Fault("the next run: status %d: %s" % (status, run.said()))

    def same(self, wanted=None):
        """What is there is what an undisturbed run has."""
        wanted = wanted or self.wanted
        rows = self.rows()
        if rows != wanted:
            raise Fault("other rows: lacks %s, has %s" % (
                less(wanted, rows), less(rows, wanted)))

    def consistent(self):
        """The cursor is the newest event of the ledger, or both are not there."""
        cursor, newest = self.ask(
            "SELECT (SELECT max(event_id) FROM sync_cursor), "
            "(SELECT max(event_id) FROM events_cursor)")
        if cursor != newest:
            raise Fault("the cursor is %s, the newest event %s"
                        % (cursor, newest))


def less(some, others):
    others = set(others)
    return [row[:200] for row in some if row not in others][:3]


def rows_of(connection):
    """Of a SQLite file."""
    rows = []
    for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND "
            "name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'"):
        if table in ABOUT_RUNS:
            continue
        found = connection.execute('SELECT * FROM "%s"' % table)
        names = [column[0] for column in found.description]
        for row in found:
            rows.append(json.dumps([table, {
                n: v for n, v in zip(names, row) if n not in WHEN}], default=str))
    return sorted(rows)


class Sqlite(End):
    kind = "sqlite"

    def make(self):
        self.name = self.place.file("app.db")
        self.template = self.place.file("template.db")
        apply(self.place, {}, self.template)
        self.open = lambda: contextlib.closing(sqlite3.connect(self.name))

    def files(self):
        return [self.name + suffix for suffix in ("", "-wal", "-shm", "-journal")]

    def fresh(self, tables=True):
        for name in self.files():
            if os.path.exists(name):
                os.remove(name)
        if tables:
            shutil.copy(self.template, self.name)

    def rows(self):
        with self.open() as connection:
            return rows_of(connection)

    def ask(self, statement):
        with self.open() as connection:
            return connection.execute(statement).fetchone()

    def consistent(self):
        if not os.path.exists(self.name):
            return
        if self.ask("PRAGMA integrity_check") != ("ok",):
            raise Fault("PRAGMA integrity_check is not content")
        if self.ask("SELECT count(*) FROM sqlite_master WHERE name IN "
                    "('sync_cursor', 'events_cursor')") == (2,):
            super().consistent()


class Postgres(End):
    kind = "postgres"
    name = "service=app"

    def make(self):
        if not self.shell("type -P initdb || :"):
            raise NotHere("there is no PostgreSQL server")
        self.server = self.shell("pg_make").strip()
        self.service = self.place.file("pg_service.conf")
        with open(self.service, "w") as conf:
            for name in "app", "postgres":
                conf.write("[%s]\nhost=%s\nuser=wos\ndbname=%s\n"
                           % (name, self.server, name))
        self.env = {"PGSERVICEFILE": self.service}
        self.psql = self.shell("type -P psql").strip()
        self.everything, self.sessions = None, {}
        self.fresh(tables=False)
        apply(self.place, self.env, self.name)

    def shell(self, *command):
        """A function of the tests of PostgreSQL."""
        return subprocess.run(
            ["bash", "-c", '. "$0"; pg_path; %s "$@"' % command[0],
             ROOT + "/test/pg.bash", *command[1:]], stdout=subprocess.PIPE,
            env=dict(os.environ, BATS_ROOT_PID=str(os.getpid())), check=True,
            text=True, timeout=LIMIT).stdout

    def sql(self, *statements, database="app"):
        """What they print, each a transaction; psql stays for the next ones."""
        psql = self.sessions.get(database)
        if psql is None or psql.poll() is not None:
            psql = self.sessions[database] = subprocess.Popen(
                [self.psql, "-XAtq", "-d", "service=" + database], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, env=dict(self.place.env, **self.env))
            self.place.servers.append(psql)
        psql.stdin.write("".join(s + ";\n" for s in statements)
                         + "\\echo the end\n")
        psql.stdin.flush()
        found = "".join(iter(psql.stdout.readline, "the end\n"))
        if "ERROR:" in found:
            raise Fault("psql: " + found.strip())
        return found

    def leave(self, *databases):
        """Ends the sessions, as before the database is dropped."""
        for database in databases:
            if database in self.sessions:
                psql = self.sessions.pop(database)
                psql.communicate()
                self.place.servers.remove(psql)

    def rest(self):
        """Waits until the server has nothing to do for a client that is gone."""
        until = time.monotonic() + LIMIT
        while self.sql("SELECT count(*) FROM pg_stat_activity WHERE "
                       "application_name = 'wos-apply'",
                       database="postgres").strip() != "0":
            if time.monotonic() > until:
                raise Fault("the server works on for a client that is gone")
            time.sleep(0.01)

    def fresh(self, tables=True):
        if tables:
            self.sql("DO $$ DECLARE t text; "
                     "BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE "
                     "schemaname = 'public' LOOP EXECUTE format("
                     "'DELETE FROM %I', t); END LOOP; END $$")
            return
        self.leave("app")
        self.sql("DROP DATABASE IF EXISTS app", "CREATE DATABASE app "
                 "TEMPLATE template0", database="postgres")

    def rows(self):
        self.rest()
        if self.everything is None:
            tables = self.sql("SELECT tablename FROM pg_tables WHERE "
                              "schemaname = 'public'").split()
            when = "ARRAY[%s]" % ",".join("'%s'" % name for name in sorted(WHEN))
            self.everything = " UNION ALL ".join(
                "SELECT json_build_array('%s', to_jsonb(t) - %s)::text "
                'FROM "%s" AS t' % (table, when, table)
                for table in tables if table not in ABOUT_RUNS)
        return sorted(self.sql(self.everything).splitlines())

    def ask(self, statement):
        self.rest()
        row = self.sql(statement).rstrip("\n").split("|")
        return tuple(value or None for value in row)

    def consistent(self):
        if self.ask("SELECT count(*) FROM pg_tables WHERE tablename IN "
                    "('sync_cursor', 'events_cursor')") == ("2",):
            super().consistent()


class D1(End):
    kind = "d1"
    account, token = "0123456789abcdef0123456789abcdef", "d1_standin"

    def make(self):
        self.url = self.place.serve(ROOT + "/test/d1/d1-api")
        self.env = {"CLOUDFLARE_API_BASE_URL": self.url,
                    "CLOUDFLARE_API_TOKEN": self.token}
        self.name = "d1:%s/app" % self.account
        self.fresh(tables=False)
        apply(self.place, self.env, self.name)

    def fresh(self, tables=True):
        if not tables:
            self.about = self.api("", {"name": "app"})
            return
        with contextlib.closing(sqlite3.connect(self.about["file"])) as c:
            c.execute("PRAGMA busy_timeout = 10000")
            for (table,) in c.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name "
                    "NOT LIKE 'sqlite_%' AND substr(name, 1, 4) <> '_cf_'"
                    ).fetchall():
                c.execute('DELETE FROM "%s"' % table)
            c.commit()

    def api(self, path, body):
        request = urllib.request.Request(
            "%s/accounts/%s/d1/database%s" % (self.url, self.account, path),
            json.dumps(body).encode(),
            {"Authorization": "Bearer " + self.token})
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return json.load(answer)["result"]

    def open(self):
        return contextlib.closing(sqlite3.connect(self.about["file"], 10))

    def rows(self):
        with self.open() as connection:
            return rows_of(connection)

    def ask(self, statement):
        with self.open() as connection:
            return connection.execute(statement).fetchone()

    def consistent(self):
        if self.ask("SELECT count(*) FROM sqlite_master WHERE name IN "
                    "('sync_cursor', 'events_cursor')") == (2,):
            super().consistent()


def apply(where, env, *arguments):
    """wos-apply, which does not fail."""
    run = place.Run(where, ["wos-apply", *arguments], env)
    if run.gone() != 0:
        raise Fault("wos-apply: %s" % run.said())


ENDS = {end.kind: end for end in (Sqlite, Postgres, D1)}
