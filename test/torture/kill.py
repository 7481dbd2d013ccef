# SPDX-License-Identifier: MIT
"""Processes are killed, or stopped and continued."""

import functools
import random
import signal
import threading
import time

import calls
import place
from ends import ENDS
from place import PROGRAMS, Family, Fault

# A killed run fails, or has been done before, or may be begun again.
STATUSES = {0, 1, 75, -signal.SIGKILL}
STOPPED_MOST = 0.2      # seconds


def kill_at(where, end, name, n, tables=True):
    """The program is killed in front of its n-th call; False: it has none.  The
    database has its tables, or not."""
    def strike(call):
        place.kill(call.pid, signal.SIGKILL)

    end.undisturbed()
    end.fresh(tables)
    at = calls.At(n, strike, lambda call: call.program == name)
    status = calls.Asked(where, end, at).gone()
    after(end, status, name, at.struck is not None)
    if at.struck:
        where.count("kill", end.kind, name, "each call")
    return at.struck is not None


def after(end, status, name, struck):
    """What a run left is whole, and the next one goes on from there."""
    check(status, name, struck)
    end.consistent()
    if status != 0:
        end.converge()
    end.same()


def check(status, name, struck):
    if status not in STATUSES or not struck and status != 0:
        raise Fault("%s killed: status %d" % (name, status))


def kill_random(where, end, name, n):
    """A few times in a row, at moments that chance chooses."""
    chance = random.Random("%s kill %s %s %d" % (where.seed, end.kind, name, n))
    end.undisturbed()
    end.fresh(tables=chance.random() < 0.9)
    for _ in range(chance.randint(1, 3)):
        run = where.sync(end)
        victim = find(run, name, chance, end.takes)
        if victim is not None:
            place.kill(victim, signal.SIGKILL)
            where.count("kill", end.kind, name, "at random")
        if chance.random() < 0.3:
            beside(where, end, run)
        status = run.gone()
        check(status, name, victim is not None)
        end.consistent()
        if status == 0:
            end.same()
    end.converge()
    end.same()
    return True


def beside(where, end, run):
    """What is left of a run may still be at work when the next one begins."""
    run.wait()
    status = where.sync(end).gone()
    if status not in (0, 75):
        raise Fault("beside what was left of a killed run: status %d" % status)


def find(run, name, chance, takes):
    """A process of that name, at a moment of the run, or of its own life; None:
    the run has ended before."""
    pause = chance.uniform(0, takes)
    if chance.random() < 0.7:
        first_of(run, name)
        pause /= 10
    time.sleep(pause)
    return first_of(run, name)


def first_of(run, name):
    while run.process.poll() is None:
        found = [pid for pid, program in run.members() if program == name]
        if found:
            return found[-1]
    return None


def stop_at(where, end, name, n):
    """Stopped in front of its n-th call, and continued a moment later."""
    chance = random.Random("%s stop %s %s %d" % (where.seed, end.kind, name, n))

    def strike(call):
        place.kill(call.pid, signal.SIGSTOP)
        threading.Timer(chance.uniform(0, STOPPED_MOST), place.kill,
                        (call.pid, signal.SIGCONT)).start()

    end.undisturbed()
    end.fresh()
    at = calls.At(n, strike, lambda call: call.program == name)
    asked = calls.Asked(where, end, at)
    went_on(end, asked.gone(), asked.run)
    if at.struck:
        where.count("stop", end.kind, name, "each call")
    return at.struck is not None


def stop_random(where, end, name, n):
    """Stopped and continued a few times, and then it is as if nothing had been."""
    chance = random.Random("%s stop %s %s %d" % (where.seed, end.kind, name, n))
    end.undisturbed()
    end.fresh(tables=chance.random() < 0.9)
    run = where.sync(end)
    for _ in range(chance.randint(1, 4)):
        victim = find(run, name, chance, end.takes)
        if victim is None:
            break
        place.kill(victim, signal.SIGSTOP)
        where.count("stop", end.kind, name, "at random")
        time.sleep(chance.uniform(0, STOPPED_MOST))
        place.kill(victim, signal.SIGCONT)
    went_on(end, run.gone(), run)
    return True


def went_on(end, status, run):
    if status != 0:
        raise Fault("stopped and continued: status %d: %s" % (status, run.said()))
    end.same()


def families():
    for end in ENDS:
        yield Family(("kill", end, "wos-apply", "tables"),
                     functools.partial(kill_at, tables=False))
        for name in PROGRAMS:
            yield Family(("kill", end, name, "each"), kill_at)
            yield Family(("kill", end, name, "random"), kill_random, True)
            yield Family(("stop", end, name, "each"), stop_at)
            yield Family(("stop", end, name, "random"), stop_random, True)
