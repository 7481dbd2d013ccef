# SPDX-License-Identifier: MIT
"""The events that the stand-in serves: a file of lines, kept as raw bytes.

A line is served byte for byte, so that a number of 20 digits or a \\u escape
reaches the client as the file has it.  It is parsed only to be found again:
by id, type, time and organization.
"""

import bisect
import datetime
import json
import os
import re
import threading

STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?)?$", re.I)


def parse_time(text):
    """ISO 8601 (date only, or with a time) as microseconds since 1970."""
    m = STAMP.match(text)
    if not m:
        raise ValueError("not a time: %r" % text)
    year, month, day, hour, minute, second = (int(g or 0) for g in m.groups()[:6])
    when = datetime.datetime(year, month, day, hour, minute, second)
    seconds = (when - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1)
    zone = (m.group(8) or "Z").replace(":", "").upper()
    if zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
        seconds += offset if zone[0] == "-" else -offset
    return seconds * 1000000 + int(((m.group(7) or "") + "000000")[:6])


class Event:
    """One line: its bytes and what the API finds it by."""

    __slots__ = ("raw", "id", "name", "time", "organization")

    def __init__(self, raw, time_before):
        self.raw = raw
        try:
            event = json.loads(raw.decode("utf-8", "replace"), strict=False)
            data = event.get("data")
        except (ValueError, AttributeError, RecursionError):
            event, data = {}, None    # rubbish is served as it is, to anyone
        if not isinstance(data, dict):
            data = {}
        self.id = event.get("id")
        self.name = event.get("event")
        try:
            self.time = parse_time(event["created_at"])
        except (KeyError, TypeError, ValueError):
            self.time = time_before
        # User events belong to no organization, as the documents have it.
        self.organization = None
        if isinstance(self.name, str) and not self.name.startswith("user."):
            self.organization = data.get("organization_id")
            if self.name.startswith("organization.") and "id" in data:
                self.organization = data["id"]


class Events:
    """All events, oldest first, whatever the order of the file.

    A line appended with an older time is put where its time says, before
    events that a client may have read already: that is how an event which
    the API commits late looks from outside.
    """

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.read_to = 0
        self.events = []
        self.position = {}      # id -> index in events
        self.views = {}         # (names, organization) -> indexes in events

    def refresh(self):
        """Take the whole lines that were appended since the last look."""
        with self.lock:
            if os.stat(self.path).st_size > self.read_to:
                with open(self.path, "rb") as f:
                    f.seek(self.read_to)
                    new = f.read()
                new = new[:new.rfind(b"\n") + 1]
                self.read_to += len(new)
                self._add(new)

    def add_file(self, path):
        with self.lock, open(path, "rb") as f:
            self._add(f.read())

    def _add(self, text):
        last = self.events[-1].time if self.events else 0
        for line in text.split(b"\n"):
            line = line.strip()
            if line:
                self.events.append(Event(line, last))
                last = self.events[-1].time
        self.events.sort(key=lambda e: e.time)      # stable: ties as they came
        self.position = {e.id: i for i, e in enumerate(self.events)}
        self.views = {}

    def knows_organization(self, organization):
        with self.lock:
            return any(e.organization == organization for e in self.events)

    def _view(self, names, organization):
        key = (names, organization)
        if key not in self.views:
            self.views[key] = [
                i for i, e in enumerate(self.events)
                if (e.name is None or e.name in names)
                and (organization is None or e.organization == organization)]
        return self.views[key]

    def page(self, names, limit, after=None, organization=None,
             begin=None, end=None):
        """The events of one page, and the index of the next one or None.

        `begin` and `end` are predicates of a time: is it late, early enough?
        Raises KeyError if there is no event with the id `after`.
        """
        with self.lock:
            view = self._view(names, organization)
            first = 0
            if after is not None:
                first = bisect.bisect_right(view, self.position[after])
            # The predicates are monotonic, so what they let in is one run.
            if begin:
                first = max(first, self._first(view, lambda t: begin(t)))
            stop = len(view)
            if end:
                stop = self._first(view, lambda t: not end(t))
            chosen = view[first:min(stop, first + limit)]
            following = first + len(chosen)
            following = view[following] if chosen and following < stop else None
            return [self.events[i] for i in chosen], following

    def _first(self, view, true_from):
        low, high = 0, len(view)
        while low < high:
            middle = (low + high) // 2
            if true_from(self.events[view[middle]].time):
                high = middle
            else:
                low = middle + 1
        return low

    def id_before(self, index):
        """The id of the event just before the one at this index."""
        with self.lock:
            return self.events[index - 1].id
