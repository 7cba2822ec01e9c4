"""One web application, all routes in one table.

The only asynchronous module besides the relay: it reads a bounded body and
hands over to threads. A body that is too large, or no sense at all, is
answered before anything else happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.lineworks.relay import Relay
from storage.store import StorageBusyError, StorageDamagedError

MIB = 1024 * 1024
# SendGrid batches at 768 kilobytes; Slack and LINE WORKS send far less.
BODY_LIMITS = {"/sendgrid/events": 4 * MIB, "/failures": 4 * MIB, "/people": 4 * MIB}
_DEFAULT_LIMIT = MIB
# Threads of their own for what is to be stored: whoever waits there for a turn keeps nobody
# who asks something in a chat from an answer within Slack's three seconds.
_STORING = 16
# So many bytes of bodies at once, verified or not; nobody's batches need as much.
ROOM = 64 * MIB

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an endpoint says: status, body, headers."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


# Body and headers (lower-case names) in, an Answer out; runs in a thread.
Endpoint: TypeAlias = Callable[[bytes, Mapping[str, str]], Answer]


class TooLargeError(Exception):
    """The body is over the path's limit."""


class CrowdedError(Exception):
    """All bodies that are here at once are over what we hold."""


class Room:
    """Memory for the bodies that are here at once, in bytes."""

    def __init__(self, left: int = ROOM) -> None:
        self._left = left

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise CrowdedError

    def give_back(self, size: int) -> None:
        self._left += size


def application(
    endpoints: Mapping[str, Endpoint],
    ready: Callable[[], None],
    relay: Relay | None,
    refused: Callable[[str], None] = lambda _: None,
) -> Starlette:
    """Every connected vendor's endpoint, and how we are. `relay` takes any method.

    `refused` is told the path of whatever could not be stored and has to come again; not of
    a crowd, for anybody may make one.
    """
    room = Room()
    storing = ThreadPoolExecutor(_STORING, thread_name_prefix="storing")
    routes: list[BaseRoute] = [
        Route(
            path,
            _posted(endpoint, room, refused, storing if path in BODY_LIMITS else None),
            methods=["POST"],
        )
        for path, endpoint in endpoints.items()
    ]
    routes.append(Route("/healthz", _healthz))
    routes.append(Route("/readyz", _readyz(ready)))
    if relay is not None:
        routes.append(Route("/lineworks/relay/{key}/{path:path}", relay))

    @asynccontextmanager
    async def until_the_end(_: Starlette) -> AsyncIterator[None]:
        yield
        storing.shutdown()
        if relay is not None:
            await relay.close()

    return Starlette(routes=routes, exception_handlers={Exception: _broken}, lifespan=until_the_end)


def _posted(
    endpoint: Endpoint, room: Room, refused: Callable[[str], None], pool: Executor | None
) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        chunks: list[bytes] = []
        try:
            await _read(request, chunks, room)
            return await _answered(request, endpoint, b"".join(chunks), pool)
        except TooLargeError:
            limit = _limit(request) // MIB
            return PlainTextResponse(f"the body is over {limit} MiB: send less at once", 413)
        except ClientDisconnect:
            return Response(status_code=400)
        except StorageBusyError as error:
            log.error("storage_trouble", route=request.url.path, trouble=str(error))  # noqa: TRY400 - no fault of ours
            refused(request.url.path)
            return PlainTextResponse("storage is busy, nothing was kept: send it again", 503)
        except CrowdedError:
            return PlainTextResponse("too much at once, nothing was kept: send it again", 503)
        finally:
            room.give_back(sum(map(len, chunks)))

    return answered


async def _answered(
    request: Request, endpoint: Endpoint, body: bytes, pool: Executor | None
) -> Response:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        # What is signed is what was sent, and a small body could become a huge one.
        return PlainTextResponse("the body is compressed: send it as it is", 415)
    asked = partial(endpoint, body, dict(request.headers))
    if pool:
        answer = await asyncio.get_running_loop().run_in_executor(pool, asked)
    else:
        answer = await run_in_threadpool(asked)
    return Response(answer.body, answer.status, dict(answer.headers))


def _limit(request: Request) -> int:
    return BODY_LIMITS.get(request.url.path, _DEFAULT_LIMIT)


async def _read(request: Request, chunks: list[bytes], room: Room) -> None:
    """Add the raw bytes to `chunks`, no further than the limit."""
    left = _limit(request)
    if int(request.headers.get("content-length", 0)) > left:
        raise TooLargeError
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise TooLargeError
        chunks.append(chunk)
        room.take(len(chunk))


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def _readyz(ready: Callable[[], None]) -> Callable[[Request], Awaitable[Response]]:
    async def answered(_: Request) -> Response:
        try:
            await run_in_threadpool(ready)
        except StorageDamagedError:
            return JSONResponse({"storage": "damaged"}, 503)
        except StorageBusyError:
            return JSONResponse({"storage": "busy"}, 503)
        return JSONResponse({"storage": "ok"})

    return answered


async def _broken(request: Request, error: Exception) -> Response:
    """Ours, and told apart in the log by the route's pattern: paths may hold a key."""
    route = request.scope.get("route")
    log.error("request_failed", route=getattr(route, "path", ""), error=type(error).__name__)
    return PlainTextResponse("something went wrong on our side", 500)
