# SPDX-License-Identifier: MIT
"""Where it happens: a folder, the programs, the API, and runs of wos-sync."""

import collections
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
KEY = "sk_test_standin"
LIMIT = 600         # seconds that a run may take: this is a machine at its limit
PROGRAMS = ("wos-fetch", "wos-decode", "wos-apply", "wos-sync")
BATCH, PAGE = 7, 10     # events in a transaction, and in an answer: few, so many

# Of what wos-sync starts, wos-apply is to commit often.
WRAPPER = """#!/bin/sh
case " $* " in *" --report "*) set -- --batch {batch} "$@" ;; esac
exec {program} "$@"
"""


class Fault(Exception):
    """What should not have happened."""


class NotHere(Exception):
    """What this machine has not got."""


class Family:
    """Cases that a number distinguishes.  `case` returns false for one beyond the
    last; where it is up to chance, there is no last one."""

    def __init__(self, name, case, chance=False):
        self.name, self.case, self.chance = name, case, chance
        _, self.end, self.program, _ = name


class Run:
    """A command in a session of its own, with its messages in a file."""

    def __init__(self, place, argv, env=None, **how):
        self.place = place
        self.errors = place.file("errors.%d" % len(place.runs))
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                argv, env=dict(place.env, **(env or {})), cwd=place.folder,
                start_new_session=True, stderr=errors,
                **dict({"stdin": subprocess.DEVNULL,
                        "stdout": subprocess.DEVNULL}, **how))
        self.began = time.monotonic()
        place.runs.append(self)

    def members(self):
        """The processes that are left of it: pid, program."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            found = member(pid, self.process.pid)
            if found:
                yield int(pid), found

    def wait(self):
        """Its status, minus a signal's number; it may not take for ever."""
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.end()
            raise Fault("still runs after %d s: %s" % (LIMIT, self.said()))

    def gone(self):
        """Waits until nothing is left of it, which must come by itself."""
        status = self.wait()
        until = time.monotonic() + LIMIT
        while any(self.members()):
            if time.monotonic() > until:
                left = list(self.members())
                self.end()
                raise Fault("after its end, these run on: %s" % left)
            time.sleep(0.002)
        self.place.runs.remove(self)
        return status

    def end(self):
        for pid, _ in list(self.members()):
            kill(pid, signal.SIGKILL)
        self.process.wait()

    def said(self):
        with open(self.errors, errors="replace") as errors:
            return errors.read(2000).strip()


def member(pid, session):
    """The name of a process, if it is one of the session's and not dead."""
    try:
        with open("/proc/%s/stat" % pid, errors="replace") as stat:
            name, _, rest = stat.read().partition("(")[2].rpartition(")")
    except OSError:
        return None
    fields = rest.split()
    if fields[0] in "ZX" or int(fields[3]) != session:
        return None
    return program(name)


def program(name):
    """The shell is bash, or the script that it reads."""
    return "wos-sync" if name == "bash" else name


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Place:
    """A folder in memory, with all that a run needs."""

    def __init__(self, seed):
        self.seed = seed
        self.runs, self.gates = [], {}
        self.figures = collections.Counter()
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="wos-torture.", dir=memory)
        os.chmod(self.folder, 0o755)    # a server's user looks for its folder
        self.env = {
            "PATH": "%s/bin:%s:%s/scripts" % (
                self.folder, os.environ["PATH"], ROOT),
            "HOME": self.folder, "TMPDIR": self.folder, "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": self.folder, "TZ": "UTC", "WOS_LIST": "no",
            "WORKOS_API_KEY": KEY,
            # A sanitizer would refuse to come second.
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        self.programs()
        self.servers = []
        self.events = self.file("events.jsonl")
        with open(self.events, "wb") as events:
            subprocess.run([ROOT + "/test/api/make-world", "1", "7"],
                           stdout=events, check=True)
        self.env["WORKOS_BASE_URL"] = self.serve(
            sys.executable, "-S", ROOT + "/test/api/workos-api", "--stdin-eof",
            self.events)

    def file(self, name):
        return os.path.join(self.folder, name)

    def programs(self):
        """As they are installed, so that a program can be dressed up."""
        os.mkdir(self.file("bin"))
        os.mkdir(self.file("share"))
        os.symlink(ROOT + "/scripts", self.file("share/wos"))
        shutil.copy(ROOT + "/scripts/wos-sync", self.file("bin"))
        for name in "fetch", "decode", "otlp":
            os.symlink("%s/%s/wos-%s" % (ROOT, name.replace("otlp", "fetch"), name),
                       self.file("bin/wos-" + name))
        with open(self.file("bin/wos-apply"), "w") as wrapper:
            wrapper.write(WRAPPER.format(batch=BATCH, program=ROOT
                                         + "/apply/wos-apply"))
        os.chmod(wrapper.name, 0o755)

    def library(self, name):
        """The library, or the program, that is made of NAME.c."""
        made = self.file(name)
        if not os.path.exists(made):
            shared = [] if name == "notify" else ["-shared", "-fPIC"]
            subprocess.run(
                [os.environ.get("CC", "cc"), "-O1", *shared, "-o", made,
                 "%s/test/torture/%s.c" % (ROOT, name), "-ldl"], check=True)
        return made

    def serve(self, *command):
        """Starts what prints its address and ends with its standard input."""
        server = subprocess.Popen(command, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.servers.append(server)
        url = server.stdout.readline().strip()
        if not url:
            raise (NotHere if server.wait(LIMIT) == 77 else Fault)(
                "%s did not start" % command[0])
        return url

    def sync(self, end, *options, **how):
        """A run of wos-sync on the database of that end."""
        return Run(self, [*how.pop("before", ()), "wos-sync", end.name,
                          "--page-size", str(PAGE), *options],
                   dict(end.env, **how.pop("env", {})), **how)

    def count(self, *what):
        self.figures[what] += 1

    def figures_out(self):
        for what, n in sorted(self.figures.items()):
            print("%7d %s" % (n, " ".join(what)))

    def close(self):
        for run in self.runs:
            run.end()
        for server in self.servers:
            server.terminate()
            server.wait(LIMIT)
        shutil.rmtree(self.folder, ignore_errors=True)
