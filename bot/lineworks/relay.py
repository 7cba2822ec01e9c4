"""The relay: a host's calls to LINE WORKS, passed on byte for byte and looked at in passing.

It never stands in the way. Headers and bytes go through unchanged in both
directions; a vendor that hangs or breaks off makes us hang up, as it would have
without us; what is learnt is told behind the answer.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from starlette.types import Receive, Scope, Send

from bot import http
from bot.lineworks.backlog import Seen
from bot.lineworks.hang_up import hang_up
from bot.lineworks.relayed import Relayed, is_ours, read

PREFIX = "/lineworks/relay/"
_API = "/v1.0"
_PATIENCE = 300.0
_GRACE = 2.0
_LARGEST = 16 * 1024 * 1024
_LARGEST_READ = 64 * 1024

Header = tuple[bytes, bytes]

# RFC 9110 section 7.6.1: these are about one connection. `host` names the other
# side, and an `expect` has been met once the whole body is here.
_ONE_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_NOT_FORWARDED = _ONE_HOP | {b"host", b"expect"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a host. `path` as sent, from /v1.0/ on, without the query."""

    tenant: str
    method: str
    path: str
    query: bytes
    headers: tuple[Header, ...]
    body: bytes

    def notification(self) -> Relayed | None:
        headers = ((name.decode("latin-1"), _text(value)) for name, value in self.headers)
        return read(self.method, self.path, headers, self.body)


class Relay:
    """An ASGI application for everything below PREFIX.

    `url` ends in /v1.0; `tenants` by relay key; `tell` must return at once;
    `patience` is how long, in seconds, the vendor may stay silent; once the host
    has gone, `grace`.
    """

    def __init__(
        self,
        *,
        url: str,
        tenants: Mapping[str, str],
        tell: Callable[[Seen], None],
        now: Callable[[], datetime],
        patience: float = _PATIENCE,
        grace: float = _GRACE,
    ) -> None:
        self._url = url
        self._base = urlsplit(url).path.removesuffix(_API)
        self._tenants = tenants
        self._tell = tell
        self._now = now
        self._grace = grace
        self._client = http.async_client(read=patience)

    async def close(self) -> None:
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admitted = self._admitted(scope["raw_path"].decode("ascii"))
        if admitted is None:
            await _refuse(send, 404, b"Not Found")
            return
        body = await _whole(receive)
        if body is None:
            return  # the host hung up in the middle: nothing was sent on
        if len(body) > _LARGEST:
            await _refuse(send, 413, b"Content Too Large")
            return
        tenant, path = admitted
        call = Call(
            tenant=tenant,
            method=scope["method"],
            path=path,
            query=scope["query_string"],
            headers=tuple(scope["headers"]),
            body=body,
        )
        if not await self._passed_on(call, receive, send):
            await hang_up(scope, receive)

    def _admitted(self, raw_path: str) -> tuple[str, str] | None:
        """Tenant and path of a call with a known key, below /v1.0/ and never above it."""
        key, slash, rest = raw_path.partition(PREFIX)[2].partition("/")
        tenant = self._tenant(unquote(key))
        path = slash + rest
        if tenant is None or not path.startswith(f"{_API}/") or _climbs(path):
            return None
        return tenant, path

    def _tenant(self, key: str) -> str | None:
        """Every key is compared, so that the time taken tells nothing."""
        found = [
            tenant
            for known, tenant in self._tenants.items()
            if hmac.compare_digest(known.encode(), key.encode())
        ]
        return found[0] if found else None

    async def _passed_on(self, call: Call, receive: Receive, send: Send) -> bool:
        """Whether the vendor's answer reached its end."""
        relayed = call.notification()
        seen = Seen(tenant=call.tenant, at=self._now(), relayed=relayed) if relayed else None
        try:
            answer = await self._asked(call, receive)
        except TimeoutError:
            self._lost(seen, "host_left", never_left=False)
            return False
        except (http.HTTPError, http.InvalidURL) as error:
            never_left = isinstance(error, http.InvalidURL) or http.certainly_not_sent(error)
            self._lost(seen, type(error).__name__, never_left=never_left)
            return False
        except asyncio.CancelledError:
            self._lost(seen, "stopped", never_left=False)
            raise
        return await self._returned(answer, seen, send)

    async def _asked(self, call: Call, receive: Receive) -> http.Response:
        """The vendor's answer. TimeoutError when the host has gone, and none came behind it."""
        asking = asyncio.ensure_future(self._client.send(self._request(call), stream=True))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return await asyncio.wait_for(asking, self._grace if leaving.done() else None)
        finally:
            leaving.cancel()
            asking.cancel()

    def _request(self, call: Call) -> http.Request:
        target = f"{self._base}{call.path}".encode("ascii")
        return http.raw_request(
            self._client,
            call.method,
            self._url,
            target=target + (b"?" + call.query if call.query else b""),
            headers=[
                one for one in _kept(call.headers, _NOT_FORWARDED) if not is_ours(_text(one[0]))
            ],
            content=call.body,
        )

    async def _returned(self, answer: http.Response, seen: Seen | None, send: Send) -> bool:
        """Stream the answer to the host, then tell its beginning."""
        beginning = bytearray()
        headers = answer.headers.raw
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status_code,
                    "headers": _kept(headers, _ONE_HOP),
                }
            )
            async for piece in answer.aiter_raw():
                beginning += piece[: _LARGEST_READ - len(beginning)]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except http.HTTPError:
            return False
        finally:
            await answer.aclose()
            if seen:
                self._tell(_answered(seen, answer, bytes(beginning), self._now()))
        return True

    def _lost(self, seen: Seen | None, word: str, *, never_left: bool) -> None:
        if seen:
            self._tell(replace(seen, lost=word, never_left=never_left))


def _answered(seen: Seen, answer: http.Response, beginning: bytes, at: datetime) -> Seen:
    headers = tuple((_text(name), _text(value)) for name, value in answer.headers.raw)
    return replace(seen, at=at, status=answer.status_code, headers=headers, body=beginning)


def _kept(headers: Iterable[Header], dropped: frozenset[bytes]) -> list[Header]:
    """Without those that are about one connection, listed here or by `Connection` itself."""
    found = list(headers)
    named = {
        name.strip().lower()
        for header, value in found
        if header.lower() == b"connection"
        for name in value.split(b",")
    }
    return [one for one in found if one[0].lower() not in dropped | named]


def _climbs(path: str) -> bool:
    """Whether any reading of the path leaves the place that it starts in."""
    return any(
        part in {".", ".."}
        for segment in path.split("/")
        for part in re.split(r"[/\\]", unquote(segment))
    )


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _whole(receive: Receive) -> bytes | None:
    """The body, or the beginning of one that is too large; None when the host went away."""
    body = bytearray()
    while len(body) <= _LARGEST:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


async def _refuse(send: Send, status: int, words: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(words))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
