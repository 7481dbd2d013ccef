# SPDX-License-Identifier: MIT
"""The disk is full: from one write on, for one write alone, or truly."""

import errno
import functools
import os
import shutil
import subprocess

import calls
from ends import ENDS
from place import ROOT, Family, Fault, Run

MANY = "65536k"

# In a mount namespace of its own: a disk of so many KiB, and then a larger one.
# With its source named again, mount takes no other options over: the owner's number
# is none in the namespace of a user who is not root.
SMALL = """mount -t tmpfs -o size=%dk tmpfs small && cp template.db small/app.db
wos-sync small/app.db --page-size 10
status=$?
mount -t tmpfs -o remount,size=%s tmpfs small && wos-sync small/app.db 2>again || exit 99
cp small/app.db* .
exit $status"""


def full(where, end, _, n, how, tables=True):
    """Of all that the run writes to files, the n-th time fails.  What is kept
    beside the database is among it: the archive and the metrics."""
    def strike(call):
        at.n += how == "full"
        return errno.ENOSPC

    end.undisturbed()
    end.fresh(tables)
    archive = where.file("archive")
    shutil.rmtree(archive, ignore_errors=True)
    at = calls.At(n, strike, lambda call: written(where, call))
    asked = calls.Asked(where, end, at, "--archive", archive,
                        "--metrics", where.file("metrics"))
    status = asked.gone()
    said = asked.run.said()
    if status not in (0, 1, 75) or not at.struck and status != 0:
        raise Fault("status %d: %s" % (status, said))
    if status != 0 and not said:
        raise Fault("status %d, without a message" % status)
    end.consistent()
    if status != 0:
        end.converge()
    end.same()
    if at.struck:
        where.count("disk full", end.kind, how, "failed" if status else "went on")
    return at.struck is not None


def written(where, call):
    """It is to a file of the run, but for the one that has its messages here."""
    name = call.file()
    return name is not None and not name.startswith(where.file("errors"))


def output(where, end, _, n):
    """Each program's output is /dev/full."""
    commands = (["wos-fetch"], ["wos-decode", ROOT + "/test/data/sample.jsonl"],
                ["wos-apply", "--export", end.name],
                ["wos-apply", "--status", end.name],
                ["wos-apply", "--plan", end.name],
                ["wos-apply", "--schema", "sqlite"], ["wos-status", end.name])
    if n > len(commands):
        return False
    end.undisturbed()
    with open("/dev/full", "wb") as out:
        run = Run(where, commands[n - 1], end.env, stdout=out)
    status = run.gone()
    # wos-status has Nagios' statuses: 3 is unknown.
    if status != (3 if n == len(commands) else 1) or not run.said():
        raise Fault("%s: status %d: %s" % (
            " ".join(commands[n - 1]), status, run.said()))
    where.count("disk full", end.kind, "/dev/full", commands[n - 1][0])
    return True


def small(where, end, _, n):
    """A disk with room for the database as it begins, and n times 4 KiB more."""
    unshare = ["unshare", "--mount"] + ["--map-root-user"] * (os.geteuid() != 0)
    probe = subprocess.run([*unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                           stderr=subprocess.DEVNULL, check=False)
    if probe.returncode != 0:
        where.count("disk full", end.kind, "no mount here, so none of that")
        return False
    end.undisturbed()
    end.fresh()
    os.makedirs(where.file("small"), exist_ok=True)
    size = os.path.getsize(end.template) // 1024 + 4 * n
    run = Run(where, [*unshare, "sh", "-c", SMALL % (size, MANY)])
    status = run.gone()
    if status not in (0, 1, 75) or status != 0 and not run.said():
        raise Fault("%d KiB: status %d: %s" % (size, status, run.said()))
    end.consistent()
    end.same()
    if status != 0:
        where.count("disk full", end.kind, "a small disk")
    return status != 0


def families():
    for end in ENDS:
        for how in "full", "once":
            yield Family(("disk", end, "wos-sync", how),
                         functools.partial(full, how=how))
        yield Family(("disk", end, "wos-sync", "output"), output)
    yield Family(("disk", "sqlite", "wos-sync", "tables"),
                 functools.partial(full, how="full", tables=False))
    yield Family(("disk", "sqlite", "wos-sync", "small"), small)
