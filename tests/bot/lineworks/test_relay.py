"""The relay passes everything on byte for byte, and never stands in the way."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import queue
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.lineworks.hang_up import SERVER_OPTIONS
from bot.lineworks.relay import PREFIX, Relay
from sandbox.serving import free_socket

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
BASE = "/lineworks/relay/k%2B1"
SEND = "/v1.0/bots/7001002/users/taro%40example.co.jp/messages"
BODY = b'{"content":{"type":"text","text":"\xe8\x8a\xb1"}}'


@contextlib.contextmanager
def serving(app, **options):
    listener = free_socket()
    config = uvicorn.Config(app, log_level="critical", ws="none", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield listener.getsockname()
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def told():
    return queue.Queue()


@pytest.fixture
def make_relay(vendor, told):
    @contextlib.contextmanager
    def make(**more):
        given = {
            "url": f"{vendor.url}/v1.0",
            "tenants": {"k+1": "one", "k2": "two"},
            "tell": told.put,
            "now": lambda: NOW,
        }
        relay = Relay(**{**given, **more})

        @contextlib.asynccontextmanager
        async def lifespan(_):
            yield
            await relay.close()

        app = Starlette(routes=[Mount(PREFIX, app=relay)], lifespan=lifespan)
        with serving(app, **SERVER_OPTIONS) as address:
            yield address

    return make


@pytest.fixture
def relay(make_relay):
    with make_relay() as address:
        yield address


def call(address, method="POST", path=SEND, body=BODY, base=BASE, headers=()):
    """Status, headers in their order and case, and the body as it travelled."""
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.putrequest(method, base + path, skip_host=True, skip_accept_encoding=True)
    for name, value in (("Host", "relay"), *headers):
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    try:
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


ANSWERS = [
    (201, b"", ()),
    (201, b'{"a": 1 }', ("Content-Type: application/json",)),
    (429, b'{"code":"X"}', ("rateLimit-ssed: 61", "rateLimit-reset: 7", "RATELIMIT-limit: 60")),
    (503, b"<html>down</html>", ("Content-Type: text/html", "Server: nginx", "Date: yesterday")),
    (
        400,
        gzip.compress(b'{"code":"BAD"}', mtime=0),
        ("Content-Encoding: gzip", "Vary: Accept-Encoding"),
    ),
    (200, b"\x00\xff", ("Set-Cookie: a=1", "Set-Cookie: b=2", "X-Empty:")),
    (302, b"", ("Location: https://elsewhere.example.com/x",)),
    (404, b"", ("WWW-Authenticate: Bearer error=x",)),
]


@pytest.mark.parametrize(("status", "body", "headers"), ANSWERS)
def test_an_answer_is_the_same_with_and_without_us(relay, vendor, status, body, headers):
    for _ in range(2):
        vendor.will_say(status, body, *headers)
    direct = ("127.0.0.1", int(vendor.url.rpartition(":")[2]))
    assert call(relay) == call(direct, base="")


def test_a_body_without_a_length_arrives_whole(relay, vendor):
    vendor.will_break_off(b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n" + b"x" * 200_000)
    status, headers, body = call(relay)
    assert (status, body) == (200, b"x" * 200_000)
    assert ("X-A", "b") in headers


def test_a_request_arrives_as_it_was_sent(relay, vendor):
    headers = [
        ("Authorization", "Bearer theirs"),
        ("Content-Type", "application/json; charset=UTF-8"),
        ("X-Two", "1"),
        ("X-Two", "2"),
    ]
    call(relay, path=f"{SEND}?a=%2F&b", headers=headers)
    (arrived,) = vendor.calls
    assert (arrived.method, arrived.target, arrived.body) == ("POST", f"{SEND}?a=%2F&b", BODY)
    assert arrived.headers == [
        ("Host", vendor.url.removeprefix("http://")),
        *[(name.lower(), value) for name, value in headers],
        ("content-length", str(len(BODY))),
    ]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_every_method_and_path_passes_unread(relay, vendor, told, method):
    status, _, _ = call(relay, method, "/v1.0/bots/7/channels/a%2Fb;c=1/members", body=None)
    (arrived,) = vendor.calls
    assert (status, arrived.method) == (201, method)
    assert arrived.target == "/v1.0/bots/7/channels/a%2Fb;c=1/members"
    assert {name.lower() for name, _ in arrived.headers} <= {"host", "content-length"}
    assert told.empty()


def test_a_chunked_request_arrives_whole(relay, vendor):
    connection = http.client.HTTPConnection(*relay, timeout=5)
    connection.request("POST", BASE + SEND, iter([b"one", b"two"]), encode_chunked=True)
    assert connection.getresponse().read() == b""
    connection.close()
    assert vendor.calls[0].body == b"onetwo"


def test_what_is_about_one_connection_or_for_us_is_not_passed_on(relay, vendor):
    headers = [
        ("X-Notify-Id", "n1"),
        ("X-Notify-Anything", "x"),
        ("Connection", "keep-alive, X-Private"),
        ("X-Private", "p"),
        ("TE", "trailers"),
        ("Expect", "100-continue"),
    ]
    call(relay, headers=headers)
    names = {name.lower() for name, _ in vendor.calls[0].headers}
    assert names == {"host", "content-length"}


def test_a_notification_is_told_with_its_answer(relay, vendor, told):
    vendor.will_say(429, b'{"code":"X"}', "rateLimit-reset: 7")
    call(relay, headers=[("X-Notify-Id", "n1"), ("X-Notify-Tag", "給与".encode())])
    seen = told.get(timeout=5)
    assert (seen.tenant, seen.status, seen.body) == ("one", 429, b'{"code":"X"}')
    assert ("rateLimit-reset", "7") in seen.headers
    assert (seen.relayed.id, seen.relayed.tag) == ("n1", "給与")
    assert (seen.relayed.recipient, seen.relayed.body) == ("taro@example.co.jp", BODY)


def test_a_key_names_its_tenant(relay, told):
    call(relay, base="/lineworks/relay/k2")
    assert told.get(timeout=5).tenant == "two"


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/lineworks/relay/k", SEND),
        ("/lineworks/relay/", SEND),
        ("/lineworks/relay/%C3%A9", SEND),
        (BASE, "/v2.0/bots"),
        (BASE, "/v1.0"),
        (BASE, "//elsewhere.example.com/v1.0/bots"),
        (BASE, "/v1.0/../admin"),
        (BASE, "/v1.0/%2e%2E/admin"),
        (BASE, "/v1.0/a%2F..%2F..%2Fadmin"),
        (BASE, "/v1.0/..\\admin"),
        (BASE, "/v1.0/./bots"),
    ],
)
def test_a_stranger_or_a_way_around_finds_nothing(relay, vendor, told, base, path):
    status, _, body = call(relay, path=path, base=base)
    assert (status, body) == (404, b"Not Found")
    assert not vendor.calls
    assert told.empty()


def test_an_absolute_url_goes_nowhere(relay, vendor):
    status, _, _ = call(relay, base="http://elsewhere.example.com", path=SEND)
    assert status == 404
    assert not vendor.calls


def hung_up(address, **more):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        call(address, **more)


def test_a_vendor_that_hangs_up_makes_us_hang_up(relay, vendor, told):
    vendor.will_break_off()
    hung_up(relay)
    seen = told.get(timeout=5)
    assert (seen.lost, seen.never_left) == ("RemoteProtocolError", False)


def test_a_vendor_that_stays_silent_makes_us_hang_up(make_relay, vendor, told):
    vendor.will_hang()
    with make_relay(patience=0.1) as address:
        hung_up(address)
    seen = told.get(timeout=5)
    assert (seen.lost, seen.never_left) == ("ReadTimeout", False)


def test_a_vendor_that_cannot_be_reached_makes_us_hang_up(make_relay, told):
    with make_relay(url="http://127.0.0.1:1/v1.0") as address:
        hung_up(address)
    seen = told.get(timeout=5)
    assert (seen.lost, seen.never_left) == ("ConnectError", True)


def test_an_answer_that_breaks_off_breaks_off_here(relay, vendor, told):
    vendor.will_break_off(b"HTTP/1.1 201 Created\r\ncontent-length: 10\r\n\r\nhalf")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        call(relay)
    assert told.get(timeout=5).status == 201


def test_a_host_that_goes_away_is_told_of_the_answer_all_the_same(relay, vendor, told):
    vendor.will_hang()
    with socket.create_connection(relay) as host:
        host.sendall(f"POST {BASE}{SEND} HTTP/1.1\r\nHost: r\r\nContent-Length: 0\r\n\r\n".encode())
        assert vendor.hanging.wait(5)
    vendor.over.set()
    assert told.get(timeout=5).lost == "RemoteProtocolError"


def test_a_host_that_goes_away_is_not_waited_for_long(make_relay, vendor, told):
    vendor.will_hang()
    with make_relay(grace=0.05) as address, socket.create_connection(address) as host:
        host.sendall(f"POST {BASE}{SEND} HTTP/1.1\r\nHost: r\r\nContent-Length: 0\r\n\r\n".encode())
        assert vendor.hanging.wait(5)
        host.close()
        assert told.get(timeout=5).lost == "host_left"


def test_a_host_that_goes_away_in_the_middle_of_its_body_sends_nothing(relay, vendor, told):
    with socket.create_connection(relay) as host:
        host.sendall(
            f"POST {BASE}{SEND} HTTP/1.1\r\nHost: r\r\nContent-Length: 9\r\n\r\nhalf".encode()
        )
    assert call(relay)[0] == 201
    assert told.get(timeout=5).relayed.body == BODY
    assert (len(vendor.calls), told.qsize()) == (1, 0)


def test_a_body_beyond_all_measure_is_refused(relay, vendor):
    status, _, _ = call(relay, body=b"x" * (16 * 1024 * 1024 + 1))
    assert status == 413
    assert not vendor.calls


def test_one_slow_call_holds_up_no_other(relay, vendor):
    vendor.will_hang()
    slow = threading.Thread(target=hung_up, args=(relay,))
    slow.start()
    assert vendor.hanging.wait(5)
    assert call(relay)[0] == 201
    vendor.over.set()
    slow.join()
