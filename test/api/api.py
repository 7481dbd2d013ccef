# SPDX-License-Identifier: MIT
"""What the Events API answers to a request that nothing has gone wrong with."""

import json
import re
import urllib.parse

from events import parse_time

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
DAY = 24 * 3600 * 1000000       # times are in microseconds

NAMES_MISSING = ("One or more event names (e.g. dsync.user.created) must be "
                 "provided using the events parameter.")
NAME_UNKNOWN = ("Invalid name parameter, received: '%s'. "
                "You must pass in valid event names")

# Where range_start and range_end themselves belong is not documented; the
# specification says "created after".  A client has to be right with each.
EDGES = {
    "()": (lambda t, b: t > b, lambda t, e: t < e),
    "[)": (lambda t, b: t >= b, lambda t, e: t < e),
    "(]": (lambda t, b: t > b, lambda t, e: t <= e),
    "[]": (lambda t, b: t >= b, lambda t, e: t <= e),
}


class Answer:
    """A status, a body of bytes, and headers besides the usual ones."""

    def __init__(self, status, body, headers=(), content_type=None):
        if not isinstance(body, bytes):
            body = json.dumps(body, separators=(",", ":"),
                              ensure_ascii=False).encode("utf-8", "replace")
        self.status = status
        self.body = body
        self.headers = dict(headers)
        self.content_type = content_type or "application/json; charset=utf-8"
        self.nevents = 0


def bad_request(message):
    return Answer(400, {"message": message, "code": "invalid_events_request"})


def invalid(field, code):
    return Answer(422, {"message": "Validation failed.",
                        "errors": [{"code": code, "field": field}]})


def unauthorized():
    return Answer(401, {"message": "Unauthorized"})


def not_found():
    return Answer(404, {"message": "Not Found"})


def entity_not_found(kind, object_id):
    return Answer(404, {"message": "%s not found: '%s'."
                        % (kind.capitalize(), object_id),
                        "code": "entity_not_found", "entity_id": object_id})


def too_many(retry_after=None):
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(429, {"message": "Too many requests.",
                        "code": "rate_limit_exceeded"}, headers)


def envelope(events, after, tail="null"):
    """A list page.  `tail` is how it says that nothing follows."""
    body = b'{"object":"list","data":[' + b",".join(e.raw for e in events)
    if after is not None:
        metadata = json.dumps({"after": after}, separators=(",", ":"))
    else:
        metadata = {"empty": '{"after":""}', "absent": "{}"}.get(
            tail, '{"after":null}')
    answer = Answer(200, body + b'],"list_metadata":' + metadata.encode() + b"}")
    answer.nevents = len(events)
    return answer


class Query:
    """The parameters, in each of the encodings that official SDKs send."""

    def __init__(self, text):
        self.all = urllib.parse.parse_qsl(text, keep_blank_values=True)
        self.one = {}
        names = []
        for key, value in self.all:
            if re.match(r"events(\[\d*\])?$", key):
                names += [name for name in value.split(",") if name]
            else:
                self.one[key] = value
        self.names = names

    def get(self, key):
        return self.one.get(key) or None


class ObjectsApi:
    """GET of one user or organization by its id.  Unless told otherwise there
    are all that were not deleted: most are older than any event kept."""

    ROUTES = {"user": re.compile(r"/user_management/users/([^/]+)$"),
              "organization": re.compile(r"/organizations/([^/]+)$")}

    def __init__(self, world, objects="all", old_not_found=False):
        self.world = world
        self.objects = objects
        self.old_not_found = old_not_found

    def find(self, path):
        """The kind and the id that a path names, or None."""
        for kind, route in self.ROUTES.items():
            m = route.match(path)
            if m:
                return kind, urllib.parse.unquote(m.group(1))
        return None

    def answer(self, kind, object_id):
        self.world.refresh()
        data = self.world.get(kind, object_id)
        known = data is not None or (self.objects == "all" and
                                     (kind, object_id) not in self.world.gone)
        if known and self.objects != "none":
            return Answer(200, data or {"object": kind, "id": object_id})
        if kind == "organization" and self.old_not_found:
            return not_found()
        return entity_not_found(kind, object_id)


class EventsApi:
    def __init__(self, events, names, refused=(), after_unknown="400",
                 after_with_end="both", edges="()", max_window=30,
                 cursor="last", tail="null"):
        self.events = events
        self.names = frozenset(names) - frozenset(refused)
        self.after_unknown = after_unknown
        self.after_with_end = after_with_end
        self.edges = EDGES[edges]
        self.max_window = max_window
        self.cursor = cursor
        self.tail = tail

    def answer(self, query):
        """GET /events with these parameters; `order` makes no difference."""
        self.events.refresh()
        if not query.names:
            return bad_request(NAMES_MISSING)
        for name in query.names:
            if name not in self.names:
                return bad_request(NAME_UNKNOWN % name)

        limit = query.one.get("limit", str(DEFAULT_LIMIT))
        if not re.match(r"\d{1,9}$", limit) or not 1 <= int(limit) <= MAX_LIMIT:
            return invalid("limit", "invalid_limit")

        after, organization = query.get("after"), query.get("organization_id")
        if after and query.get("range_start"):
            return bad_request("The after and range_start parameters are "
                               "mutually exclusive.")
        times = {}
        for field in "range_start", "range_end":
            try:
                if query.get(field):
                    times[field] = parse_time(query.get(field))
            except ValueError:
                return invalid(field, "invalid_date")
        begin, end = times.get("range_start"), times.get("range_end")
        # Nor is it documented whether these two go together.
        if after and end is not None and self.after_with_end == "400":
            return bad_request("The after and range_end parameters are "
                               "mutually exclusive.")
        if after and self.after_with_end == "ignored":
            end = None
        if begin is not None and end is not None:
            if end < begin:
                return bad_request("range_end must be after range_start.")
            if self.max_window and end - begin > self.max_window * DAY:
                return bad_request("The range must not be longer than %d days."
                                   % self.max_window)
        if organization and not self.events.knows_organization(organization):
            return Answer(400, {"message": "Organization not found: '%s'."
                                % organization})
        return self._page(query, int(limit), after, organization, begin, end)

    def _page(self, query, limit, after, organization, begin, end):
        late, early = self.edges
        arguments = {
            "names": frozenset(query.names), "limit": limit,
            "organization": organization,
            "begin": None if begin is None else lambda t: late(t, begin),
            "end": None if end is None else lambda t: early(t, end)}
        try:
            page, following = self.events.page(after=after, **arguments)
        except KeyError:
            # What the live API says to a cursor that it has forgotten is
            # not documented; these are the ways it could.
            if self.after_unknown == "400":
                return Answer(400, {"message": "Event not found: '%s'." % after,
                                    "code": "invalid_events_request"})
            if self.after_unknown == "404":
                return Answer(404, {"message": "Event not found: '%s'." % after,
                                    "code": "entity_not_found",
                                    "entity_id": after})
            page, following = self.events.page(**arguments)

        cursor = None
        if following is not None:
            # The documents show a cursor that is no id of the page's: one of
            # a later event, which the request's own filter leaves out.
            cursor = (page[-1].id if self.cursor == "last"
                      else self.events.id_before(following))
        elif self.tail == "last":       # an API that always gives a cursor
            cursor = page[-1].id if page else after
        return envelope(page, cursor, self.tail)
