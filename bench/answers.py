"""What people and hosts wait for: a command, a relayed call, a start; and what idling costs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench import filled
from bench.answering import ASKER, SECRET
from bench.bars import Bar, paired
from bench.posts import Post, Sender, address
from bench.server import pour, serving, started
from sandbox.serving import serving as standing_in

_AT_ONCE = 50
_COMMANDS = 200
_CALLS = 40
_VENDOR_SECONDS = 0.02
_KEY = "bench-relay-key"
# Every module of theirs that we import, in the same process without ours.
_OURS = ("bot", "handlers", "storage", "__main__")
_LISTED = (
    "import sys, bot.serving; print(' '.join(sorted(name for name in sys.modules"
    f" if name.partition('.')[0] not in {_OURS})))"
)
_IMPORTED = """
import importlib, sys, time
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass  # made by another module as it goes
print('listens on :0', flush=True)
time.sleep(60)
"""


def bars(past: Path, rows: int) -> list[Bar]:
    return [*_commands(past, rows), _relay(), _memory(), _version()]


def _commands(past: Path, rows: int) -> list[Bar]:
    with started([sys.executable, "-m", "bench.answering", str(past)]) as (port, _):
        told: dict[tuple[str, int], list[float]] = {}
        for many, connections in ((_COMMANDS // 5, 1), (_COMMANDS, _AT_ONCE)):
            for _ in range(2):
                for path in ("/slack/events", "/bare"):
                    _, spent = pour(port, _asked(many, rows), connections, path)
                    told.setdefault((path, connections), []).extend(sorted(spent))
    one, bare = (median(told[path, 1]) for path in ("/slack/events", "/bare"))
    many, other = (_p99(told[path, _AT_ONCE]) for path in ("/slack/events", "/bare"))
    print(
        f"one command: {one * 1e3:.1f} ms, bare {bare * 1e3:.1f} ms; p99 of {_AT_ONCE} at once: {many * 1e3:.0f} ms, bare {other * 1e3:.0f} ms"
    )
    return [
        _lower("one slash command, p50 : the same look-up in bare Starlette", one / bare, 3, 1.5),
        _lower("50 slash commands at once, p99 : in bare Starlette", many / other, 8, 4),
    ]


def _p99(told: list[float]) -> float:
    return sorted(told)[int(len(told) * 0.99)]


def _lower(name: str, ratio: float, floor: float, aim: float) -> Bar:
    return Bar(name=name, ratio=ratio, floor=floor, aim=aim, better="lower")


def _asked(many: int, rows: int) -> list[Post]:
    people = filled.recipients_of(rows)
    return [_command(address(random.randrange(people))) for _ in range(many)]


def _command(who: str) -> Post:
    fields = {
        "command": "/notify-errors", "text": f"who {who}", "user_id": ASKER, "team_id": "T0BENCH",
        "channel_id": "D0BENCH", "channel_name": "directmessage", "trigger_id": "1.2",
        "response_url": "http://127.0.0.1:9/reply",
    }  # fmt: skip
    body, at = urlencode(fields).encode(), str(int(time.time()))
    told = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return Post(
        body,
        {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": at,
            "x-slack-signature": f"v0={told}",
        },
    )


async def _vendor(_: Request) -> Response:
    await asyncio.sleep(_VENDOR_SECONDS)
    return JSONResponse({}, 201)


def _relay() -> Bar:
    path = "/v1.0/bots/2000001/users/bench@example/messages"
    vendor = Starlette(routes=[Route(path, _vendor, methods=["POST"])])
    with tempfile.TemporaryDirectory() as folder, standing_in(vendor) as url:
        settings = {
            "RELAY_KEY": _KEY,
            "LINEWORKS_API_URL": f"{url}/v1.0",
            "PAYLOAD_KEY": base64.urlsafe_b64encode(_KEY.encode().ljust(32)).decode(),
        }
        file = filled.fill(Path(folder) / "relay.db", 0)
        with serving(file, Sender.beside(0).public_key(), **settings) as (port, _):
            through = _caller(port, f"/lineworks/relay/{_KEY}{path}")
            direct = _caller(urlsplit(url).port or 0, path)
            for call in (through, direct):
                call()
            told = [(_spent(through), _spent(direct)) for _ in range(_CALLS)]
    ours, control = median(one for one, _ in told), median(other for _, other in told)
    print(f"a relayed call: {ours * 1e3:.1f} ms, without us {control * 1e3:.1f} ms")
    return _lower("a relayed call, median : the same call without us", ours / control, 1.5, 1.2)


class _caller:  # noqa: N801 - it is called like a function
    """One kept connection, as a host's client has."""

    def __init__(self, port: int, path: str) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=30)
        self._path = path

    def __call__(self) -> None:
        self._line.request(
            "POST", self._path, b'{"content":{"type":"text","text":"bench"}}',
            {"content-type": "application/json", "authorization": "Bearer bench"},
        )  # fmt: skip
        answer = self._line.getresponse()
        answer.read()
        if answer.status != 201:  # noqa: PLR2004 - the vendor's own answer
            raise RuntimeError(f"the call was answered with {answer.status}")


def _spent(call: _caller) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _memory() -> Bar:
    with tempfile.TemporaryDirectory() as folder:
        file = filled.fill(Path(folder) / "idle.db", 0)
        with serving(file, Sender.beside(0).public_key()) as (_, process):
            time.sleep(5)  # let it tick
            ours = _resident(process)
    names = _said("-c", _LISTED).split()
    with started([sys.executable, "-c", _IMPORTED, *names]) as (_, process):
        control = _resident(process)
    print(f"idle: {ours / 1024:.0f} MB, its libraries alone {control / 1024:.0f} MB")
    return _lower("idle memory : bare import of the same libraries", ours / control, 1.3, 1.15)


def _resident(process: int) -> int:
    """In kilobytes."""
    told = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmRSS"))


def _version() -> Bar:
    ours, control = paired(
        lambda: _said("-m", "bot", "--version"), lambda: _said("-c", "pass"), rounds=9
    )
    print(f"--version: {ours * 1e3:.0f} ms, python -c pass {control * 1e3:.0f} ms")
    return _lower("--version : python -c pass", ours / control, 5, 3)


def _said(*arguments: str) -> str:
    root = Path(__file__).parents[1]
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=root
    )
    return ran.stdout
