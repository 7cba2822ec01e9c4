"""Answers without end, by drops or from elsewhere: each is given up in time, and the key stays."""

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.sendgrid import client
from bot.sendgrid.client import MOST_BYTES, Api
from bot.sendgrid.suppressions import SendGridLists
from handlers.ports import VendorError
from storage.lists import ListName
from storage.requests import Outcome
from tests.bot.sendgrid.conftest import Vendor

ADDRESS = "taro@example.jp"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
BLOCK = b" " * 65536


def walked(lists, name=ListName.BOUNCES):
    return [one.address for page in lists.pages(name, None, NOW) for one in page.entries]


def remove(lists):
    return lists.remove(ListName.BOUNCES, ADDRESS)


def head(*lines, status="200 OK"):
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


@pytest.fixture
def hurried(monkeypatch, scripted, clock):
    """Half a second for a whole answer, and patience for each byte of it."""
    monkeypatch.setattr(client, "_WHOLE_ANSWER", 0.1)
    return SendGridLists(
        read_key="SG.read", delete_key="SG.delete", url=scripted.url, clock=clock, timeout=5
    )


@pytest.fixture
def dripping():
    """An answer that begins with some bytes and goes on by single ones."""
    over = threading.Event()

    def answer(begin, drop=b" "):
        def write(out):
            out.write(begin)
            while not over.wait(0.03):
                out.write(drop)

        return write

    yield answer
    over.set()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("act", [walked, remove])
def test_a_redirect_is_a_no_and_the_key_stays(told, scripted, other, status, act):
    scripted.says(status, Location=f"{other.url}/v3/suppression/bounces")
    with pytest.raises(VendorError, match="redirected") as error:
        act(told)
    assert (error.value.permanent, error.value.unanswered) == (True, False)
    assert (len(scripted.calls), other.calls) == (1, [])


@pytest.mark.parametrize("place", ["", "http://[", "file:///etc/hosts", "/v3/elsewhere"])
def test_wherever_a_redirect_points_nobody_looks(told, scripted, place):
    scripted.says(302, Location=place)
    with pytest.raises(VendorError, match="redirected"):
        walked(told)
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (head("Content-Length: 1000000") + b"[", b" "),
        (head() + b"[", b" "),
        (head("Transfer-Encoding: chunked"), b"0"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x"),
        (head(status="503 no") + b"{", b" "),
        (b"", head(status="100 Continue")),
    ],
    ids=["body", "until the end", "chunk", "head", "error", "go on"],
)
def test_an_answer_by_drops_is_given_up(hurried, scripted, dripping, begin, drop):
    for _ in range(3):
        scripted.writes(dripping(begin, drop))
    began = time.monotonic()
    with pytest.raises(VendorError, match="too_slow") as error:
        walked(hurried)
    assert time.monotonic() - began < 10  # three tries of half a second each
    assert (error.value.permanent, error.value.unanswered) == (False, True)


def test_a_deletion_that_is_answered_by_drops_may_have_been_done(hurried, scripted, dripping):
    scripted.writes(dripping(head("Content-Length: 9", status="204 No Content")[:-2]))
    scripted.says(404)
    assert remove(hurried) is Outcome.REMOVED


@pytest.mark.parametrize("status", ["200 OK", "403 no"])
@pytest.mark.parametrize("framing", ["announced", "until the end", "chunked"])
def test_an_answer_over_the_limit_is_read_no_further(told, scripted, status, framing):
    written = []
    lines = {
        "announced": ["Content-Length: 99999999999"],
        "chunked": ["Transfer-Encoding: chunked"],
    }

    def flood(out):
        out.write(head(*lines.get(framing, []), status=status))
        block = b"10000\r\n" + BLOCK + b"\r\n" if framing == "chunked" else BLOCK
        while len(written) * len(block) < 8 * MOST_BYTES:
            out.write(block)
            written.append(1)

    scripted.writes(flood)
    scripted.says(200, [])
    api = Api("SG.read", scripted.url)
    assert api.get("scopes").doubtful  # the first try said nothing
    assert len(written) * len(BLOCK) < 4 * MOST_BYTES


def test_what_stays_too_large_is_told(told, scripted):
    for _ in range(3):
        scripted.writes(lambda out: out.write(head(f"Content-Length: {MOST_BYTES + 1}")))
    with pytest.raises(VendorError, match="answer_too_large") as error:
        walked(told)
    assert not error.value.permanent


def test_the_list_that_has_no_pages_may_be_longer_than_a_page(told, scripted):
    long = '[{"email": "taro@example.jp"}' + " " * MOST_BYTES + "]"
    scripted.says(200, long)
    assert [one.entries[0].address for one in told.whole(ListName.GROUPS, NOW)] == [ADDRESS]


def test_an_answer_in_chunks_is_whole(told, scripted):
    chunked = b'2\r\n[{\r\n1c\r\n"email": "taro@example.jp"}]\r\n0\r\n\r\n'
    scripted.writes(lambda out: out.write(head("Transfer-Encoding: chunked") + chunked))
    assert walked(told) == [ADDRESS]


@pytest.fixture
def other():
    """Whoever a redirect points to."""
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def sealed(tmp_path, monkeypatch):
    """A vendor behind TLS whose certificate we are told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "vendor")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, today, today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    trusted, private = tmp_path / "vendor.pem", tmp_path / "vendor.key"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.write(self.wfile)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.url = f"https://127.0.0.1:{server.server_port}"
    server.write = lambda out: out.write(head("Content-Length: 17") + b'{"scopes": ["a"]}')
    server.trusted = trusted
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_behind_tls_it_is_the_same(sealed, monkeypatch, dripping):
    with pytest.raises(VendorError, match="no_answer"):
        Api("SG.read", sealed.url).scopes()
    monkeypatch.setenv("SSL_CERT_FILE", str(sealed.trusted))
    assert Api("SG.read", sealed.url).scopes() == {"a"}
    sealed.write = dripping(head())
    monkeypatch.setattr(client, "_WHOLE_ANSWER", 0.1)
    with pytest.raises(VendorError, match="too_slow"):
        Api("SG.read", sealed.url, timeout=5).scopes()
