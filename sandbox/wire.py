"""How a vendor's stand-in takes and makes requests: plain functions on threads, each one noted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.calls import Calls

_OUTBOUND_SECONDS = 5.0
_HANG_SECONDS = 60.0

Act = Callable[[Request, bytes], Response]


class Refused(Exception):  # noqa: N818  # an answer on its way out, not a fault of ours
    """Ends a request with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class NoAnswer(Exception):  # noqa: N818  # the same
    """Leaves the caller waiting until it gives up."""


class Meter:
    """Counts calls per key and minute, on whatever clock the caller reads."""

    def __init__(self) -> None:
        self._used: Counter[tuple[str, int]] = Counter()

    def count(self, key: str, now: float) -> tuple[int, int]:
        """Calls of this minute with this one, and the second at which the next minute begins."""
        minute = int(now) // 60
        self._used[key, minute] += 1
        return self._used[key, minute], (minute + 1) * 60


def _client() -> httpx.Client:
    """No connection is kept: a bot that restarts must not cost a callback."""
    return httpx.Client(timeout=_OUTBOUND_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One vendor's side of the log."""

    vendor: str
    calls: Calls
    _client: httpx.Client = field(default_factory=_client)

    def route(self, method: str, path: str, act: Act) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            try:
                response = await run_in_threadpool(act, request, body)
            except Refused as refused:
                response = refused.response
            except NoAnswer:
                response = Response(status_code=0)
            said = (response.status_code, bytes(response.body))
            self._note("in", method, str(request.url), request.headers, body, *said)
            return response if response.status_code else await _hang(request)

        return Route(path, endpoint, methods=[method])

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST to the bot; its status, or 0 when nothing answered in time."""
        try:
            answer = self._client.post(url, content=body, headers=headers)
            status, text = answer.status_code, answer.content
        except httpx.HTTPError as error:
            status, text = 0, str(error).encode()
        self._note("out", "POST", url, headers, body, status, text)
        return status

    def _note(
        self,
        direction: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        status: int,
        response: bytes,
    ) -> None:
        said = (body.decode(errors="replace"), status, response.decode(errors="replace"))
        self.calls.note(self.vendor, direction, method, url, dict(headers), *said)


async def _hang(request: Request) -> Response:
    for _ in range(int(_HANG_SECONDS / 0.05)):
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.05)
    return Response(status_code=504)


def lever(method: str, path: str, act: Callable[[dict[str, Any]], Any]) -> Route:
    """A control of the sandbox: JSON object (or query) in, JSON out; not part of the log."""

    async def endpoint(request: Request) -> Response:
        try:
            wish = json.loads(await request.body() or b"{}") | dict(request.query_params)
            answer = await run_in_threadpool(act, wish)
        except Refused as refused:
            return refused.response
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return Route(path, endpoint, methods=[method])
