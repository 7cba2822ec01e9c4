"""HTTP to vendors: a time-out on every call, and what a broken call means.

The only module that imports httpx, so that `import httpx2 as httpx` stays one line.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import httpx
from httpx import (
    AsyncClient,
    Client,
    Headers,
    HTTPError,
    InvalidURL,
    Request,
    Response,
    TimeoutException,
)

__all__ = [
    "AsyncClient",
    "Client",
    "HTTPError",
    "Headers",
    "InvalidURL",
    "Request",
    "Response",
    "TimeoutException",
    "async_client",
    "certainly_not_sent",
    "client",
    "decoded",
    "raw_request",
    "with_query",
]

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
LONGEST_DECODED = 256 * 1024
_PIECE = 1024

# The request never left, or left without its end: nobody can have acted on it.
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)

# Both log every URL, and our URLs hold addresses and ids.
for _chatty in ("httpx", "httpcore"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


def client(*, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS) -> Client:
    """A client for calls on threads; times in seconds. Redirects are answers, not orders."""
    return httpx.Client(timeout=httpx.Timeout(read, connect=connect), follow_redirects=False)


def async_client(*, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS) -> AsyncClient:
    """The same on the event loop, with as many connections as there are calls."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(read, connect=connect),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=50),
        follow_redirects=False,
    )


def with_query(url: str, query: Mapping[str, str]) -> str:
    """The URL with these in its query, beside what it holds already."""
    return str(httpx.URL(url).copy_merge_params(query))


def certainly_not_sent(error: HTTPError) -> bool:
    """Whether nothing can have arrived; otherwise (read time-out, broken later) it may have."""
    return isinstance(error, _NEVER_LEFT)


def raw_request(
    client: AsyncClient,
    method: str,
    url: str,
    *,
    target: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    content: bytes,
) -> Request:
    """To the host of `url`, for `target` as it stands, with no header of httpx's own but Host."""
    return httpx.Request(
        method,
        url,
        headers=list(headers),
        content=content or None,
        extensions={"target": target, "timeout": client.timeout.as_dict()},
    )


def decoded(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """The beginning of a body without its content encoding; as it is where that cannot be undone.

    Read in small pieces: of what is packed a thousandfold we unpack no more than we keep.
    """
    pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
    found = bytearray()
    try:
        for piece in httpx.Response(200, headers=list(headers), content=pieces).iter_bytes():
            found += piece[: LONGEST_DECODED - len(found)]
            if len(found) == LONGEST_DECODED:
                break
    except httpx.DecodingError:
        return body
    return bytes(found)
