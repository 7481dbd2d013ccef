# SPDX-License-Identifier: MIT
"""The clock turns in the middle of a run: a day back, or a day ahead."""

import functools
import struct
import time

from ends import ENDS
from place import Family, Fault

NUMBERS = struct.Struct("=qqq")
DAY = 86400


def turned(where, end, _, n, seconds):
    """From the n-th time on that the run asks for the time, it is another."""
    end.undisturbed()
    end.fresh(tables=n % 10 != 0)
    shared = where.file("clock.turned")
    with open(shared, "wb") as numbers:
        numbers.write(NUMBERS.pack(0, n, seconds))
    run = where.sync(end, env={"CLOCK_FILE": shared,
                               "LD_PRELOAD": where.library("clock")})
    status = run.gone()
    with open(shared, "rb") as numbers:
        asked = NUMBERS.unpack(numbers.read())[0]
    if status != 0:
        raise Fault("status %d: %s" % (status, run.said()))
    noted(end)
    end.same()
    end.converge()
    noted(end)
    end.same()
    if asked >= n:
        where.count("clock turned", end.kind, "%+d s" % seconds)
    return asked >= n


def noted(end):
    """No time is later than the API's own, which is this machine's."""
    for column in "tail_seen_at", "event_at":
        (latest,) = end.ask("SELECT max(%s) FROM sync_cursor" % column)
        if latest is None or int(latest) > time.time() * 1000:
            raise Fault("%s is %s, and it is %d" % (
                column, latest, time.time() * 1000))


def families():
    for end in ENDS:
        for name, seconds in ("ahead", DAY), ("back", -DAY):
            yield Family(("clock", end, "wos-sync", name),
                         functools.partial(turned, seconds=seconds))
