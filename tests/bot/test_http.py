"""Every call ends, and a broken one says whether anything can have arrived."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import zlib

import pytest

from bot import http


@pytest.fixture
def line():
    """A listening socket that nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}/"


def broken(url, **limits):
    with http.client(**limits) as client, pytest.raises(http.HTTPError) as caught:
        client.post(url, content=b"x")
    return caught.value


def test_a_refused_connection_was_certainly_not_sent(line):
    listener, url = line
    listener.close()
    assert http.certainly_not_sent(broken(url))


def test_an_answer_that_never_comes_may_have_arrived(line):
    error = broken(line[1], read=0.05)
    assert isinstance(error, http.TimeoutException)
    assert not http.certainly_not_sent(error)


def test_a_line_that_breaks_after_the_request_may_have_arrived(line):
    def answer():
        connection, _ = line[0].accept()
        connection.recv(4096)
        connection.close()

    threading.Thread(target=answer).start()
    assert not http.certainly_not_sent(broken(line[1]))


def test_the_client_of_the_event_loop_ends_its_calls_too(line):
    async def call():
        async with http.async_client(read=0.05) as client:
            await client.get(line[1])

    with pytest.raises(http.TimeoutException):
        asyncio.run(call())


def test_no_url_reaches_the_log(line, caplog):
    caplog.set_level("DEBUG")
    broken(line[1], read=0.05)
    assert line[1] not in caplog.text


def test_of_an_answer_that_is_packed_a_thousandfold_only_the_beginning_is_unpacked():
    bomb = gzip.compress(b"x" * 64 * 1024 * 1024)[: 64 * 1024]
    found = http.decoded([("Content-Encoding", "gzip")], bomb)
    assert found == b"x" * http.LONGEST_DECODED


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", "nobody-knows"])
def test_an_answer_is_read_in_its_encoding(encoding):
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)
    assert http.decoded([("Content-Encoding", encoding)], packed(b"{}")) == b"{}"


def test_an_answer_that_is_not_in_its_encoding_stays_as_it_is():
    assert http.decoded([("Content-Encoding", "gzip")], b"{}") == b"{}"
