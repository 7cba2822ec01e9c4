"""Every call ends, and a broken one says whether anything can have arrived."""

from __future__ import annotations

import asyncio
import socket
import threading

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
