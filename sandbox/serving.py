"""Starts a Starlette application on a loopback port of its own, in a thread, and stops it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

_START_SECONDS = 10.0


def free_socket(port: int = 0) -> socket.socket:
    """A bound loopback socket; the next free port when `port` is taken, any when it is 0."""
    for candidate in (port, *range(port + 1, port + 50)) if port else (0,):
        # Named as TCP, or asyncio leaves Nagle on and every answer waits 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
        else:
            return listener
    raise OSError(f"no free port from {port} to {port + 49} on 127.0.0.1")


@contextlib.contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` until the block ends; yields its base URL without a trailing slash."""
    listener = free_socket(port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError(f"the stand-in at {address} did not start")
        time.sleep(0.01)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=_START_SECONDS)
        listener.close()
