# SPDX-License-Identifier: MIT
"""test/data/catalogue.tsv: what the API's specification says of each event,
and what follows from it by rules that owe nothing to schema/catalogue.def.

A row of the file is an event, a field below its data, the field's JSON type,
and whether it may be null and is always there.  `x[].y` is in an array's
elements, and `x<variant 2>.y` in one of the forms that an object x can have.
"""

import csv
import datetime
import json
import os
import re

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                    "data", "catalogue.tsv")

STEP = re.compile(r"(\w+)(\[\])?(?:<variant (\d+)>)?$")

EPOCH = datetime.datetime(1970, 1, 1)
MILLISECOND = datetime.timedelta(milliseconds=1)

# Objects that stay one column of JSON although their members are known.
WHOLE = {"previous_attributes"}

DELETES = re.compile(r".*\.deleted$|api_key\.revoked$|dsync\.token\.revoked$"
                     r"|pipes\.\w+\.disconnected$")

# Events about something that has no row of its own.
FACTS = (("action.", "action"), ("agent.", "agent_registration_change"),
         ("authentication.", "authentication"),
         ("connection.saml_", "connection_certificate"),
         ("radar.", "radar_challenge"),
         ("resource_export.", "resource_export"), ("vault.", "vault"))

SPECIAL = {
    "agent.registration.deleted": (
        ("delete", "agent_registration", ""),
        ("insert", "agent_registration_change", "")),
    "dsync.group.user_added": (
        ("upsert", "directory_user", "user"),
        ("upsert", "directory_group", "group"),
        ("upsert", "directory_group_membership", "")),
    "dsync.group.user_removed": (
        ("upsert", "directory_user", "user"),
        ("upsert", "directory_group", "group"),
        ("delete", "directory_group_membership", "")),
    "group.member_added": (("upsert", "group_member", ""),),
    "group.member_removed": (("delete", "group_member", ""),),
    "organization_domain.verification_failed": (
        ("upsert", "organization_domain", "organization_domain"),
        ("insert", "organization_domain_failure", "")),
    "pipes.account_connection.add_failed": (
        ("insert", "connected_account_failure", ""),),
    "pipes.account_connection.connection_failed": (
        ("insert", "connected_account_failure", ""),),
    "pipes.connected_account.connection_failed": (
        ("insert", "connected_account_failure", ""),),
}

# Names that the API used once, and what they are called now.
FORMER = {
    "api_key.deleted": "api_key.revoked",
    "dsync.deactivated": "dsync.activated",
    "dsync.token.deleted": "dsync.token.revoked",
    "session.reauthenticated": "authentication.reauthentication_succeeded",
}

# Where a row is, in this order; elsewhere it is `id`, of a fact the event's.
KEYS = {
    "role": ("slug",),
    "organization_role": ("organization_id", "slug"),
    "directory_group_membership": ("group_id", "user_id"),
    "group_member": ("group_id", "organization_membership_id"),
}

# Keys that come back after a delete.
REUSED = set(KEYS)

# Tables that have not all that their events' data have.
NARROW = {
    "directory_group_membership": {"group_id", "user_id", "directory_id"},
    "organization_domain_failure": {
        "reason", "organization_domain_id", "organization_domain_domain",
        "organization_domain_organization_id"},
}

# What goes with something else: {table: ((column, parent, is it a must?), ...)}.
PARENTS = {
    "organization_membership": (("user_id", "user", True),
                                ("organization_id", "organization", True)),
    "organization_domain": (("organization_id", "organization", True),),
    "organization_role": (("organization_id", "organization", True),),
    "invitation": (("organization_id", "organization", False),),
    "session": (("user_id", "user", False),),
    "connection": (("organization_id", "organization", False),),
    "directory": (("organization_id", "organization", False),),
    "directory_user": (("directory_id", "directory", True),
                       ("organization_id", "organization", False)),
    "directory_group": (("directory_id", "directory", True),
                        ("organization_id", "organization", False)),
    "directory_group_membership": (("directory_id", "directory", True),
                                   ("group_id", "directory_group", True),
                                   ("user_id", "directory_user", True)),
    "directory_token": (("directory_id", "directory", False),
                        ("organization_id", "organization", False)),
    "group": (("organization_id", "organization", False),),
    "group_member": (("group_id", "group", True),
                     ("organization_membership_id",
                      "organization_membership", True)),
    "api_key": (("owner_id", "user", False),
                ("owner_id", "organization", False),
                ("owner_organization_id", "organization", False)),
    "connected_account": (("user_id", "user", False),
                          ("organization_id", "organization", False)),
    "agent_instance": (("agent_blueprint_id", "agent_blueprint", False),
                       ("organization_id", "organization", False),
                       ("organization_membership_id",
                        "organization_membership", False)),
    "agent_instance_session": (("agent_instance_id", "agent_instance", False),),
    "agent_registration_claim": (
        ("agent_registration_id", "agent_registration", False),),
    "agent_registration_claim_attempt": (
        ("agent_registration_id", "agent_registration", False),),
    "agent_registration_credential": (
        ("agent_registration_id", "agent_registration", False),),
}


# What the API lists, and which columns no item of a list has.
LISTED = {
    "user": (), "organization": (), "organization_membership": (),
    "organization_domain": (), "role": (), "organization_role": (),
    "permission": (), "invitation": (), "session": (),
    "connection": ("external_key",), "directory": ("domains",),
    "directory_user": ("previous_attributes",),
    "directory_group": ("previous_attributes",),
    "directory_group_membership": (), "group": (), "group_member": (),
    "api_key": ("previous_attributes",), "feature_flag": ("environment_id",),
    "waitlist_user": (), "agent_blueprint": (), "agent_instance": (),
    "agent_instance_session": ("organization_id", "permission_slugs"),
    "connected_account": ("provider_slug",),
}

# An event with the same data as an item of a list, whose other words are made
# its own below.
LIKE = {"directory_group_membership": "dsync.group.user_added",
        "directory_user": "dsync.user.created", "group_member":
        "group.member_added", "directory": "dsync.activated",
        "directory_group": "dsync.group.created", "connection":
        "connection.activated", "feature_flag": "flag.created",
        "agent_blueprint": "agent.blueprint.created", "agent_instance":
        "agent.instance.created", "agent_instance_session":
        "agent.instance.session.created", "connected_account":
        "pipes.connected_account.connected"}


def like(table):
    return LIKE.get(table, table + ".created")


def data_of_item(table, parent, item):
    """What an event's data would be, of an item that was listed by a parent."""
    if table == "directory_group_membership":
        return {"group": {"id": parent}, "user": {"id": item.get("id")},
                "directory_id": item.get("directory_id")}
    if table == "group_member":
        return {"group_id": parent,
                "organization_membership_id": item.get("id")}
    data = {k: v for k, v in item.items() if k not in LISTED[table]}
    if table == "organization_role":
        data["organization_id"] = parent
    if table == "connected_account":
        data["data_integration_id"] = parent
    if table == "directory":
        data["state"] = {"linked": "active", "unlinked": "inactive"}.get(
            str(data.get("state")), data.get("state"))
    return data


class Field:
    """One row: its path, cut up, and what its values are like."""

    def __init__(self, path, kind, nullable, required):
        self.path, self.type = path, kind
        self.nullable, self.required = bool(int(nullable)), bool(int(required))
        steps = [STEP.match(s) for s in self.path.split(".")]
        self.names = [m.group(1) for m in steps]
        self.array = [bool(m.group(2)) for m in steps]
        self.variant = max([int(m.group(3)) for m in steps if m.group(3)],
                           default=None)
        self.name = self.names[-1]
        self.has_parts = False      # are there rows for its own members?
        self.is_column = False

    def is_time(self):
        """Some of the agents' and keys' times are only `string` there."""
        return "date-time" in self.type or (
            self.type == "string" and self.name.endswith("_at"))


def fields(rows):
    """The fields of one event, each knowing whether it becomes a column."""
    found = [Field(*row) for row in rows]
    for f in found:
        depth = len(f.names)
        f.has_parts = not f.array[-1] and any(
            len(g.names) > depth and g.names[:depth] == f.names
            and not g.array[depth - 1] for g in found)
    for f in found:
        f.is_column = (
            f.name != "object" and not any(f.array)
            and (len(f.names) == 1 or f.names[0] not in WHOLE)
            and (not f.has_parts or f.names[0] in WHOLE))
    return found


def read(path=DATA):
    """{event: [Field, ...]}, in the file's order."""
    events = {}
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for event, *row in rows:
            events.setdefault(event, []).append(row)
    return {event: fields(rows) for event, rows in events.items()}


def effects(name, event_fields):
    """((effect, table, place), ...): an object's `object` names its table."""
    if name in SPECIAL:
        return SPECIAL[name]
    kind = [f.type.strip('"') for f in event_fields if f.path == "object"]
    if kind:
        return (("delete" if DELETES.match(name) else "upsert", kind[0], ""),)
    return (("insert", next(t for p, t in FACTS if name.startswith(p)), ""),)


def keys(table):
    return KEYS.get(table, ("id",))


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stamp(ms):
    text = (EPOCH + ms * MILLISECOND).strftime("%Y-%m-%dT%H:%M:%S.")
    return text + "%03dZ" % (ms % 1000)


TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
                  r"(Z|[+-]\d\d:\d\d)?$")


def milliseconds(text):
    """A time as Unix milliseconds, rounded down; ValueError if it is none."""
    m = TIME.match(text) if isinstance(text, str) else None
    if not m:
        raise ValueError("not a time: %r" % (text,))
    when = datetime.datetime(*(int(g) for g in m.groups()[:6]))
    seconds = (when - EPOCH) // datetime.timedelta(seconds=1)
    zone = m.group(8) or "Z"
    if zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds += offset if zone[0] == "-" else -offset
    return seconds * 1000 + int(((m.group(7) or "") + "000")[:3])


def column(field, value):
    """A value as its column holds it; ValueError if the column can't."""
    if field.is_time():
        return None if value == "null" else milliseconds(value)
    if field.type in ("boolean", "integer"):
        if isinstance(value, bool) != (field.type == "boolean") or (
                not isinstance(value, int)):
            raise ValueError("%s: not a %s" % (field.path, field.type))
        return int(value)
    if not isinstance(value, str) or field.type.startswith(("array", "object")):
        return compact(value).replace("\\u0000", "\ufffd")
    return value.replace("\0", "\ufffd")


def columns(data, event_fields, place="", table=None):
    """{column: value} of what the data has at `place`, without NULLs."""
    above = place.split(".") if place else []
    found = {}
    for f in event_fields:
        name = "_".join(f.names[len(above):])
        if (not f.is_column or f.names[:len(above)] != above
                or name not in NARROW.get(table, (name,))):
            continue
        value = data
        for part in f.names:
            value = value.get(part) if isinstance(value, dict) else None
        value = None if value is None else column(f, value)
        if value is not None:
            found[name] = value
    return found


def key_of(table, effect, have):
    """The key of a row or tombstone, from the columns; KeyError without it."""
    if effect == "delete" and table == "agent_registration":
        return (have["agent_registration_id"],)
    return tuple(have[k] for k in keys(table))
