"""What opens a call to SendGrid: no redirects, and an answer bounded in time and size.

The package that builds the calls opens them with `urllib`, whose own opener takes
the key wherever an answer points, waits anew for each byte, and reads to the end.
"""

from __future__ import annotations

import io
import socket
import time
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib import request

from handlers.ports import VendorError


def bounded(seconds: float, most: int) -> request.OpenerDirector:
    """An opener whose answers take at most `seconds` and have at most `most` bytes.

    Beyond either, VendorError out of whatever reads. Nothing here follows redirects:
    each is an answer with a status, and an error to whoever asked.
    """
    response = partial(_Answer, seconds=seconds, most=most)
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        _Http(response),
        _Https(response),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _Http(request.HTTPHandler):
    def __init__(self, response: partial[_Answer]) -> None:
        super().__init__()
        self._response = response

    def http_open(self, req: request.Request) -> HTTPResponse:
        return self.do_open(self._connected, req)

    def _connected(self, host: str, **named: Any) -> HTTPConnection:
        connection = HTTPConnection(host, **named)
        connection.response_class = self._response  # type: ignore[assignment]
        return connection


class _Https(request.HTTPSHandler):
    def __init__(self, response: partial[_Answer]) -> None:
        super().__init__()
        self._response = response

    def https_open(self, req: request.Request) -> HTTPResponse:
        return self.do_open(self._connected, req)

    def _connected(self, host: str, **named: Any) -> HTTPSConnection:
        connection = HTTPSConnection(host, **named)
        connection.response_class = self._response  # type: ignore[assignment]
        return connection


class _Answer(HTTPResponse):
    """The time runs from the first byte that is awaited, head and body together."""

    def __init__(
        self, sock: socket.socket, *args: Any, seconds: float, most: int, **named: Any
    ) -> None:
        super().__init__(sock, *args, **named)
        self._most = most
        self.fp = io.BufferedReader(_Hurried(self.fp.detach(), sock, seconds))

    def read(self, amt: int | None = None) -> bytes:
        """All of it, where no amount is asked for; the package and its errors ask for none."""
        if amt is not None:
            return super().read(amt)
        try:
            return self._whole()
        except Exception:
            # The package closes nothing that it has not read to the end.
            self.close()
            raise

    def _whole(self) -> bytes:
        if self.length is not None and self.length <= self._most:
            return super().read()  # which notices where less comes than was announced
        body = b"" if self.length else super().read(self._most + 1)
        if self.length or len(body) > self._most:
            # As for an answer that nobody can read: what was asked may have been done.
            raise VendorError("answer_too_large", unanswered=True)
        return body


class _Hurried(io.RawIOBase):
    """Bytes of a socket, each waited for no longer than its time-out and the time that is left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._raw, self._sock = raw, sock
        self._patience = sock.gettimeout() or seconds
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left > 0:
            self._sock.settimeout(min(self._patience, left))
            try:
                return self._raw.readinto(buffer)
            except TimeoutError:
                if time.monotonic() < self._until:
                    raise
        raise VendorError("too_slow", unanswered=True)

    def close(self) -> None:
        self._raw.close()
        super().close()
