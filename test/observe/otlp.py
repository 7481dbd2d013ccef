# SPDX-License-Identifier: MIT
"""What the JSON encoding of OTLP demands of a request with spans, and what a
trace has to be: the stand-in collector and the tests of traces ask here.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""
import json
import re
import time

DAY = 86400 * 10**9
UINT32 = 2**32


class Wrong(Exception):
    """Something is not as it has to be; the text says what and where."""


def need(condition, where, what):
    if not condition:
        raise Wrong("%s: %s" % (where, what))


# Values.

def text(value, where):
    need(isinstance(value, str), where, "not a string: %r" % (value,))
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        need(False, where, "half a surrogate pair")


def some_text(value, where):
    text(value, where)
    need(value, where, "empty")


def hex_id(digits):
    def check(value, where):
        text(value, where)
        need(re.fullmatch("[0-9a-f]{%d}" % digits, value), where,
             "not %d hex digits: %r" % (digits, value))
        need(value.strip("0"), where, "all zeros")
    return check


def uint32(value, where):
    need(type(value) is int and 0 <= value < UINT32, where,
         "not a number of 32 bits: %r" % (value,))


def int64(value, where):
    text(value, where)
    need(re.fullmatch("-?(0|[1-9][0-9]*)", value)
         and -2**63 <= int(value) < 2**63, where,
         "not a string with a number of 64 bits: %r" % value)


def unix_nano(value, where):
    int64(value, where)
    need(abs(int(value) - time.time_ns()) < DAY, where,
         "not of these days, in nanoseconds: %r" % value)


def enum(*numbers):
    def check(value, where):
        need(type(value) is int and value in numbers, where,
             "not one of %s: %r" % (numbers, value))
    return check


def boolean(value, where):
    need(type(value) is bool, where, "neither true nor false")


def number(value, where):
    need(type(value) in (int, float), where, "not a number")


def message(required, optional=()):
    """An object with these members: names and what checks them."""
    required, optional = dict(required), dict(optional)

    def check(value, where):
        need(isinstance(value, dict), where, "not an object")
        for name in required:
            need(name in value, where, "there is no " + name)
        for name, member in value.items():
            known = required.get(name) or optional.get(name)
            need(known, where, "unknown member " + name)
            known(member, where + "." + name)
    return check


def array(item):
    def check(value, where):
        need(isinstance(value, list), where, "not an array")
        for i, one in enumerate(value):
            item(one, "%s[%d]" % (where, i))
    return check


VALUE = message({}, dict(stringValue=text, intValue=int64, boolValue=boolean,
                         doubleValue=number))


def any_value(value, where):
    VALUE(value, where)
    need(len(value) == 1, where, "not one value but %d" % len(value))


ATTRIBUTES = array(message(dict(key=some_text, value=any_value)))


def attributes(value, where):
    ATTRIBUTES(value, where)
    keys = [one["key"] for one in value]
    need(len(keys) == len(set(keys)), where, "a key twice: %s" % keys)


# Messages.

EVENT = message(dict(timeUnixNano=unix_nano, name=some_text),
                dict(attributes=attributes, droppedAttributesCount=uint32))

STATUS = message({}, dict(code=enum(0, 1, 2), message=text))

SPAN_MEMBERS = message(
    dict(traceId=hex_id(32), spanId=hex_id(16), name=some_text,
         kind=enum(1, 2, 3, 4, 5), startTimeUnixNano=unix_nano,
         endTimeUnixNano=unix_nano),
    dict(parentSpanId=hex_id(16), traceState=text, flags=uint32,
         attributes=attributes, droppedAttributesCount=uint32,
         events=array(EVENT), droppedEventsCount=uint32, status=STATUS))


def span(value, where):
    SPAN_MEMBERS(value, where)
    start, end = int(value["startTimeUnixNano"]), int(value["endTimeUnixNano"])
    need(start <= end, where, "it ends before it begins")
    for event in value.get("events", []):
        need(start <= int(event["timeUnixNano"]) <= end, where,
             "%s is not while it lasts" % event["name"])


REQUEST = message(dict(resourceSpans=array(message(dict(
    resource=message(dict(attributes=attributes),
                     dict(droppedAttributesCount=uint32)),
    scopeSpans=array(message(dict(
        scope=message(dict(name=some_text), dict(version=text)),
        spans=array(span)), dict(schemaUrl=text)))),
    dict(schemaUrl=text)))))


def unique(pairs):
    names = [name for name, _ in pairs]
    need(len(names) == len(set(names)), "JSON", "a member twice: %s" % names)
    return dict(pairs)


def read_request(body):
    """The request that is in these bytes, or Wrong."""
    try:
        request = json.loads(body.decode("utf-8"), object_pairs_hook=unique)
    except (UnicodeDecodeError, json.JSONDecodeError) as e:
        raise Wrong("JSON: %s" % e)
    REQUEST(request, "request")
    return request


# The trace.

def plain(pairs):
    """Attributes as a dict of texts, numbers and booleans."""
    return {one["key"]: int(one["value"]["intValue"])
            if "intValue" in one["value"] else list(one["value"].values())[0]
            for one in pairs}


def flatten(request):
    """The spans of a request, each with what it is of, easy to ask about."""
    for resource_spans in request["resourceSpans"]:
        for scope_spans in resource_spans["scopeSpans"]:
            for s in scope_spans["spans"]:
                yield {
                    "name": s["name"], "kind": s["kind"],
                    "trace": s["traceId"], "id": s["spanId"],
                    "parent_id": s.get("parentSpanId"),
                    "start": int(s["startTimeUnixNano"]),
                    "end": int(s["endTimeUnixNano"]),
                    "failed": s.get("status", {}).get("code") == 2,
                    "why": s.get("status", {}).get("message"),
                    "attributes": plain(s.get("attributes", [])),
                    "events": [dict(name=e["name"], attributes=plain(
                        e.get("attributes", [])))
                        for e in s.get("events", [])],
                    "dropped_events": s.get("droppedEventsCount", 0),
                    "scope": scope_spans["scope"]["name"],
                    "resource": plain(
                        resource_spans["resource"]["attributes"])}


def join(spans, outer=None):
    """Adds to each span its parent's name, or Wrong if they are not one trace:
    under the span of TRACEPARENT `outer`, or under one of their own."""
    by_id = {s["id"]: s for s in spans}
    need(spans, "trace", "there is no span")
    need(len(by_id) == len(spans), "trace", "an id twice")
    traces = {s["trace"] for s in spans}
    need(len(traces) == 1, "trace", "not one but %d" % len(traces))
    root_parent = None
    if outer is not None:
        _, trace, root_parent, _ = outer.split("-")
        need(traces == {trace}, "trace", "not the one that was given")
    roots = [s["name"] for s in spans if s["parent_id"] == root_parent]
    need(len(roots) == 1, "trace", "not one root: %s" % roots)
    for s in spans:
        parent = by_id.get(s["parent_id"])
        need(parent or s["parent_id"] == root_parent, s["name"],
             "its parent does not exist")
        s["parent"] = parent and parent["name"]
    return spans
