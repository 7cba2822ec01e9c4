"""A vendor on loopback that answers byte for byte what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stamina
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot import http
from bot.lineworks.api import Api
from bot.lineworks.auth import Account, Tokens
from bot.lineworks.kept import cipher
from handlers.house import House, Policy
from storage.opening import open_store
from tests.bot.lineworks.days import NOON, Day
from tests.fakes import TOKYO, FakeClock

TOKEN = {"access_token": "AAA+/=", "scope": "bot.message bot.read", "expires_in": "86400"}


@dataclass
class Call:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Vendor:
    """`answers` are used up one by one; without any it says 201 and nothing more."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    token_calls: list[Call] = field(default_factory=list)
    answers: deque[bytes | None] = field(default_factory=deque)
    token_answers: deque[bytes | None] = field(default_factory=deque)
    hanging: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def will_say(self, status, body=b"", *headers):
        """Queue an answer for the API; headers as `Name: value`."""
        self.answers.append(answer(status, body, *headers))

    def will_hang(self):
        self.answers.append(None)

    def will_break_off(self, after=b""):
        """Close the line after these bytes."""
        self.answers.append(after)

    def token(self, status=200, **told):
        self.token_answers.append(answer(status, json.dumps(told or TOKEN).encode()))


def answer(status, body=b"", *headers):
    body = json.dumps(body).encode() if isinstance(body, dict) else body
    lines = [f"HTTP/1.1 {status} Whatever", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def handler_for(vendor):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self):
            self.raw_requestline = self.rfile.readline()
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.reply(Call(self.command, self.path, list(self.headers.items()), body))

        def reply(self, call):
            for_token = call.target.endswith("/token")
            (vendor.token_calls if for_token else vendor.calls).append(call)
            said = vendor.token_answers if for_token else vendor.answers
            usual = answer(200, TOKEN) if for_token else answer(201)
            raw = said.popleft() if said else usual
            if raw is None:
                vendor.hanging.set()
                vendor.over.wait(10)
            else:
                self.wfile.write(raw)
            self.close_connection = raw is None or b"Content-Length" not in raw

    return Handler


@pytest.fixture
def vendor():
    vendor = Vendor()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(vendor))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    yield vendor
    vendor.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_waiting():
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.fixture(scope="session")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def pem(rsa_key):
    return rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def account(pem):
    return Account(
        client_id="client",
        client_secret="secret",
        service_account="svc.serviceaccount@example.co.jp",
        private_key=pem,
    )


@pytest.fixture
def client():
    with http.client(read=5) as client:
        yield client


@pytest.fixture
def tokens(account, vendor, client):
    return Tokens(account, f"{vendor.url}/oauth2/v2.0", client)


@pytest.fixture
def api(vendor, tokens, client):
    return Api(f"{vendor.url}/v1.0", tokens, client)


@pytest.fixture
def sealing():
    return cipher([Fernet.generate_key().decode()])


@pytest.fixture
def house(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'day.db'}")
    yield House(
        tenant="t",
        store=store,
        clock=FakeClock(NOON),
        zone=TOKYO,
        locale="en",
        policy=Policy(admin_channel="slack:CADMINS"),
        chats={},
    )
    store.close()


@pytest.fixture
def day(house, sealing):
    return Day(house, sealing)
