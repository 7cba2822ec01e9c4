"""As much of the vendors as a burst needs: lists that grow, messages that are refused."""

from __future__ import annotations

import threading
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_REFUSED = b'{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'


class Vendors:
    """`list_bounce` puts an address on SendGrid's bounce list; LINE WORKS refuses every message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bounces: list[dict[str, object]] = []

    def list_bounce(self, address: str) -> int:
        """Answers when, in Unix seconds, as the list says it."""
        created = int(time.time())
        with self._lock:
            entry = {"email": address, "created": created, "reason": "550 5.1.1 no such person"}
            self._bounces.append({**entry, "status": "5.1.1"})
        return created

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v3/suppression/bounces", self._page),
                Route("/v3/{rest:path}", _nothing),
                Route("/api/{method}", _slack, methods=["POST"]),
                Route("/v1.0/{rest:path}", _refuse, methods=["POST"]),
            ]
        )

    async def _page(self, request: Request) -> Response:
        asked = {name: int(value) for name, value in request.query_params.items()}
        since, until = asked.get("start_time", 0), asked.get("end_time", 2**40)
        with self._lock:
            found = [one for one in self._bounces if since <= int(str(one["created"])) <= until]
        start = asked.get("offset", 0)
        return JSONResponse(found[start : start + asked.get("limit", 500)])


async def _nothing(_: Request) -> Response:
    return JSONResponse([])


async def _slack(_: Request) -> Response:
    return JSONResponse({"ok": True, "channel": "C0ADMINS1", "ts": "1.1"})


async def _refuse(_: Request) -> Response:
    return Response(_REFUSED, 429, {"RateLimit-Reset": "1"})
