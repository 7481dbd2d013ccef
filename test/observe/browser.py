# SPDX-License-Identifier: MIT
"""A headless Chromium, driven over the DevTools pipe, with nothing but
Python's standard library.

    with Browser() as browser:
        page = browser.open(url)
        page.show(width, dark)
        page.problems(), page.evaluate(js), page.screenshot(path)
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

# What keeps it from talking to anybody, and lets it run as root in a container.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe")
SECONDS = 60  # to answer one command; a cold start on a busy machine is slow


def find():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Browser:
    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="wos.")
        self.log = open(os.path.join(self.profile, "log"), "w+b")
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"', "sh",
             str(to_read), str(back_write), find(), *FLAGS,
             "--user-data-dir=" + self.profile, "about:blank"],
            pass_fds=(to_read, back_write), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, start_new_session=True)
        os.close(to_read)
        os.close(back_write)
        self.buffer, self.events, self.number = b"", [], 0
        return self

    def __exit__(self, *_):
        # Its children are in the group that it leads; all of them are ours.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.to)
        os.close(self.back)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self):
        end = time.monotonic() + SECONDS
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.back], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.back, 1 << 16)
            if not more:
                self.log.seek(0)
                raise EOFError("the browser has ended: %s" % self.log.read()
                               .decode(errors="replace")[-2000:])
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self.to, json.dumps(command).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") != self.number:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError("%s: %s" % (method, message["error"]))
            else:
                return message["result"]

    def open(self, url, now=None, scripts=True):
        """The page, at a time in Unix ms, or with no script of its own."""
        return Page(self, url, now, scripts)


class Page:
    """A page in a tab of its own, loaded."""

    def __init__(self, browser, url, now, scripts):
        self.browser, self.url = browser, url
        self.target = browser.call("Target.createTarget",
                                   url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", flatten=True,
                                    targetId=self.target)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        if now is not None:
            self.call("Page.addScriptToEvaluateOnNewDocument",
                      source="Date.now = function () { return %d; };" % now)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        browser.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired"
                      for event in browser.events):
            browser.events.append(browser.receive())

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def show(self, width, dark):
        """Lays it out in that width and colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=800, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def problems(self):
        """What the console says, and what was asked of the network."""
        found = []
        for event in self.browser.events:
            params, method = event.get("params", {}), event.get("method")
            if method == "Runtime.consoleAPICalled":
                found.append("console: %s" % params["args"])
            elif method == "Runtime.exceptionThrown":
                found.append("exception: %s" % params["exceptionDetails"])
            elif method == "Log.entryAdded":
                found.append("log: %s" % params["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                asked = params["request"]["url"]
                if asked != self.url and not asked.startswith("data:"):
                    found.append("asks for %s" % asked)
        self.browser.events.clear()
        return found

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def screenshot(self, path, top=0, height=None, scale=1):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                          clip={"x": 0, "y": top, "width": size["width"],
                                "height": height or size["height"],
                                "scale": scale})
        with open(path, "wb") as out:
            out.write(base64.b64decode(image["data"]))

    def pdf(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(
                self.call("Page.printToPDF", printBackground=False,
                          preferCSSPageSize=True)["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
