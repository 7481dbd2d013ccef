# SPDX-License-Identifier: MIT
"""An environment that is listed while it lives on, drawn by lot from a seed.

wos-fetch lists the objects of a stand-in in which things happen between its
requests, and whose clock is up to a minute wrong.  The Events API does not tell
of the beginning any more.
"""

import argparse
import email.utils
import json
import os
import random
import subprocess
import sys
import threading

import spec

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The stand-in has a module of that name, too.
_server = sys.modules.pop("server", None)
sys.path.insert(0, os.path.join(ROOT, "test/api"))

from api import EventsApi, ObjectsApi   # noqa: E402
from catalogue import event_names       # noqa: E402
from events import Events               # noqa: E402
from lists import Lists                 # noqa: E402
from objects import Objects             # noqa: E402
from server import Server               # noqa: E402

sys.path.remove(os.path.join(ROOT, "test/api"))
del sys.modules["server"]
if _server:
    sys.modules["server"] = _server

# Events are a minute apart: an item of a list may seem two minutes old, for its
# margin and for the clock, and the events since then have to be there.
RECENT = 4
SKEW = 60000

# What a list alone knows, or an event's row has and a list's has not, besides
# what items lack.
OTHERWISE = {"organization": {"domains"}, "organization_role": {"id"}}


class Living(Lists):
    """Before it answers, something may have happened."""

    def __init__(self, world, chance, happen):
        super().__init__(world, gone_cursor=chance.choice(("first", "next")))
        self.chance, self.happen = chance, happen
        self.lock = threading.Lock()

    def answer(self, path, query):
        with self.lock:
            if self.chance.random() < .3:
                self.happen()
        return super().answer(path, query)


class Past:
    """`events` are all lines, `known` those that the API still has, `items` what
    it listed, in between."""

    def __init__(self, seed, folder):
        self.chance = random.Random(seed)
        self.events = subprocess.run(
            [sys.executable, os.path.join(ROOT, "test/api/make-world"),
             str(self.chance.randint(2, 9)), str(seed)],
            check=True, stdout=subprocess.PIPE).stdout.splitlines()
        cut = self.chance.randrange(len(self.events) // 4,
                                    len(self.events) - RECENT)
        self.known = self.events[cut:]
        self.told = RECENT
        self.folder = folder
        self.file = self.write("events", self.known[:RECENT])
        self.items = self.listed(self.write("before", self.events[:cut]))

    def write(self, name, lines):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(b"".join(line + b"\n" for line in lines))
        return path

    def happen(self):
        """Some more of what will have been known in the end."""
        more = self.known[self.told:self.told + self.chance.randint(1, 3)]
        self.told += len(more)
        with open(self.file, "ab") as f:
            f.write(b"".join(line + b"\n" for line in more))
        self.set_clock()

    def set_clock(self):
        line = self.known[self.told - 1].decode()
        at = spec.milliseconds(json.loads(line)["created_at"]) + self.skew
        self.options.date = email.utils.formatdate(at // 1000, usegmt=True)

    def listed(self, before):
        self.skew = self.chance.randint(-SKEW, SKEW)
        self.options = argparse.Namespace(
            tls=None, log=None, latency=0, jitter=0, date=None,
            key="sk_test_standin", fault=[], rate=None,
            rate_users="1000/10", rate_directory="4/1")
        self.set_clock()
        events, past = Events(self.file), Events(before)
        past.refresh()
        world = Objects(events, past)
        server = Server(0, EventsApi(events, event_names()), ObjectsApi(world),
                        Living(world, self.chance, self.happen), self.options)
        thread = threading.Thread(target=server.serve_forever, args=(.01,))
        thread.start()
        try:
            return subprocess.run(
                [os.path.join(ROOT, "fetch/wos-fetch"),
                 "--list=" + ",".join(spec.LISTED), "--rate", "1000", "--jobs", str(self.chance.choice((1, 4)))],
                check=True, stdout=subprocess.PIPE, env=dict(
                    os.environ, WORKOS_API_KEY="sk_test_standin",
                    WORKOS_BASE_URL="http://127.0.0.1:%d"
                    % server.server_address[1])).stdout.splitlines()
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def comparable(rows):
    """Of a database's rows, what lists and events both tell of."""
    found = set()
    for table, row in rows:
        if table in spec.LISTED:
            less = {"event_id", "event_at", *spec.LISTED[table],
                    *OTHERWISE.get(table, ())}
            found.add((table, json.dumps(
                {n: v for n, v in json.loads(row).items()
                 if n not in less}, sort_keys=True)))
    return found


def lacking(rows):
    """What items lack of those that have some of it."""
    found = set()
    for table, row in rows:
        row = json.loads(row)
        some = {n: row[n] for n in spec.LISTED.get(table, ()) if n in row}
        if some:
            found.add((table, json.dumps(dict(some, id=row["id"]),
                                         sort_keys=True)))
    return found
