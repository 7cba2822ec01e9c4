"""Lets an application close a connection without an answer, which ASGI has no word for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_EXTENSION = "notify_errors.hang_up"


class HangUpProtocol(H11Protocol):
    """Hands the connection's own `abort` to the application, in the scope's extensions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner: Any = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), _EXTENSION: self.transport.abort}
            await inner({**scope, "extensions": extensions}, receive, send)

        self.app = app


# What the server needs so that the relay's answers are the vendor's and nothing
# else, and so that the key in its path reaches no log.
SERVER_OPTIONS: dict[str, Any] = {
    "http": HangUpProtocol,
    "server_header": False,
    "date_header": False,
    "access_log": False,
}


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection as a broken line does; returns when it is closed."""
    abort: Callable[[], None] | None = scope.get("extensions", {}).get(_EXTENSION)
    if abort is None:
        raise RuntimeError("serve the relay with hang_up.SERVER_OPTIONS")
    abort()
    while (await receive())["type"] != "http.disconnect":
        pass
