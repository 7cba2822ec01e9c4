"""Real sockets that dawdle, flood, or say nothing: each is bounded, and others are answered."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib

import pytest
import uvicorn

from bot.connections import SERVER_OPTIONS, Bounded, Bounds
from bot.web import MIB, ROOM, Answer, application

PATIENCE = 20.0  # far above every bound here, so that a busy machine is no failure
OK = b"HTTP/1.1 200"


@contextlib.contextmanager
def serving(endpoint, **bounds):
    class Quick(Bounded):
        pass

    Quick.bounds = Bounds(**bounds)
    app = application({"/failures": endpoint}, lambda: None, None)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    options = SERVER_OPTIONS | {"http": Quick}
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none", **options))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()
    server.should_exit = True
    thread.join(PATIENCE)
    listener.close()
    assert not thread.is_alive()


class Server:
    """Counts what reaches the endpoint, and opens sockets to it."""

    def __init__(self, stack):
        self.stack, self.bodies = stack, []

    def start(self, answer=b"", **bounds):
        def endpoint(body, headers):
            self.bodies.append(body)
            return Answer(status=200, body=answer)

        self.address = self.stack.enter_context(serving(endpoint, **bounds))
        return self

    def line(self):
        return self.stack.enter_context(socket.create_connection(self.address, PATIENCE))


@pytest.fixture
def server():
    with contextlib.ExitStack() as stack:
        yield Server(stack)


def head(length, *more, path="/failures"):
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *more, "", ""]
    return "\r\n".join(lines).encode()


def heard(line):
    """Everything until the other side closes; a line that stays open fails the test."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := line.recv(65536):
            said += piece
    return said


def first_line(line):
    return line.recv(65536).partition(b"\r\n")[0]


def dribble(line, pieces, pause):
    for piece in pieces:
        line.sendall(piece)
        time.sleep(pause)


def works(server):
    line = server.line()
    line.sendall(head(2) + b"[]")
    return first_line(line).startswith(OK)


@pytest.mark.parametrize("said", [b"", b"POST /fail", head(2)[:-2]])
def test_who_does_not_finish_a_head_is_left(server, said):
    line = server.start(head=0.2).line()
    line.sendall(said)
    assert heard(line) == b""
    assert works(server)


@pytest.mark.parametrize("begin", [b"POST /failures HTTP/1.1\r\nX: ", head(10_000)])
def test_a_byte_now_and_then_buys_no_time(server, begin):
    line = server.start(head=0.4, body=0.4).line()
    line.sendall(begin)
    with pytest.raises(ConnectionError):
        dribble(line, [b"x"] * 3000, pause=0.01)
    assert server.bodies == []


def test_who_does_not_finish_a_body_is_left_and_nothing_is_taken(server):
    line = server.start(body=0.2).line()
    line.sendall(head(5) + b"[1")
    assert heard(line) == b""
    assert server.bodies == []


def test_a_new_request_on_an_old_line_has_its_own_time(server):
    line = server.start(head=2.0).line()
    for _ in range(4):
        time.sleep(0.7)
        line.sendall(head(2) + b"[]")
        assert first_line(line).startswith(OK)


def test_a_hundred_mebibytes_are_refused_by_their_announcement(server):
    line = server.start(rest=0.2).line()
    line.sendall(head(100 * MIB))
    assert first_line(line) == b"HTTP/1.1 413 Request Entity Too Large"
    with pytest.raises(ConnectionError):
        dribble(line, [b"x" * 65536] * 10_000, pause=0.001)
    assert server.bodies == []


def test_an_endless_body_is_refused_at_the_limit(server):
    line = server.start(rest=0.2).line()
    line.sendall(b"POST /failures HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        for _ in range(5 * MIB // 65536):
            line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    with contextlib.suppress(ConnectionError):
        assert b"413" in first_line(line)
    assert server.bodies == []


@pytest.mark.parametrize(
    ("name", "packed"),
    [("gzip", gzip.compress(b"[" * 9 * MIB)), ("deflate", zlib.compress(b"[" * 9 * MIB))],
)
def test_a_compressed_body_is_never_unpacked(server, name, packed):
    line = server.start().line()
    line.sendall(head(len(packed), f"Content-Encoding: {name}", "Connection: close") + packed)
    said = heard(line)
    assert b"415" in said
    assert b"send it as it is" in said
    assert server.bodies == []


def test_what_waits_longest_makes_room_for_who_has_something_to_say(server):
    server.start(most=8)
    idle = [server.line() for _ in range(40)]
    for _ in range(20):
        assert works(server)
    assert heard(idle[0]) == b""


def test_who_is_being_answered_is_never_the_one_to_go(server):
    open_, gone = threading.Event(), []
    server.start(most=3)
    endpoint_waits = threading.Event()

    def endpoint(body, headers):
        endpoint_waits.set()
        open_.wait(PATIENCE)
        return Answer(status=200)

    address = server.stack.enter_context(serving(endpoint, most=3))
    working = server.stack.enter_context(socket.create_connection(address, PATIENCE))
    working.sendall(head(2) + b"[]")
    endpoint_waits.wait(PATIENCE)
    gone = [
        server.stack.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(9)
    ]
    assert heard(gone[0]) == b""
    open_.set()
    assert first_line(working).startswith(OK)


def test_a_flood_of_headers_is_refused(server):
    line = server.start().line()
    with contextlib.suppress(ConnectionError):
        line.sendall(b"POST /failures HTTP/1.1\r\nHost: x\r\n")
        for number in range(20_000):
            line.sendall(b"X-%d: %s\r\n" % (number, b"y" * 90))
    with contextlib.suppress(ConnectionError):
        assert heard(line).startswith(b"HTTP/1.1 400")
    assert server.bodies == []
    assert works(server)


def test_requests_in_one_go_are_answered_one_after_the_other(server):
    line = server.start().line()
    count = 50
    line.sendall((head(2) + b"[]") * (count - 1) + head(2, "Connection: close") + b"[]")
    assert heard(line).count(OK) == count
    assert len(server.bodies) == count


def test_who_has_hung_up_in_the_middle_has_sent_nothing(server):
    line = server.start().line()
    line.sendall(head(5) + b"[1")
    line.shutdown(socket.SHUT_WR)
    assert heard(line) == b""
    assert works(server)
    assert server.bodies == [b"[]"]


def test_who_does_not_take_the_answer_is_left(server):
    server.start(answer=b"x" * 64 * MIB, unread=0.3)
    line = server.line()
    line.sendall(head(2) + b"[]")
    while not server.bodies:
        time.sleep(0.01)
    time.sleep(3)
    assert len(heard(line)) < 64 * MIB


def test_bodies_that_are_too_much_together_are_asked_for_again(server):
    server.start(body=PATIENCE)
    waiting = [server.line() for _ in range(ROOM // (4 * MIB) + 1)]
    for line in waiting:
        line.sendall(head(4 * MIB) + b"x" * (4 * MIB - 1))
    assert _in_time(lambda: any(_answered(line) for line in waiting))
    said = [line for line in waiting if _answered(line)]
    assert all(first_line(line) == b"HTTP/1.1 503 Service Unavailable" for line in said)
    for line in waiting:
        line.close()
    assert _in_time(lambda: works(server))


def _answered(line):
    line.settimeout(0.2)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False


def _in_time(look):
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            return False
    return True


def test_what_serves_is_bounded_and_logs_no_path():
    assert SERVER_OPTIONS["http"] is Bounded
    assert SERVER_OPTIONS["access_log"] is False
    assert Bounds() == Bounded.bounds
