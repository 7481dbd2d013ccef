# SPDX-License-Identifier: MIT
"""A run of which each call that writes, sends or starts something is asked for."""

import array
import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import time

import place
from place import LIMIT, Fault

# seccomp_unotify(2): struct seccomp_notif, struct seccomp_notif_resp.
RECEIVE, ANSWER = 0xC0502100, 0xC0182101
NOTIFICATION, RESPONSE = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI")
CONTINUE = 1


class Call:
    def __init__(self, fields, names):
        self.id, self.pid, _, number = fields[:4]
        self.arguments = fields[6:]
        self.name = names.get(number, str(number))
        try:
            with open("/proc/%d/comm" % self.pid, errors="replace") as comm:
                self.program = place.program(comm.read().strip())
        except OSError:
            self.program = ""

    def file(self):
        """What it writes to, if that is a file of the run."""
        if self.name in ("clone", "clone3", "fork", "vfork", "execve", "sendto"):
            return None
        try:
            if self.name in ("openat", "unlinkat", "renameat", "renameat2",
                             "mkdirat"):
                path = self.text(self.arguments[1])
            elif self.name in ("unlink", "rename", "mkdir"):
                path = self.text(self.arguments[0])
            else:
                path = os.readlink("/proc/%d/fd/%d" % (self.pid, self.arguments[0]))
        except OSError:
            return None
        return path if path.startswith(("/dev/shm/", "/tmp/")) else None

    def memory(self, address, size):
        fd = os.open("/proc/%d/mem" % self.pid, os.O_RDONLY)
        try:
            return os.pread(fd, size, address)
        finally:
            os.close(fd)

    def text(self, address):
        """A name; its page may be the last one there is."""
        found = b""
        while b"\0" not in found and len(found) < 4096:
            at = address + len(found)
            found += self.memory(at, 64 - at % 64)
        return os.fsdecode(found.split(b"\0")[0])


class Asked:
    """Runs wos-sync; `decide` gets each Call before it happens, and returns None,
    or the error that it fails with."""

    names = None

    def __init__(self, where, end, decide, *options, **how):
        notify = where.library("notify")
        if Asked.names is None:
            lines = subprocess.run([notify, "--calls"], check=True, text=True,
                                   stdout=subprocess.PIPE).stdout.splitlines()
            Asked.names = {int(n): name for n, name in map(str.split, lines)}
        self.decide = decide
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.set_inheritable(True)
            self.run = where.sync(end, *options, pass_fds=[theirs.fileno()],
                                  before=[notify, str(theirs.fileno())], **how)
            theirs.close()
            ours.settimeout(LIMIT)
            _, passed, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
        if not passed:
            raise Fault("notify: " + self.run.said())
        self.fd = array.array("i", passed[0][2])[0]

    def gone(self):
        """Serves it until nothing is left of it; its status."""
        until = time.monotonic() + LIMIT
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        try:
            while True:
                ready = poll.poll(1000)
                if ready and ready[0][1] & select.POLLIN:
                    self.answer()
                elif ready:             # nobody is left who could ask
                    return self.run.gone()
                elif time.monotonic() > until:
                    self.run.end()
                    raise Fault("still runs after %d s: %s"
                                % (LIMIT, self.run.said()))
        finally:
            os.close(self.fd)

    def answer(self):
        buffer = bytearray(NOTIFICATION.size)
        try:
            fcntl.ioctl(self.fd, RECEIVE, buffer)
        except OSError as e:
            if e.errno in (errno.ENOENT, errno.EINTR):
                return                  # it has been killed meanwhile
            raise
        call = Call(NOTIFICATION.unpack(buffer), Asked.names)
        error = self.decide(call)
        response = RESPONSE.pack(call.id, 0, -error if error else 0,
                                 0 if error else CONTINUE)
        try:
            fcntl.ioctl(self.fd, ANSWER, response)
        except OSError as e:
            if e.errno != errno.ENOENT:
                raise


class At:
    """Decides: at the n-th call of a program, that `which` wants, `strike` says
    what happens."""

    def __init__(self, n, strike, which):
        self.n, self.strike, self.which = n, strike, which
        self.calls = 0
        self.struck = None

    def __call__(self, call):
        if not self.which(call):
            return None
        self.calls += 1
        if self.calls != self.n:
            return None
        self.struck = call
        return self.strike(call)
