# SPDX-License-Identifier: MIT
"""The emulator of the API that is part of the npm package workos, on 127.0.0.1."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

PRELOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "loopback.cjs")
VERSION = "0.14.0"
PACKAGE = "workos@" + VERSION
NODE = (20, 20)
KEY = "sk_test_default"
INSTALL_SECONDS = 400
START_SECONDS = 60


class Skip(Exception):
    """There is nothing to run."""


def clean_environment(**more):
    """The caller's, without what would tell a program of another account."""
    kept = {name: value for name, value in os.environ.items()
            if not re.match("(?i)(WORKOS|WOS|EVENTS_RANGE|NODE_OPTIONS|INIT_CWD)",
                            name)}
    return dict(kept, **more)


def find_node():
    node = shutil.which("node")
    if not node:
        raise Skip("there is no node")
    said = subprocess.run([node, "--version"], capture_output=True,
                          text=True).stdout.strip()
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    if not found or tuple(map(int, found.groups())) < NODE:
        raise Skip("node is %s, and %s wants %d.%d" % ((said, PACKAGE) + NODE))
    return node


def install():
    """The emulator's program, from the cache or, the first time, from npm."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache):
        cache = os.path.expanduser("~/.cache")
    cache = os.path.join(cache, "wos/emulator")
    folder = os.path.join(cache, "workos-" + VERSION)
    program = os.path.join(folder, "node_modules/.bin/workos")
    if os.path.exists(program):
        return program
    npm = shutil.which("npm")
    if not npm:
        raise Skip("there is no npm")
    os.makedirs(cache, exist_ok=True)
    # Only a whole installation gets the name.
    new = tempfile.mkdtemp(prefix="new.", dir=cache)
    try:
        done = subprocess.run(
            [npm, "install", "--prefix", new, "--no-save", "--no-audit",
             "--no-fund", "--ignore-scripts", "--loglevel=error",
             "--fetch-retries=1", PACKAGE], env=clean_environment(), cwd=new,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=INSTALL_SECONDS)
        if done.returncode != 0:
            raise Skip("npm could not have %s: %s" % (
                PACKAGE, (done.stderr.strip() or "no reason").splitlines()[0]))
        if not os.path.exists(folder):
            os.rename(new, folder)
    except subprocess.TimeoutExpired:
        raise Skip("npm did not have %s in %d s" % (PACKAGE, INSTALL_SECONDS))
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return program


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers_at(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


class Emulator:
    def __init__(self, node, program, folder):
        self.node, self.program, self.folder = node, program, folder
        self.process, self.url = None, None
        # On loopback without a proxy, whatever the environment says.
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}))

    def __enter__(self):
        try:
            # Another may take the port before it does.
            if not any(self.start(free_port()) for _ in range(3)):
                raise RuntimeError("the emulator does not start: "
                                   + self.said())
            port = urllib.parse.urlsplit(self.url).port
            if any(answers_at(host, port) for host in ("127.0.0.2", "::1")):
                raise RuntimeError("the emulator is not on 127.0.0.1 only")
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self, port):
        self.url = "http://127.0.0.1:%d" % port
        with open(os.path.join(self.folder, "emulator.log"), "w") as log:
            self.process = subprocess.Popen(
                [self.node, self.program, "emulate", "--json",
                 "--port", str(port)],
                cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=log, text=True,
                env=clean_environment(
                    HOME=self.folder, WORKOS_TELEMETRY="false",
                    NODE_OPTIONS="--require " + json.dumps(PRELOAD)))
        # Its line comes when it has begun to listen, or never.
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if not line.startswith("{") or json.loads(line).get("port") not in (
                port, 0):
            self.__exit__()
            return False
        end = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            try:
                if self.ask("GET", "/health") == {"status": "ok"}:
                    return True
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        return False

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process:
            self.process.stdout.close()

    def said(self):
        with open(os.path.join(self.folder, "emulator.log")) as log:
            return log.read().strip() or "it says nothing"

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + KEY,
                     "Content-Type": "application/json"})
        with self.opener.open(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def list(self, path):
        """All that it lists, oldest first."""
        found, after = [], None
        while True:
            query = {"limit": 100, "order": "asc"}
            if after:
                query["after"] = after
            page = self.ask("GET", path + "?" + urllib.parse.urlencode(query))
            found += page["data"]
            after = page["list_metadata"]["after"]
            if not after:
                return found
