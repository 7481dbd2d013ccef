# SPDX-License-Identifier: MIT
"""The lists and the single objects of the state API, traps and all.

A list runs backwards unless told otherwise, and calls itself complete after
one page; many need a parent; memberships hide all but active ones; items carry
secrets and lack what events have.  What can't be known of the live API can be
chosen: see `workos-api --help`.
"""

import re
import urllib.parse

from api import (Answer, DEFAULT_LIMIT, MAX_LIMIT, entity_not_found, invalid,
                 not_found)
from objects import at


def forbidden():
    return Answer(403, {"message": "Forbidden"})


def missing_parents(*names):
    """422, as recorded: one of these is a must."""
    code = "Please provide either %s parameters." % " or ".join(
        '"%s"' % name for name in names)
    return Answer(422, {"message": "Validation failed",
                        "errors": [{"field": name, "code": code}
                                   for name in names]})


def less(data, *names):
    return {k: v for k, v in data.items() if k not in names}


# What an item is, where it is not what the event has.

def user(world, data):
    return dict(data)


def organization(world, data):
    domains = {d["id"]: d for d in data.get("domains") or ()}
    domains.update(
        (d["id"], d) for d in world.of("organization_domain").values()
        if d["organization_id"] == data["id"])
    return dict(data, allow_profiles_outside_organization=False,
                domains=[domains[k] for k in sorted(domains)
                         if ("organization_domain", k) not in world.gone])


def membership(world, data):
    item = {"roles": [], "custom_attributes": {}}
    item.update(data)
    item["user"] = world.get("user", data["user_id"]) or {
        "object": "user", "id": data["user_id"]}
    item["organization_name"] = (
        world.get("organization", data["organization_id"]) or {}).get("name")
    return item


def membership_base(world, data):
    return less(data, "role", "roles")


def role(kind):
    def item(world, data):
        named = dict(data)
        named.update(object="role", id="role_" + data["slug"], type=kind)
        named.setdefault("name", data["slug"].title())
        named.setdefault("description", None)
        return less(named, "organization_id")
    return item


def invitation(world, data):
    return dict(data, token="secret_token_" + data["id"],
                accept_invitation_url="https://example.com/invite?"
                "token=secret_token_" + data["id"])


def connection(world, data):
    return less(data, "external_key")


def directory(world, data):
    users = [u for u in world.of("directory_user").values()
             if u["directory_id"] == data["id"]]
    active = sum(u.get("state") == "active" for u in users)
    item = less(data, "domains")
    item["state"] = {"active": "linked", "inactive": "unlinked"}.get(
        data.get("state"), data.get("state"))
    item["domain"] = "example.com"
    item["metadata"] = {
        "users": {"active": active, "inactive": len(users) - active},
        "groups": sum(g["directory_id"] == data["id"]
                      for g in world.of("directory_group").values())}
    return item


def directory_user(world, data):
    return dict(less(data, "previous_attributes"), groups=[])


def without_previous(world, data):
    return less(data, "previous_attributes")


def feature_flag(world, data):
    return less(data, "environment_id")


def waitlist_entry(world, data):
    return dict(data, object="waitlist_entry")


def agent_session(world, data):
    return dict(less(data, "organization_id", "permission_slugs"),
                status="revoked" if data.get("revoked_at") else "active")


# What lists there are.

def whose(**wanted):
    """Rows of which these members are so: whose(user_id="user")"""
    def rows(world, table, given, query):
        return [d for d in world.of(table).values()
                if all(at(d, k.replace("__", ".")) == given[v]
                       for k, v in wanted.items())]
    return rows


def all_of(world, table, given, query):
    return list(world.of(table).values())


def memberships(world, table, given, query):
    shown = (query.get("statuses") or "active").split(",")
    return [d for d in world.of(table).values()
            if d.get("status") in shown
            and query.get("organization_id") in (None, d["organization_id"])
            and query.get("user_id") in (None, d["user_id"])]


def active_sessions(world, table, given, query):
    return [d for d in whose(user_id="user")(world, table, given, query)
            if d.get("status", "active") == "active"]


def entries(world, table, given, query):
    return [d for d in world.of(table).values()
            if d.get("waitlist_id") == given["waitlist"]]


def group_members(world, table, given, query):
    return [d for k, d in world.of(table).items()
            if (given["group"], k) in world.of("group_member")]


def directory_users(world, table, given, query):
    if query.get("directory"):
        return [d for d in world.of(table).values()
                if d["directory_id"] == query.get("directory")]
    return [d for k, d in world.of(table).items() if (query.get("group"), k)
            in world.of("directory_group_membership")]


def directory_groups(world, table, given, query):
    if query.get("directory"):
        return [d for d in world.of(table).values()
                if d["directory_id"] == query.get("directory")]
    return [d for k, d in world.of(table).items() if (k, query.get("user"))
            in world.of("directory_group_membership")]


def route(path):
    """A path's pattern: {organization} is an organization's id."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")


# The path, the table, what is in the list, and what an item is.
PAGES = [(route(path), table, rows, item) for path, table, rows, item in (
    ("/user_management/users", "user", all_of, user),
    ("/organizations", "organization", all_of, organization),
    ("/user_management/organization_memberships", "organization_membership",
     memberships, membership),
    ("/authorization/permissions", "permission", all_of, user),
    ("/user_management/invitations", "invitation", all_of, invitation),
    ("/user_management/users/{user}/sessions", "session", active_sessions,
     user),
    ("/connections", "connection", all_of, connection),
    ("/directories", "directory", all_of, directory),
    ("/directory_users", "directory_user", directory_users, directory_user),
    ("/directory_groups", "directory_group", directory_groups,
     without_previous),
    ("/organizations/{organization}/groups", "group",
     whose(organization_id="organization"), user),
    ("/organizations/{organization}/groups/{group}/organization-memberships",
     "organization_membership", group_members, membership_base),
    ("/organizations/{organization}/api_keys", "api_key",
     whose(owner__id="organization"), without_previous),
    ("/user_management/users/{user}/api_keys", "api_key",
     whose(owner__id="user"), without_previous),
    ("/feature-flags", "feature_flag", all_of, feature_flag),
    ("/user_management/waitlists/{waitlist}/entries", "waitlist_user",
     entries, waitlist_entry),
    ("/agents/blueprints", "agent_blueprint", all_of, user),
    ("/agents/instances", "agent_instance", all_of, user),
    ("/agents/sessions", "agent_instance_session", all_of, agent_session),
)]

# One object: the path, its table, and what it is.
ONE = [(route(path), table, item) for path, table, item in (
    ("/user_management/users/{id}", "user", user),
    ("/organizations/{id}", "organization", organization),
    ("/organization_domains/{id}", "organization_domain", user),
    ("/user_management/organization_memberships/{id}",
     "organization_membership", membership),
    ("/user_management/invitations/{id}", "invitation", invitation),
    ("/connections/{id}", "connection", connection),
    ("/directories/{id}", "directory", directory),
    ("/directory_users/{id}", "directory_user", directory_user),
    ("/directory_groups/{id}", "directory_group", without_previous),
    ("/organizations/{organization}/groups/{id}", "group", user),
    ("/agents/blueprints/{id}", "agent_blueprint", user),
    ("/agents/instances/{id}", "agent_instance", user),
    ("/agents/sessions/{id}", "agent_instance_session", agent_session),
)]

ROLES = route("/authorization/roles")
ORGANIZATION_ROLES = route("/authorization/organizations/{organization}/roles")
WAITLISTS = route("/user_management/waitlists")
ACCOUNTS = route("/user_management/users/{user}/data_providers")
ORGANIZATION_ACCOUNTS = route("/organizations/{organization}/data_providers")

# Which parameters name a parent, and what answers without any of them.
PARENTS = {
    "/directory_users": (
        {"directory": "directory", "group": "directory_group"},
        missing_parents("directory", "group")),
    "/directory_groups": (
        {"directory": "directory", "user": "directory_user"},
        missing_parents("directory", "user")),
    "/user_management/organization_memberships": (
        {"user_id": "user", "organization_id": "organization"},
        Answer(400, {"message": "Either user_id or organization_id is "
                     "required.",
                     "code": "missing_user_id_or_organization_id"})),
}


class Lists:
    """`status`: {beginning of a path: the status that answers all below it}.
    `gone_cursor`: what a page after an object that is gone is, "first" (as if
    without `after`), "next" (what follows it) or "400".  `order`: the one that
    is taken whatever is asked for, or None."""

    def __init__(self, world, status=(), gone_cursor="first", order=None):
        self.world = world
        self.status = dict(status)
        self.gone_cursor = gone_cursor
        self.order = order

    def answer(self, path, query):
        """The answer to a GET, or None if there is no such path."""
        for beginning, status in self.status.items():
            if path.startswith(beginning):
                return (forbidden() if status == "403" else not_found()
                        if status == "404" else
                        Answer(int(status), {"message": "No."}))
        self.world.refresh()
        return self._pages(path, query) or self._whole(path) or self._one(path)

    def _pages(self, path, query):
        for pattern, table, rows, item in PAGES:
            m = pattern.match(path)
            if m:
                given = {k: urllib.parse.unquote(v)
                         for k, v in m.groupdict().items()}
                wrong = self._parent_missing(path, given, query)
                return wrong or self._page(table, rows(
                    self.world, table, given, query), item, query)
        return None

    def _parent_missing(self, path, given, query):
        parents = [(table, v) for table, v in given.items()
                   if table != "waitlist"]
        if "waitlist" in given and not any(
                d.get("waitlist_id") == given["waitlist"]
                for d in self.world.of("waitlist_user").values()):
            return entity_not_found("waitlist", given["waitlist"])
        if path in PARENTS:
            names, without = PARENTS[path]
            parents = [(table, query.get(name))
                       for name, table in names.items() if query.get(name)]
            if not parents:
                return without
        for table, key in parents:
            if self.world.get(table, key) is None:
                return entity_not_found(table.replace("_", " "), key)
        return None

    def _page(self, table, rows, item, query):
        order = self.order or query.one.get("order", "normal")
        limit = query.one.get("limit", str(DEFAULT_LIMIT))
        if order not in ("asc", "desc", "normal"):
            return invalid("order", "order must be one of the following "
                           "values: normal, desc, asc")
        if not re.match(r"\d{1,9}$", limit) or not 1 <= int(limit) <= MAX_LIMIT:
            return invalid("limit", "invalid_limit")
        after, before = query.get("after"), query.get("before")
        for cursor in after, before:
            if cursor and not any(d["id"] == cursor for d in rows):
                if self.gone_cursor == "400":
                    return Answer(400, {"message": "Could not find the cursor "
                                        "object: '%s'." % cursor})
                if self.gone_cursor == "first":
                    after = before = None
        rows = sorted(rows, key=lambda d: d["id"], reverse=order != "asc")
        found, metadata = cut(rows, order, int(limit), after, before)
        return Answer(200, {"object": "list",
                            "data": [item(self.world, d) for d in found],
                            "list_metadata": metadata})

    def _whole(self, path):
        """The lists that come in one piece."""
        world = self.world
        if ROLES.match(path):
            return whole(environment_roles(world))
        m = ORGANIZATION_ROLES.match(path)
        if m:
            if world.get("organization", m["organization"]) is None:
                return entity_not_found("organization", m["organization"])
            return whole(environment_roles(world) + [
                role("OrganizationRole")(world, d) for d in whose(
                    organization_id="organization")(
                        world, "organization_role", m, None)])
        if WAITLISTS.match(path):
            ids = sorted({d.get("waitlist_id") for d in
                          world.of("waitlist_user").values()} - {None})
            return whole([{"object": "waitlist", "id": i} for i in ids],
                         {"before": None, "after": None})
        for pattern, owner in ((ACCOUNTS, "user"),
                               (ORGANIZATION_ACCOUNTS, "organization")):
            m = pattern.match(path)
            if m and world.get(owner, m[owner]) is None:
                return entity_not_found(owner, m[owner])
            if m:
                return whole(providers(world, owner, m[owner]))
        return None

    def _one(self, path):
        for pattern, table, item in ONE:
            m = pattern.match(path)
            if m:
                key = urllib.parse.unquote(m["id"])
                data = self.world.get(table, key)
                if data is None:
                    return entity_not_found(table.replace("_", " "), key)
                return Answer(200, item(self.world, data))
        return None


def cut(rows, order, limit, after, before):
    """The rows of one page, and its list_metadata."""
    normal = order == "normal"
    older = before if normal else after
    if older:
        rows = [d for d in rows if (d["id"] > older if order == "asc"
                                    else d["id"] < older)]
    elif normal and after:      # the newer ones next to it
        rows = [d for d in rows if d["id"] > after][-limit:]
    elif before:
        rows = [d for d in rows if (d["id"] < before if order == "asc"
                                    else d["id"] > before)][-limit:]
    page, more = rows[:limit], len(rows) > limit
    first = page[0]["id"] if page and (after or before) else None
    last = page[-1]["id"] if page and more else None
    if normal:
        return page, {"before": last, "after": first}
    return page, {"before": first, "after": last}


def whole(items, metadata=None):
    body = {"object": "list", "data": items}
    if metadata is not None:
        body["list_metadata"] = metadata
    return Answer(200, body)


def environment_roles(world):
    """In an order of their own, which no id tells."""
    return [role("EnvironmentRole")(world, d) for d in sorted(
        world.of("role").values(), key=lambda d: d["slug"], reverse=True)]


def providers(world, owner, key):
    """An account stands inside its provider, under other names."""
    found = {}
    for d in world.of("connected_account").values():
        mine = (d.get("user_id") == key if owner == "user" else
                d.get("organization_id") == key and not d.get("user_id"))
        if not mine:
            continue
        provider = found.setdefault(d["data_integration_id"], {
            "object": "data_provider", "id": d["data_integration_id"],
            "slug": d.get("provider_slug"), "connected_accounts": []})
        provider["connected_accounts"].append(dict(
            less(d, "data_integration_id", "provider_slug"),
            client_id="client_1", client_secret_last_4="s3cr"))
    return [found[k] for k in sorted(found)]
