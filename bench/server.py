"""The bot as `serve` runs it, in a process of its own, and clients that post to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.posts import Post
from bot.wiring import TENANT
from storage.opening import open_store

_STARTS_WITHIN_SECONDS = 60
_READ_WITHIN_SECONDS = 120
_TOKYO = ZoneInfo("Asia/Tokyo")


def _end_of_day() -> datetime:
    return datetime.now(_TOKYO).replace(hour=23, minute=59)


@contextmanager
def serving(database: Path | str, public_key: str, **settings: str) -> Iterator[tuple[int, int]]:
    """Port and process of `notify-errors serve` on this file or URL; all vendors are out of reach."""
    named = {
        "DATABASE_URL": database if isinstance(database, str) else f"sqlite:///{database}",
        "PORT": "0",
        "LOG_LEVEL": "error",
        "ADMINS": "slack:U0BENCH01,slack:U0BENCH02",
        "APPROVERS": "slack:U0BENCH02,slack:U0BENCH03",
        "APPROVAL_CHANNEL": "slack:C0BENCH01",
        "DIGEST_CHANNEL": "slack:C0BENCH01",
        # Later today: no digest while the clock runs.
        "DIGEST_AT": f"{_end_of_day():%H:%M}",
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": "bench",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SENDGRID_API_KEY": "SG.bench",
        "SENDGRID_DELETE_API_KEY": "SG.bench",
        "SENDGRID_WEBHOOK_PUBLIC_KEY": public_key,
        "SENDGRID_API_URL": "http://127.0.0.1:9",
        "SENDGRID_POLL_SECONDS": "86400",
        **settings,
    }
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NOTIFY_")},
        **{f"NOTIFY_ERRORS_{name}": value for name, value in named.items()},
    }
    with started([sys.executable, "-m", "bot", "serve"], environment) as found:
        yield found


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """A server that says where it listens: its port and its process."""
    root = Path(__file__).parents[1]
    with subprocess.Popen(  # noqa: S603 - our own program
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=root,
    ) as server:
        try:
            port = _port(server)
            _wait_for(port)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait()


def _port(server: subprocess.Popen[str]) -> int:
    assert server.stdout  # noqa: S101 - a pipe was asked for
    line = server.stdout.readline()
    if "listens on" not in line:
        raise RuntimeError(f"the server did not start: {line or 'nothing said'}")
    return int(line.rpartition(":")[2])


def _wait_for(port: int) -> None:
    """It says where it will listen a moment before it does; 0 is nowhere."""
    until = time.monotonic() + _STARTS_WITHIN_SECONDS
    while port and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)


@contextmanager
def inbox_of(database: Path | str) -> Iterator[Callable[[], None]]:
    """Waits until everything that was answered has been read and stored."""
    store = open_store(database if isinstance(database, str) else f"sqlite:///{database}")

    def read() -> None:
        until = time.monotonic() + _READ_WITHIN_SECONDS
        while store.inbox(TENANT).count:
            if time.monotonic() > until:
                raise RuntimeError("posts were left in the inbox")
            time.sleep(0.01)

    try:
        yield read
    finally:
        store.close()


def pour(
    port: int, posts: Sequence[Post], connections: int, path: str = "/sendgrid/events"
) -> tuple[float, list[float]]:
    """Seconds for all of them, and of each; every answer must be a 2xx."""
    shares = [posts[number::connections] for number in range(connections)]

    def run(share: Sequence[Post]) -> list[float]:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        told = []
        for post in share:
            begun = time.perf_counter()
            line.request("POST", path, post.body, post.headers)
            answer = line.getresponse()
            answer.read()
            told.append(time.perf_counter() - begun)
            if answer.status >= http.client.MULTIPLE_CHOICES:
                raise RuntimeError(f"a post was answered with {answer.status}")
        line.close()
        return told

    with ThreadPoolExecutor(connections) as pool:
        begun = time.perf_counter()
        told = [one for share in pool.map(run, shares) for one in share]
        return time.perf_counter() - begun, told
