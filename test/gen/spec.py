"""test/data/catalogue.tsv: what the API's specification says of each event.

A row is an event, a field below its data, the field's JSON type, and whether
it may be null and is always there.  `x[].y` is in an array's elements, and
`x<variant 2>.y` in one of the forms that an object x can have.
"""

import csv
import os
import re

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                    "data", "catalogue.tsv")

STEP = re.compile(r"(\w+)(\[\])?(?:<variant (\d+)>)?$")


class Field:
    """One row: its path, cut up, and what its values are like."""

    def __init__(self, row):
        self.path = row["data_field"]
        self.type = row["json_type"]
        self.nullable = row["nullable"] == "1"
        self.required = row["required"] == "1"
        steps = [STEP.match(s) for s in self.path.split(".")]
        self.names = [m.group(1) for m in steps]
        self.array = [bool(m.group(2)) for m in steps]
        self.variant = max([int(m.group(3)) for m in steps if m.group(3)],
                           default=None)
        self.name = self.names[-1]

    def is_time(self):
        """Some of the agent and key times are only `string` there."""
        return "date-time" in self.type or (
            self.type == "string" and self.name.endswith("_at"))

    def is_key(self):
        """Could the field be what its object, or another, is found by?"""
        return self.name in ("id", "slug") or self.name.endswith("_id")


def read(path=DATA):
    """{event: [Field, ...]}, in the file's order."""
    events = {}
    with open(path, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            events.setdefault(row["event"], []).append(Field(row))
    return events


def has_parts(field, fields):
    """Is the field an object whose members have rows of their own?"""
    depth = len(field.names)
    return any(len(f.names) > depth and f.names[:depth] == field.names
               and not f.array[depth - 1] for f in fields)
