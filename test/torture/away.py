# SPDX-License-Identifier: MIT
"""What is at the other end goes away for a moment: the API, PostgreSQL or D1."""

import random
import selectors
import socket
import threading
import time
import urllib.parse

from ends import ENDS
from place import Family, Fault

AWAY_MOST = 1.0     # seconds
STATUSES = {0, 1, 75}


class Gate:
    """Stands in front of a server.  After so many bytes of its answers it is gone:
    all connections end, and no new one is taken for `seconds`."""

    def __init__(self, url):
        self.url = urllib.parse.urlsplit(url)
        self.listener = self.listen(0)
        self.port = self.listener.getsockname()[1]
        self.left, self.seconds, self.went = None, 0, False
        self.pairs = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        threading.Thread(target=self.serve, daemon=True).start()

    def address(self):
        return self.url._replace(netloc="127.0.0.1:%d" % self.port).geturl()

    @staticmethod
    def listen(port):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(16)
        return listener

    def goes(self, after, seconds):
        self.went, self.seconds, self.left = False, seconds, after

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj in self.pairs:
                    self.pass_on(key.fileobj)
                if self.left is not None and self.left <= 0:
                    self.leave()
                    break

    def accept(self):
        client, _ = self.listener.accept()
        server = socket.create_connection((self.url.hostname, self.url.port))
        for one, other in (client, server), (server, client):
            self.pairs[one] = other
            self.selector.register(one, selectors.EVENT_READ, one is server)

    def pass_on(self, one):
        other = self.pairs[one]
        answers = self.selector.get_key(one).data
        try:
            data = one.recv(65536)
            if answers and self.left is not None:
                data = data[:self.left]
                self.left -= len(data)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            self.part(one, other)

    def part(self, *ends):
        for end in ends:
            self.selector.unregister(end)
            del self.pairs[end]
            end.close()

    def leave(self):
        while self.pairs:
            self.part(*next(iter(self.pairs.items())))
        self.selector.unregister(self.listener)
        self.listener.close()
        time.sleep(self.seconds)
        self.left, self.went = None, True
        self.listener = self.listen(self.port)
        self.selector.register(self.listener, selectors.EVENT_READ)


def gate(where, name, url):
    if name not in where.gates:
        where.gates[name] = Gate(url)
    return where.gates[name]


def api(where, end, _, n):
    """The API is gone, after some bytes of its answers."""
    return behind(where, end, n, "the API", "WORKOS_BASE_URL",
                  where.env["WORKOS_BASE_URL"], 6000)


def d1(where, end, _, n):
    return behind(where, end, n, "D1", "CLOUDFLARE_API_BASE_URL", end.url, 20000)


def behind(where, end, n, name, variable, url, most):
    chance = random.Random("%s away %s %s %d" % (where.seed, end.kind, name, n))
    end.undisturbed()
    end.fresh(tables=n % 5 != 0)
    between = gate(where, name, url)
    between.goes(chance.randrange(1, most), chance.uniform(0, AWAY_MOST))
    run = where.sync(end, "--retry-pause", "100", "--retries", str(n % 3),
                     env={variable: between.address()})
    over(end, run)
    where.count("away", end.kind, name, "went" if between.went else "stayed")
    between.left = None
    return True


def over(end, run):
    """The run is done, or another one will be."""
    status = run.gone()
    if status not in STATUSES or status != 0 and not run.said():
        raise Fault("status %d: %s" % (status, run.said()))
    end.consistent()
    if status == 0:
        end.same()
    end.converge()
    end.same()


def server(where, end, _, n):
    """PostgreSQL stops as after a fault of its own, and starts again."""
    chance = random.Random("%s away server %d" % (where.seed, n))
    end.undisturbed()
    end.fresh(tables=chance.random() < 0.8)
    end.leave("app", "postgres")
    run = where.sync(end)
    time.sleep(chance.uniform(0, end.takes))
    end.shell("pg_crash", end.server, chance.choice(("QUIT", "QUIT", "KILL")))
    if chance.random() < 0.5:
        run.wait()
    end.shell("pg_start", end.server)
    over(end, run)
    where.count("away", end.kind, "the server")
    return True


def families():
    for end in ENDS:
        yield Family(("away", end, "wos-sync", "api"), api, True)
    yield Family(("away", "postgres", "wos-sync", "server"), server, True)
    yield Family(("away", "d1", "wos-sync", "d1"), d1, True)
