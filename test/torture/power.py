# SPDX-License-Identifier: MIT
"""The power is cut: what was written and not synced is lost, in part or in whole.

One run is taken down, each call that changes a file.  Then, for each place in it,
the files are made as a disk may have them when the power fails there:

    all of what was synced, and of the rest
    nothing, everything, or what chance chooses: a write in whole, not at all, or
    some of its sectors; a length, or not;
    a file's name only if its folder was synced after it was made, or by chance,
    and one that was removed may be back, in the order in which that was done.
"""

import os
import random

import calls
from place import Family, Fault

SECTOR = 512
WAYS = ("nothing", "everything", "chance", "chance")


class File:
    """What a disk may have of a file."""

    def __init__(self):
        self.synced = b""
        self.pending = []       # (offset, bytes), or (length, None)

    def sync(self):
        self.synced = self.now(None)
        self.pending = []

    def now(self, chance):
        """With all that is pending, or what chance chooses of it."""
        data = bytearray(self.synced)
        for at, written in self.pending:
            if written is None:
                if chance is None or chance.random() < 0.5:
                    data = data[:at].ljust(at, b"\0")
                continue
            whole = chance is None or chance.random() < 0.4
            if not whole and chance.random() < 0.3:
                continue
            for i in range(0, len(written), SECTOR):
                if whole or chance.random() < 0.5:
                    part = written[i:i + SECTOR]
                    data = data.ljust(at + i, b"\0")
                    data[at + i:at + i + len(part)] = part
        return bytes(data)


class Disk:
    """A folder's files, and their names as they are and as they are synced."""

    def __init__(self, folder, files):
        self.folder = folder
        self.names, self.synced = {}, {}
        self.named = []         # names given or taken since: (name, File or None)
        for name in files:
            if os.path.exists(name):
                with open(name, "rb") as old:
                    self.names[name] = File()
                    self.names[name].synced = old.read()
        self.synced = dict(self.names)

    def name(self, name, file):
        self.named.append((name, file))
        if file is None:
            self.names.pop(name, None)
        else:
            self.names[name] = file

    def do(self, what, name, at=0, data=None):
        file = self.names.get(name)
        if what == "sync" and name == self.folder:
            self.synced, self.named = dict(self.names), []
        elif what == "make" and file is None:
            self.name(name, File())
        elif what == "remove" and file is not None:
            self.name(name, None)
        elif file is None:
            return
        elif what == "sync":
            file.sync()
        elif what == "write":
            file.pending.append((at, data))
        elif what == "length":
            file.pending.append((at, None))

    def after(self, way, chance):
        """The files after a cut of the power: name, bytes."""
        names = dict(self.synced)
        most = {"nothing": 0, "everything": len(self.named)}.get(
            way, chance.randint(0, len(self.named)))
        for name, file in self.named[:most]:
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file
        for name, file in names.items():
            yield name, (file.synced if way == "nothing" else
                         file.now(None if way == "everything" else chance))


class Taken:
    """Decides nothing, and takes down what changes the files."""

    def __init__(self, end):
        self.files = set(end.files())
        self.folder = os.path.dirname(end.name)
        self.done = []

    def __call__(self, call):
        name = call.file()
        synced = call.name in ("fsync", "fdatasync")
        if name not in self.files | {self.folder} or name.endswith("-shm"):
            return
        a = call.arguments
        if synced:
            self.done.append(("sync", name))
        elif name == self.folder:
            raise Fault("%s of the folder: nobody thought of that" % call.name)
        elif call.name == "openat":
            self.done.append(("make", name))
        elif call.name in ("unlink", "unlinkat"):
            self.done.append(("remove", name))
        elif call.name == "pwrite64":
            self.done.append(("write", name, a[3], call.memory(a[1], a[2])))
        elif call.name == "ftruncate":
            self.done.append(("length", name, a[1]))
        else:
            raise Fault("%s of %s: nobody thought of that" % (call.name, name))


def cut(where, end, way, n):
    """The n-th place, each in all WAYS."""
    at, how = divmod(n - 1, len(WAYS))
    if way not in end.kept:
        end.undisturbed()
        end.fresh(way == "rows")
        disk, taken = Disk(os.path.dirname(end.name), end.files()), Taken(end)
        if calls.Asked(where, end, taken).gone() != 0:
            raise Fault("the run that was taken down failed")
        end.same()
        end.kept[way] = taken.done
    done = end.kept[way]
    if at >= len(done):
        return False
    end.fresh(way == "rows")
    disk = Disk(os.path.dirname(end.name), end.files())
    for one in done[:at + 1]:
        disk.do(*one)
    chance = random.Random("%s power %s %d" % (where.seed, way, n))
    lay(end, disk.after(WAYS[how], chance), chance)
    end.consistent()
    end.converge()
    end.same()
    where.count("power cut", end.kind, way, WAYS[how])
    return True


def lay(end, files, chance):
    """The files are these; what is in -shm was never synced."""
    for name in end.files():
        if os.path.exists(name):
            os.remove(name)
    for name, data in files:
        with open(name, "wb") as file:
            file.write(data)
    if chance.random() < 0.3:
        with open(end.name + "-shm", "wb") as file:
            file.write(chance.randbytes(32768))


def rows(where, end, _, n):
    return cut(where, end, "rows", n)


def tables(where, end, _, n):
    return cut(where, end, "tables", n)


def families():
    yield Family(("power", "sqlite", "wos-apply", "rows"), rows)
    yield Family(("power", "sqlite", "wos-apply", "tables"), tables)
