# SPDX-License-Identifier: MIT
"""The ways in which an answer can go wrong, one function each.

A fault gets the exchange and its argument (text, or None) and answers in the
API's stead.  Its docstring is its line in `workos-api --help`.
"""

import email.utils
import gzip
import json
import math
import os
import re
import threading
import time
import zlib

from api import Answer, envelope, too_many, unauthorized

MIB = 1 << 20
TOGETHER_S = 100        # who is waited for has failed by then
FAULTS = {}


def fault(function):
    FAULTS[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


class Fault:
    """--fault WHICH:KIND[:ARGUMENT]; WHICH is 3, 3-5, 3+ or every."""

    def __init__(self, text):
        m = re.match(r"(?:(\d+)(?:(\+)|-(\d+))?|every):([^:]+)(?::(.*))?$",
                     text, re.S)
        if not m:
            raise ValueError("not WHICH:KIND[:ARGUMENT]: %r" % text)
        self.first = int(m.group(1) or 1)
        self.last = (int(m.group(3)) if m.group(3)
                     else self.first if m.group(1) and not m.group(2)
                     else float("inf"))
        self.kind, self.argument = m.group(4), m.group(5)
        self.function = FAULTS.get(self.kind)
        if re.match(r"[1-5]\d\d$", self.kind):
            status = int(self.kind)
            self.function = lambda x, arg: status_only(x, status, arg)
        if not self.function:
            raise ValueError("no such fault: %s" % self.kind)

    def strikes(self, n):
        return self.first <= n <= self.last


def status_only(x, status, arg):
    """429[:SECONDS|:date:SECONDS] 503[:SECONDS] 4xx[:MESSAGE] 5xx, as such"""
    if status == 401:
        answer = unauthorized()
    elif status == 429:
        answer = too_many()
    elif status in (502, 503, 504):         # from the edge, which speaks HTML
        answer = Answer(status, b"<html><head><title>%d</title></head><body>"
                        b"<center><h1>cloudflare</h1></center></body></html>"
                        % status, content_type="text/html")
    elif status == 500:
        answer = Answer(500, {"message": "Internal server error"})
    elif status == 422:
        answer = Answer(422, {"message": "Validation failed.", "errors": [
            {"code": "required", "field": arg or "events"}]})
    else:
        answer = Answer(status, {"message": arg or "No.", "code": "standin"})
    if arg and status in (429, 503):
        if arg.startswith("date:"):
            arg = email.utils.formatdate(time.time() + float(arg[5:]),
                                         usegmt=True)
        answer.headers["Retry-After"] = arg
    x.send(answer)


# The transport.

def half(x):
    """Half a page, where the head has promised all of it."""
    answer = x.answer()
    x.head(answer.status, {"Content-Length": str(len(answer.body))})
    x.write(answer.body[:len(answer.body) // 2])


@fault
def cut(x, arg):
    """the page, cut short of its Content-Length [:BYTES sent]"""
    answer = x.answer()
    sent = int(arg) if arg else len(answer.body) // 2
    x.head(answer.status, {"Content-Length": str(len(answer.body))})
    x.write(answer.body[:sent])
    x.close()


@fault
def cut_chunk(x, arg):
    """the same, chunked: the last chunk never comes"""
    answer = x.answer()
    x.head(answer.status, {"Transfer-Encoding": "chunked"})
    x.write_chunk(answer.body[:len(answer.body) // 2])
    x.close()


@fault
def reset(x, arg):
    """connection reset in mid-page"""
    half(x)
    x.reset()


@fault
def drop(x, arg):
    """connection closed without a word"""
    x.log(None)
    x.close()


@fault
def bye(x, arg):
    """the right answer, and the connection closed without notice"""
    x.send(x.answer())
    x.close()


@fault
def early_hints(x, arg):
    """the right answer, after an interim one"""
    x.write(b"HTTP/1.1 103 Early Hints\r\nX-Request-Id: interim\r\n"
            b"Retry-After: 100\r\n\r\n")
    x.send(x.answer())


@fault
def unframed(x, arg):
    """the right answer, which ends where the connection does"""
    x.head(200, {"Connection": "close"})
    x.write(x.answer().body)
    x.close()


@fault
def unframed_cut(x, arg):
    """half a page, which seems to end where the connection does"""
    x.head(200, {"Connection": "close"})
    body = x.answer().body
    x.write(body[:len(body) // 2])
    x.close()


@fault
def hang(x, arg):
    """accepts the request and never answers"""
    x.log(None)
    x.wait_for_close()


@fault
def stall(x, arg):
    """half a page, then silence"""
    half(x)
    x.wait_for_close()


@fault
def slow(x, arg):
    """the page, one byte at a time [:MILLISECONDS between, 10]"""
    answer = x.answer()
    x.head(answer.status, {"Content-Length": str(len(answer.body))})
    for i in range(len(answer.body)):
        x.write(answer.body[i:i + 1])
        time.sleep(float(arg or 10) / 1000)


@fault
def meet(x, arg):
    """the right answer, once so many such requests wait for it [:REQUESTS, 2]"""
    with x.server.lock:
        barrier = x.server.barriers.setdefault(
            arg, threading.Barrier(int(arg or 2)))
    barrier.wait(TOGETHER_S)
    x.send(x.answer())


@fault
def until(x, arg):
    """the right answer, once there is a file of that name, but in the log before :FILE"""
    x.log(200)
    end = time.monotonic() + TOGETHER_S
    while not os.path.exists(arg) and time.monotonic() < end:
        time.sleep(0.01)
    x.send(x.answer())


@fault
def late(x, arg):
    """the right answer, late [:MILLISECONDS, 100]"""
    time.sleep(float(arg or 100) / 1000)
    x.send(x.answer())


@fault
def busy(x, arg):
    """429 for so long after the first, and then the right answer [:SECONDS, 1]"""
    with x.server.lock:
        now = time.monotonic()
        x.server.busy_until = x.server.busy_until or now + float(arg or 1)
        left = x.server.busy_until - now
    x.send(too_many(str(math.ceil(left))) if left > 0 else x.answer())


@fault
def redirect(x, arg):
    """302 to another host [:URL]"""
    x.send(Answer(302, b"", {"Location": arg or "http://localhost:9/events"}))


@fault
def rubbish(x, arg):
    """no HTTP at all"""
    x.log(None)
    x.write(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    x.close()


@fault
def head_flood(x, arg):
    """header lines without end"""
    x.log(200)
    x.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        x.write(b"X-Flood: %s\r\n" % (b"x" * 8000))


@fault
def long_header(x, arg):
    """a header line without end"""
    x.log(200)
    x.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        x.write(b"x" * 8000)


@fault
def body(x, arg):
    """an answer with the bytes of a file :[STATUS:]FILE"""
    status, path = re.match(r"(?:(\d+):)?(.*)", arg).groups()
    with open(path, "rb") as f:
        x.send(Answer(int(status or 200), f.read()))


# The content.

@fault
def html(x, arg):
    """200 with an HTML page"""
    x.send(Answer(200, b"<!DOCTYPE html>\n<html><body>Just a moment..."
                  b"</body></html>\n", content_type="text/html"))


@fault
def empty(x, arg):
    """200 with an empty body"""
    x.send(Answer(200, b""))


WRONG = {
    "data-missing": b'{"object":"list","list_metadata":{"after":null}}',
    "data-null": b'{"object":"list","data":null,"list_metadata":{"after":null}}',
    "data-object": b'{"object":"list","data":{},"list_metadata":{"after":null}}',
    "data-numbers": b'{"object":"list","data":[1,2],"list_metadata":{"after":null}}',
    "event-list": b'{"object":"list","data":[[]],"list_metadata":{"after":null}}',
    "body-array": b"[]",
    "body-string": b'"Ratelimited"',
    "body-null": b"null",
    "metadata-array": b'{"object":"list","data":[],"list_metadata":[]}',
    "after-number": b'{"object":"list","data":[],"list_metadata":{"after":7}}',
    "after-object": b'{"object":"list","data":[],"list_metadata":{"after":{}}}',
    "error-in-200": b'{"message":"Internal server error"}',
    "two-documents": b'{"object":"list","data":[],"list_metadata":{"after":null}}{}',
    "half-document": b'{"object":"list","data":[{"id":"event_1"',
    "list-without-metadata": b'{"object":"list","data":[]}',
    "list-without-after": b'{"object":"list","data":[],"list_metadata":{}}',
    "camel-metadata":
        b'{"object":"list","data":[],"listMetadata":{"after":null}}',
    "comma": b'{"object":"list","data":[,],"list_metadata":{"after":null}}',
}


@fault
def wrong(x, arg):
    """an envelope of the wrong shape :SHAPE, one of
    """
    x.send(Answer(200, WRONG[arg]))


wrong.__doc__ += " ".join(sorted(WRONG))


@fault
def loop(x, arg):
    """the right page, but the cursors go round [:LENGTH of the circle, 1]"""
    length = int(arg or 1)
    page, _ = x.server.api.events.page(frozenset(x.query.names), length)
    answer = x.answer()
    cursor = page[x.server.count("loop") % length].id
    answer.body = re.sub(rb'("list_metadata":\{"after":)[^}]*\}\}$',
                         lambda m: m.group(1) + json.dumps(cursor).encode()
                         + b"}}", answer.body)
    x.send(answer)


@fault
def list_loop(x, arg):
    """the right page of a list, which goes on after the first item for ever"""
    page = json.loads(x.answer().body)
    page["list_metadata"]["after"] = (x.query.get("after")
                                      or page["data"][0]["id"])
    x.send(Answer(200, page))


@fault
def list_endless(x, arg):
    """the right page of a list, with a new cursor however often one asks"""
    page = json.loads(x.answer().body)
    cursor = "cursor_%020d" % x.server.count("list_endless")
    page["list_metadata"] = {"before": None, "after": cursor}
    x.send(Answer(200, page))


@fault
def endless(x, arg):
    """an empty page with a new cursor, however often one asks"""
    cursor = "event_%026d" % x.server.count("endless")
    x.send(envelope([], cursor))


@fault
def big(x, arg):
    """a page larger than its limit [:EVENTS, 1000000]"""
    x.chunked(_big(int(arg or 1000000)))


def _big(n):
    yield b'{"object":"list","data":['
    for i in range(n):
        yield (b'%s{"object":"event","id":"event_%026d","event":"user.created",'
               b'"data":{"object":"user","id":"user_%026d"},'
               b'"created_at":"2026-01-01T00:00:00.000Z"}'
               % (b"," if i else b"", i, i))
    yield b'],"list_metadata":{"after":null}}'


@fault
def long(x, arg):
    """a page with one event of so many MiB [:MIB, 1024]"""
    x.chunked(_long(int(arg or 1024)))


def _long(mib):
    yield (b'{"object":"list","data":[{"object":"event","id":"event_long",'
           b'"event":"user.created","created_at":"2026-01-01T00:00:00.000Z",'
           b'"data":{"id":"user_long","name":"')
    for _ in range(mib):
        yield b"x" * MIB
    yield b'"}}],"list_metadata":{"after":null}}'


@fault
def deep(x, arg):
    """a page with an event nested so deep [:LEVELS, 1000000]"""
    levels = int(arg or 1000000)
    x.send(Answer(200, b'{"object":"list","data":[{"object":"event",'
                  b'"id":"event_deep","event":"user.created",'
                  b'"created_at":"2026-01-01T00:00:00.000Z","data":{"id":"u",'
                  b'"metadata":%s%s}}],"list_metadata":{"after":null}}'
                  % (b"[" * levels, b"]" * levels)))


@fault
def bomb(x, arg):
    """a small gzip body that grows to so many MiB [:MIB, 4096]"""
    x.head(200, {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"})
    for piece in _bomb(int(arg or 4096)):
        x.write_chunk(piece)
    x.write_chunk(b"")


def _bomb(mib):
    # Full flushes make each block stand alone, so one is packed and repeated.
    blank = b" " * MIB
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = pack.compress(blank) + pack.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    yield b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    for _ in range(mib):
        crc = zlib.crc32(blank, crc)
        yield block
    tail = b'{"object":"list","data":[],"list_metadata":{"after":null}}'
    crc = zlib.crc32(tail, crc)
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield pack.compress(tail) + pack.flush()
    yield (crc.to_bytes(4, "little")
           + ((mib * MIB + len(tail)) & 0xffffffff).to_bytes(4, "little"))


@fault
def bad_gzip(x, arg):
    """Content-Encoding: gzip, and damaged"""
    packed = bytearray(gzip.compress(x.answer().body))
    for i in range(len(packed) // 2, len(packed) // 2 + 16):
        packed[i] ^= 0x55
    x.head(200, {"Content-Encoding": "gzip", "Content-Length": str(len(packed))})
    x.write(bytes(packed))


def in_first_id(x, junk):
    """The page with junk at the end of its first string."""
    answer = x.answer()
    answer.body = re.sub(rb'("id"\s*:\s*"[^"]*)"', rb"\g<1>" + junk + b'"',
                         answer.body, count=1)
    x.send(answer)


@fault
def nul(x, arg):
    """the page with a NUL byte in a string"""
    in_first_id(x, b"\0")


@fault
def utf8(x, arg):
    """the page with invalid UTF-8 in a string"""
    in_first_id(x, b"\xff\xc3")


@fault
def newline(x, arg):
    """the page with a bare newline in a string"""
    in_first_id(x, b"\n")


@fault
def echo_key(x, arg):
    """an answer that repeats the Authorization header [:STATUS, 400]"""
    key = x.authorization or ""
    status = int(arg or 400)
    if status == 200:
        answer = Answer(200, ("<html>%s %s</html>" % (key, key.split()[-1:]))
                        .encode(), content_type="text/html")
    else:
        answer = Answer(status, {"message": "not allowed: " + key, "code": key})
    answer.headers["X-Request-Id"] = key
    x.send(answer)


@fault
def header(x, arg):
    """a refusal with this header :STATUS:NAME:VALUE"""
    status, name, value = arg.split(":", 2)
    x.send(Answer(int(status), {"message": "No."}, {name: value}))


@fault
def odd_headers(x, arg):
    """a refusal with control bytes in its headers [:STATUS, 403]"""
    x.send(Answer(int(arg or 403), {"message": "No."}, {
        "X-Request-Id": "\x1b[2J" + "\x07" * 3000,
        "Location": "http://\x1b]0;owned\x07/"}))


@fault
def add(x, arg):
    """the right answer, after the events of a file have happened [:FILE]"""
    x.server.api.events.add_file(arg)
    x.send(x.answer())
