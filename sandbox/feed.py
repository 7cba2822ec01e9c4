"""What the customer's program tells when it is asked: JSON Lines behind a cursor.

`fault` is what the next answers are instead: a status, `cut` (a page without its last line)
or `stuck` (a cursor that never moves).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPE = "application/x-ndjson"


@dataclass(kw_only=True)
class Feed:
    """`lines` only grows; a cursor is how many of them were told."""

    token: str
    page_size: int = 100
    fault: int | str = 0
    lines: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def tell(self, *elements: dict[str, Any] | str) -> None:
        """Objects, or lines as they stand."""
        self.lines += [one if isinstance(one, str) else json.dumps(one) for one in elements]

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/feed", self.answer)])

    async def answer(self, request: Request) -> Response:
        cursor = request.query_params.get("cursor", "")
        self.asked.append(cursor)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Response(status_code=401)
        if isinstance(self.fault, int) and self.fault:
            return Response(status_code=self.fault)
        told = int(cursor or 0)
        page = self.lines[told : told + self.page_size]
        if not page:
            return Response(status_code=204)
        after = cursor if self.fault == "stuck" else str(told + len(page))
        last = [] if self.fault == "cut" else [json.dumps({"cursor": after or "0"})]
        return Response("\n".join([*page, *last]), media_type=_TYPE)
