# SPDX-License-Identifier: MIT
"""Memory is refused: each time that a program asks for some, in turn."""

import functools
import http.server
import os
import re
import shutil
import signal
import threading

import ends
from place import ROOT, Family, Fault, Run

SAMPLE = ROOT + "/test/data/sample.jsonl"


def starved(where, program, arguments, n, on, end, **how):
    """Runs it; its status, and whether it came to that."""
    told, tell = os.pipe()
    env = collector(where) if program == "wos-otlp" else {}
    env.update(end.env if end else {}, LD_PRELOAD=where.library("heap"),
               HEAP_PROGRAM=program, HEAP_AT=str(n), HEAP_ON="1" if on else "0",
               HEAP_FD=str(tell))
    run = Run(where, [program, *arguments], env, pass_fds=[tell], **how)
    os.close(tell)
    status = run.gone()
    with open(told) as struck:
        struck = struck.read() != ""
    said = run.said()
    # libjq 1.6 trips over its own feet while it compiles a program.
    if "--jq" in arguments and -status in (signal.SIGABRT, signal.SIGSEGV):
        where.count("memory refused", program, "libjq 1.6 broke down")
        return status, struck
    # The dynamic linker's own end, behind our message, if there is none for it.
    if on and status == 127 and program + ": " in said and "ABORT" in said:
        status = 1
    if status not in (0, 1, 75) or not struck and status != 0:
        raise Fault("status %d: %s" % (status, said))
    if status != 0 and program + ": " not in said:
        raise Fault("status %d, and no message: %s" % (status, said))
    return status, struck


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes all traces."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):   # the name is the base class's
        pass


def collector(where):
    """What tells wos-otlp of one."""
    if "collector" not in where.gates:
        server = where.gates["collector"] = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Collector)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:%d"
            % where.gates["collector"].server_address[1]}


def count(where, program, way, status):
    where.count("memory refused", program, way, "failed" if status else "went on")


def filtered(where, end, program, way, rest, n, on=False):
    """One that writes lines: all of them, or fewer and it has failed."""
    arguments, source = rest
    arguments = [word.replace("DB", end.name).replace("STREAM", stream(where))
                 for word in arguments]
    source = source(where)
    if end.holds != (program, way):
        end.undisturbed()
        end.fresh()
        end.converge()
        with open(source, "rb") as lines, open(where.file("got"), "wb") as out:
            run = Run(where, [program, *arguments], end.env, stdin=lines, stdout=out)
            if run.gone() != 0:
                raise Fault("undisturbed: " + run.said())
        end.holds, end.writes = (program, way), read(where.file("got"), way)
    with open(source, "rb") as lines, open(where.file("got"), "wb") as out:
        status, struck = starved(where, program, arguments, n, on, end,
                                 stdin=lines, stdout=out)
    got = read(where.file("got"), way)
    if got != end.writes if status == 0 else not end.writes.startswith(got):
        raise Fault("status %d, with %d bytes of %d" % (
            status, len(got), len(end.writes)))
    if struck:
        count(where, program, way, status)
    return struck


def read(name, way):
    """What is in it, without the numbers where some of them are times."""
    with open(name, "rb") as file:
        text = file.read()
    return re.sub(rb"\d+", b"0", text) if way in TIMES else text


def stream(where):
    """The SQL of the sample."""
    made = where.file("stream.sql")
    if not os.path.exists(made):
        with open(made, "wb") as out:
            Run(where, ["wos-decode", SAMPLE], stdout=out).gone()
    return made


def applied(where, end, program, way, tables, n, on=False):
    """A stream into a database; if that fails, once more."""
    end.holds = None
    end.fresh(tables)
    arguments = ["--batch", "4", end.name, stream(where)]
    if way not in end.kept:
        ends.apply(where, end.env, *arguments)
        end.kept[way] = end.rows()
        end.fresh(tables)
    status, struck = starved(where, program, arguments, n, on, end)
    if status != 0:
        end.consistent()
        ends.apply(where, end.env, *arguments)
    end.same(end.kept[way])
    if struck:
        count(where, program, way, status)
    return struck


def escaped(where):
    """Events, and events with escapes where a program looks."""
    made = where.file("escaped.jsonl")
    if not os.path.exists(made):
        with open(SAMPLE) as sample, open(made, "w") as out:
            events = sample.readlines()
            out.writelines(events)
            out.writelines(e.replace('"event_', '"\\u0065vent_').replace(
                '"user_', '"\\u0075ser_') for e in events)
    return made


def lines(where):
    """The same, and a list."""
    made = where.file("lines.jsonl")
    if not os.path.exists(made):
        shutil.copy(escaped(where), made)
        with open(made, "a") as out:
            out.write('{"object":"list_item","of":"user","listed_at":'
                      '"2026-11-28T12:00:00.000Z","data":{"id":"user_9",'
                      '"updated_at":"2026-11-27T12:00:00.000Z"}}\n'
                      '{"object":"list_end","of":"user","listed_at":'
                      '"2026-11-28T12:00:00.000Z","count":1}\n')
    return made


def plan(where):
    made = where.file("explained")
    with open(made, "w") as out:
        out.write("begins oldest\nkey environment\n")
    return made


def nothing(_):
    return os.devnull


QUICK = ["--retries", "1", "--retry-pause", "1"]
TIMES = {"list", "plan", "status"}     # ways that print some
# Program, way, what follows it, standard input.  DB is a database.
FILTERS = (
    ("wos-fetch", "events", QUICK, nothing),
    ("wos-fetch", "jq", [*QUICK, "--max", "9", "--jq", ".id"], nothing),
    ("wos-fetch", "list", [*QUICK, "--list=user,role,organization_membership"],
     nothing),
    ("wos-fetch", "saved", ["--from", "-"], escaped),
    ("wos-fetch", "refused", [*QUICK, "--events", "user.created,no.such"],
     nothing),
    ("wos-decode", "lines", [], lines),
    ("wos-decode", "jq", ["--jq", "."], escaped),
    ("wos-otlp", "traced", ["--", "wos-decode", SAMPLE], nothing),
    ("wos-apply", "plan", ["--plan", "DB"], plan),
    ("wos-apply", "export", ["--export", "DB"], nothing),
    ("wos-apply", "status", ["--status", "--now", "1800000000000", "DB"], nothing),
    ("wos-apply", "dry", ["--dry-run", "DB", "STREAM"], nothing),
)


def sanitized():
    """Such a program has an allocator of its own."""
    with open(ROOT + "/apply/wos-apply", "rb") as program:
        return b"__asan_init" in program.read()


def families():
    if sanitized():
        return
    for on, beginning in ((False, ""), (True, "from-")):
        for program, way, *rest in FILTERS:
            yield Family(("heap", "sqlite", program, beginning + way),
                         functools.partial(filtered, way=way, rest=rest, on=on))
        for end in ends.ENDS:
            for way, tables in (("stream", True), ("tables", False)):
                yield Family(("heap", end, "wos-apply", beginning + way),
                             functools.partial(applied, way="%s-%s" % (end, way),
                                               tables=tables, on=on))
