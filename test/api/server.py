# SPDX-License-Identifier: MIT
"""HTTP/1.1 around the API: connections, TLS, compression, the log, the faults."""

import email.utils
import gzip
import http.server
import json
import os
import random
import re
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import uuid

from api import Query, not_found, too_many, unauthorized, Answer


class RateLimit:
    """At most `n` requests in any `seconds`; a refused one does not count."""

    def __init__(self, text):
        n, seconds = text.split("/")
        self.n, self.seconds = int(n), float(seconds)
        self.times = []
        self.lock = threading.Lock()

    def wait(self):
        """Seconds until the next request may come; 0 takes the place."""
        with self.lock:
            now = time.monotonic()
            self.times = [t for t in self.times if t > now - self.seconds]
            if len(self.times) < self.n:
                self.times.append(now)
                return 0
            return self.times[0] + self.seconds - now


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port, api, objects, lists, options):
        super().__init__(("127.0.0.1", port), Exchange)
        self.api = api
        self.objects = objects
        self.lists = lists
        self.options = options
        self.lock = threading.Lock()
        self.counts = {}
        self.families = {}
        self.barriers = {}
        self.busy_until = None
        self.started = time.monotonic()
        self.tls = None
        if options.tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*options.tls)

    def count(self, what):
        """1, 2, 3 ... for each thing that is counted."""
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]

    def family(self, path, query):
        """The limit that requests of one kind share, or None."""
        if path.startswith("/user_management/"):
            key, text = "/user_management/", self.options.rate_users
        elif path == "/directory_users":
            key = query.get("directory") or query.get("group")
            text = self.options.rate_directory
        else:
            return None
        with self.lock:
            if key not in self.families:
                self.families[key] = RateLimit(text)
            return self.families[key]

    def now(self):
        return round((time.monotonic() - self.started) * 1000, 1)

    def handle_error(self, request, client_address):
        # A client that went away is what half of the tests are about.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Exchange(http.server.BaseHTTPRequestHandler):
    """One connection; and, while it is being answered, one request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        self.connection_number = self.server.count("connection")
        if self.server.tls:
            # Here, not where it is accepted: one that dawdles over its
            # handshake must not keep the others out.
            self.request = self.server.tls.wrap_socket(
                self.request, server_side=True)
        super().setup()

    def finish(self):
        super().finish()
        self.connection.close()     # the TLS one is nobody else's to close

    def log_message(self, format, *args):   # the name is the base class's
        pass                                # it would go to stderr

    # What a request is answered with.

    def do_GET(self):
        self.begin = self.server.now()
        self.number = self.server.count("request")
        self.logged = False
        self.fault = None
        self.nevents = 0
        self.request_id = str(uuid.uuid4())
        self.authorization = self.headers.get("Authorization")
        url = urllib.parse.urlsplit(self.path)
        self.query = Query(url.query)
        self.url_path = url.path

        options = self.server.options
        delay = options.latency + random.uniform(0, options.jitter)
        if delay:
            time.sleep(delay / 1000)
        for fault in options.fault:
            if fault.strikes(self.number):
                self.fault = fault.kind
                fault.function(self, fault.argument)
                return
        self.send(self.answer())

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def answer(self):
        """The right answer."""
        if self.authorization != "Bearer " + self.server.options.key:
            answer = unauthorized()
        elif self.command != "GET":
            answer = not_found()
        else:
            wait = self.wait()
            answer = (self.too_many(wait) if wait
                      else self.server.api.answer(self.query)
                      if self.url_path == "/events" else self.about_objects())
        self.nevents = answer.nevents
        return answer

    def about_objects(self):
        found = self.server.objects.find(self.url_path)
        if found:
            return self.server.objects.answer(*found)
        return (self.server.lists.answer(self.url_path, self.query)
                or not_found())

    def wait(self):
        """Seconds until the request may come: of all, and of its family."""
        rate = self.server.options.rate
        family = self.server.family(self.url_path, self.query)
        return rate and rate.wait() or family and family.wait()

    def too_many(self, wait):
        """One family says it in its own way."""
        if self.url_path == "/directory_users":
            return Answer(429, "Ratelimited", {"Retry-After": str(int(wait) + 1)})
        return too_many(str(int(wait) + 1))

    # How it is sent.

    def send(self, answer):
        body = answer.body
        headers = {"Content-Type": answer.content_type,
                   "Vary": "Origin, Accept-Encoding"}
        headers.update(answer.headers)
        if "gzip" in self.headers.get("Accept-Encoding", "") and body:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        # In one write, so that no part of it waits for an acknowledgement.
        self.write(self.head_bytes(answer.status, headers) + body)

    def head(self, status, headers):
        usual = {"Content-Type": "application/json; charset=utf-8"}
        usual.update(headers)
        self.write(self.head_bytes(status, usual))

    def head_bytes(self, status, headers):
        self.log(status)
        lines = ["HTTP/1.1 %d %s" % (status, self.responses.get(
            status, ("Unknown",))[0]),
            "Server: workos-api"]
        date = self.date()
        if date is not None:
            lines.append("Date: " + date)
        if "X-Request-Id" not in headers:
            lines.append("X-Request-Id: " + self.request_id)
        lines += ["%s: %s" % header for header in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    def date(self):
        """What the API's clock says, as --date has set it."""
        text = self.server.options.date
        if text == "none":
            return None
        if re.match(r"[+-]\d+$", text):
            return email.utils.formatdate(time.time() + int(text), usegmt=True)
        return text

    def write(self, data):
        self.wfile.write(data)

    def write_chunk(self, data):
        """A chunk; an empty one is the last."""
        self.write(b"%x\r\n%s\r\n" % (len(data), data))

    def chunked(self, pieces):
        self.head(200, {"Transfer-Encoding": "chunked"})
        for piece in pieces:
            self.write_chunk(piece)
        self.write_chunk(b"")

    def close(self):
        self.close_connection = True

    def reset(self):
        """Close with RST: lingering for no time at all means just that."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def wait_for_close(self):
        self.close_connection = True
        while self.connection.recv(4096):
            pass

    # What the tests ask about afterwards.

    def log(self, status):
        """One line of JSON, written before the answer leaves: a client that
        has ended has all its requests in the log."""
        if self.logged or not self.server.options.log:
            return
        self.logged = True
        headers = {k.lower(): v for k, v in self.headers.items()}
        if self.authorization is not None:
            headers["authorization"] = (
                "matched" if self.authorization
                == "Bearer " + self.server.options.key else "wrong")
        query = dict(self.query.one)
        if self.query.names:
            query["events"] = ",".join(self.query.names)
        line = json.dumps({
            "n": self.number, "connection": self.connection_number,
            "method": self.command, "path": self.url_path, "query": query,
            "headers": headers, "status": status, "fault": self.fault,
            "events": self.nevents, "request_id": self.request_id,
            "start": self.begin, "end": self.server.now()})
        with self.server.lock:
            self.server.options.log.write(line + "\n")
            self.server.options.log.flush()
