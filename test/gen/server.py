# SPDX-License-Identifier: MIT
"""A database on a server, by psql: its rows, whoever made them."""

import json
import subprocess


def is_one(where):
    """Is this a connection string, as helper.bash makes them, and no path?"""
    return where.startswith(("service=", "host="))


def psql(where, text):
    return subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", where],
        input=text.encode(), check=True, stdout=subprocess.PIPE).stdout


def columns(where):
    """{table: {column: its type}}"""
    found = {}
    for line in psql(where, """
            SELECT json_build_array(table_name, column_name, data_type)
            FROM information_schema.columns
            WHERE table_schema = current_schema()""").splitlines():
        table, column, kind = json.loads(line)
        found.setdefault(table, {})[column] = kind
    return found


def rows(where, **how):
    """[(table, {column: value})] of all tables but the writers' lock; `how` is
    for json.loads."""
    ask = psql(where, """
        SELECT format('SELECT json_build_array(%L, to_jsonb(t)) FROM %I AS t;',
            table_name, table_name) FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
        AND table_name <> 'sync_lock'""").decode()
    return [tuple(json.loads(line, **how))
            for line in psql(where, ask).splitlines()]
