"""SendGrid on loopback: the stand-in that behaves, and a vendor that says what a test tells it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stamina

from bot.sendgrid.suppressions import SendGridLists
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.sendgrid import DELETE_KEY, READ_KEY, SendGrid
from sandbox.serving import serving


@pytest.fixture(autouse=True)
def _no_waiting():
    """Three tries as ever, without the pauses between them."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="session")
def clock():
    return Clock()


@pytest.fixture(scope="session")
def stand_in(clock):
    vendor = SendGrid(clock, Calls(clock))
    with serving(vendor.app()) as url:
        vendor.url = url
        yield vendor
    vendor.close()


@pytest.fixture
def vendor(stand_in):
    stand_in.reset({})
    return stand_in


@pytest.fixture
def lists(vendor, clock):
    return SendGridLists(read_key=READ_KEY, delete_key=DELETE_KEY, url=vendor.url, clock=clock)


SILENCE, BREAK = "silence", "break"


class Vendor:
    """Answers each call with the next of `answers`: (status, body, headers), SILENCE or BREAK.

    A body of a string is sent as it is; a length that is announced may be too long.
    A function writes the whole answer, head and all, for as long as it likes.
    """

    def __init__(self):
        self.calls, self.answers, self._over = [], deque(), threading.Event()
        self.bodies = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                told = vendor._next(f"{self.command} {self.path}", self.headers)
                if callable(told):
                    with contextlib.suppress(OSError):
                        told(self.wfile)
                    self.close_connection = True
                    return
                if isinstance(told, str):
                    vendor._over.wait(5 if told == SILENCE else 0)
                    return
                status, body, headers = told
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {"Content-Length": len(text), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                self._answer()

            def do_DELETE(self):
                self._answer()

            def do_POST(self):
                vendor.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _next(self, call, headers):
        self.calls.append((call, headers))
        return self.answers.popleft() if self.answers else (200, [], {})

    @property
    def asked(self):
        return [call for call, _ in self.calls]

    def says(self, status, body="", **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, body, names))

    def writes(self, write):
        """`write` gets the stream."""
        self.answers.append(write)

    def is_silent(self):
        """Neither answers nor hangs up until the test is over."""
        self.answers.append(SILENCE)

    def breaks_off(self):
        """Hangs up without a word."""
        self.answers.append(BREAK)

    def close(self):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def scripted():
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def told(scripted, clock):
    """The lists of the vendor that says what it is told."""
    return SendGridLists(read_key="SG.read", delete_key="SG.delete", url=scripted.url, clock=clock)


@pytest.fixture
def impatient(scripted, clock):
    return SendGridLists(
        read_key="SG.read", delete_key="SG.delete", url=scripted.url, clock=clock, timeout=0.1
    )


@pytest.fixture
def soon():
    """A rate limit that ends so many seconds from now, as the vendor writes it."""
    return lambda seconds: str(int(time.time()) + seconds)
