"""Posts mutated bodies to a real serving bot, signed and not: no 5xx, no hang, no growing memory.

    python -m scripts.fuzz_http --posts 100000     by hand; a share of it is part of `make crash`

A 503 that asks to send again is an answer; every other 5xx, a broken line and an
answer that takes longer than ten seconds is a find, and its body is printed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from bot.progress import progress
from crash.burst import PUSH, RELAY, WEBHOOK
from crash.house import PUSH_TOKEN, TENANT, House
from crash.stores import STORES, storage_option
from crash.vendors import Vendors
from sandbox.serving import serving
from storage.opening import open_store
from storage.quarantine import MOST

SLOWEST = 10.0
PATIENCE = 60.0  # until the last post that waits is read
# SQLite's page cache alone may take 64 MiB; the rest is what an allocator keeps.
GROWTH = 128
_LINES, _WARM_UP, _SIGNED = 4, 500, 0.8
_LARGE = 100_000  # characters; what is larger is not multiplied

_NOW = int(time.time())
_EVENT = {
    "email": "taro@example.jp",
    "event": "bounce",
    "type": "bounce",
    "timestamp": _NOW,
    "status": "5.1.1",
    "reason": "550 5.1.1 <taro@example.jp>: 宛先不明",
    "sg_event_id": "Zm9v",
    "sg_message_id": "Ab12Cd34Ef56Gh78Ij90Kl.recvd-1-0",
    "category": ["a", "b"],
    "attempt": "1",
}
_PUSHED = {
    "id": "n-1",
    "medium": "line_works",
    "recipient": "hanako@works",
    "occurred_at": "2026-01-05T09:00:00+09:00",
    "status": "429",
    "code": "TOO_MANY_REQUESTS",
    "text": "API rate limit exceeded",
    "bot_id": "7",
    "body": {"content": {"type": "text", "text": "訓練です"}},
}
_PERSON = {"id": "1", "name": "山田", "email": "taro@example.jp", "line_works_id": "taro@works"}
_COMMAND = {
    "command": "/notify-errors",
    "text": "who taro@example.jp",
    "user_id": "U0ADMIN01",
    "channel_id": "D0ADMIN01",
    "team_id": "T0",
    "trigger_id": "1.2",
    "response_url": "http://127.0.0.1:9/",
}
_PRESS = {
    "type": "block_actions",
    "user": {"id": "U0ADMIN01"},
    "team": {"id": "T0"},
    "channel": {"id": "C0ADMINS1"},
    "trigger_id": "1.2",
    "actions": [{"action_id": "open", "block_id": "b", "type": "button", "value": "0123"}],
}

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    10**30,
    1e308,
    "",
    " ",
    "\0",
    "\ud800",
    "x" * 5000,
    "@",
    '"a@b"@xn--wgv71a119e.jp',
    "か\u3099" * 300,
    "\u202e\u200b",
    "2026-13-40",
    "9999-12-31T23:59:59-23:59",
    "<script>&amp;",
    "%n%s",
    [],
    {},
    [[[[[[]]]]]],
    {"a": {"b": {"c": None}}},
)
_TOKENS = (
    b'"',
    b"\\",
    b"[",
    b"{",
    b"}]",
    b"\xff",
    b"\x00",
    b"\\ud800",
    b"1e999",
    b"[" * 3000,
    b",",
)


@dataclass(kw_only=True)
class Found:
    """What came of all posts so far."""

    statuses: Counter[str] = field(default_factory=Counter)
    finds: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def answered(self) -> int:
        # Copied first: other threads add outcomes meanwhile.
        return sum(tuple(self.statuses.values()))


def changed(told: Any, dice: random.Random) -> Any:
    """The same value with something odd in one place of it."""
    if isinstance(told, dict) and told and dice.random() < 0.9:
        name = dice.choice(list(told))
        change = dice.random()
        rest = {key: value for key, value in told.items() if key != name}
        if change < 0.1:
            return rest
        if change < 0.2:
            return rest | {f"{name}{dice.choice('_ X')}": told[name]}
        return told | {name: changed(told[name], dice)}
    if isinstance(told, list) and told and dice.random() < 0.9:
        at = dice.randrange(len(told))
        return [*told[:at], changed(told[at], dice), *told[at + 1 :]] * (
            1 if len(told) > 10 or len(str(told)) > _LARGE else dice.choice((1, 1, 1, 30))
        )
    if isinstance(told, str) and dice.random() < 0.3:
        told = told[:5000]
        at = dice.randint(0, len(told))
        return told[:at] + dice.choice(("\0", "\ud800", "'", '"', "\n", "％", told)) + told[at:]
    return dice.choice(ODD)


def broken(body: bytes, dice: random.Random) -> bytes:
    """The same bytes with a few of them gone, doubled, or something else."""
    for _ in range(dice.choice((0, 0, 1, 1, 2, 5))):
        at, till = sorted((dice.randint(0, len(body)), dice.randint(0, len(body))))
        body = dice.choice(
            (
                body[:at] + dice.choice(_TOKENS) + body[at:],
                body[:at] + body[till:],
                body[:till] + body[at:],
                body[:at] + dice.randbytes(3) + body[at:],
            )
        )[:200_000]
    return body


def _json(*seeds: Any) -> Callable[[random.Random], bytes]:
    def made(dice: random.Random) -> bytes:
        told = [dice.choice(seeds) for _ in range(dice.randint(1, 4))]
        for _ in range(dice.randint(0, 3)):
            told = changed(told, dice)
        return broken(json.dumps(told).encode(), dice)

    return made


def _form(dice: random.Random) -> bytes:
    told = changed(dice.choice((_COMMAND, {"payload": json.dumps(changed(_PRESS, dice))})), dice)
    fields = told if isinstance(told, dict) else {"payload": str(told)}
    return broken(urlencode(fields, errors="replace").encode(), dice)


def _message(dice: random.Random) -> bytes:
    return broken(json.dumps(changed(_PUSHED["body"], dice)).encode(), dice)


TARGETS: dict[str, Callable[[random.Random], bytes]] = {
    WEBHOOK: _json(_EVENT, {**_EVENT, "event": "delivered"}, {**_EVENT, "event": "dropped"}),
    PUSH: _json(_PUSHED, {**_PUSHED, "medium": "email", "body": None}),
    "/people": _json(_PERSON),
    "/slack/events": _form,
    f"{RELAY}/bots/7/users/hanako@works/messages": _message,
    "/nowhere": _message,
}


def headers(house: House, path: str, body: bytes, dice: random.Random) -> dict[str, str]:
    """Those that open the door, or some that do not."""
    told = {"Content-Type": "application/json"}
    if path == "/slack/events":
        stamp = str(int(time.time()))
        base = b"v0:" + stamp.encode() + b":" + body
        signature = hmac.digest(b"crash", base, hashlib.sha256).hex()
        told = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Signature": f"v0={signature}",
            "X-Slack-Request-Timestamp": stamp,
        }
    elif path == WEBHOOK:
        told |= house.signed(body)
    else:
        told |= {"Authorization": f"Bearer {PUSH_TOKEN}"}
        told |= {"X-Notify-Id": dice.choice(("", "n-1", "é" * 9, "x" * 3000))}
        told |= {"X-Notify-Deadline": dice.choice(("", "soon", "9999-12-31T23:59:59-23:59"))}
    if dice.random() > _SIGNED:
        told[dice.choice(list(told))] = dice.choice(("", "x", "é", "v0=", "Bearer é", "1" * 99))
    return told


def posted(line: HTTPConnection, path: str, body: bytes, told: dict[str, str]) -> str:
    line.request("POST", path, body, told)
    answer = line.getresponse()
    answer.read()
    return str(answer.status)


def posted_anew(line: HTTPConnection, path: str, body: bytes, told: dict[str, str]) -> str:
    try:
        return posted(line, path, body, told)
    except (OSError, HTTPException) as error:
        line.close()
        return type(error).__name__


def post_all(house: House, posts: int, seed: str, found: Found) -> None:
    dice = random.Random(seed)
    line = HTTPConnection("127.0.0.1", house.port, timeout=SLOWEST)
    for _ in range(posts):
        path = dice.choice(list(TARGETS))
        body = TARGETS[path](dice)
        told = headers(house, path, body, dice)
        began = time.monotonic()
        try:
            outcome = posted(line, path, body, told)
        except TimeoutError:
            line.close()
            outcome = TimeoutError.__name__
        except (OSError, HTTPException):
            # A line that waited for long is closed, and a client tries again (RFC 9112 9.3.1);
            # what breaks on a new one is a find.
            line.close()
            outcome = posted_anew(line, path, body, told)
        found.slowest = max(found.slowest, time.monotonic() - began)
        found.statuses[f"{path.partition('/relay')[0]} {outcome}"] += 1
        if not outcome.isdecimal() or (outcome.startswith("5") and outcome != "503"):
            found.finds.append(f"{outcome} {path} {told} {body[:2000]!r}")
    line.close()


def at_once(house: House, posts: int, seed: int, found: Found) -> None:
    threads = [
        threading.Thread(target=post_all, args=(house, posts // _LINES, f"{seed}/{n}", found))
        for n in range(_LINES)
    ]
    for thread in threads:
        thread.start()
    with progress("posts", posts) as reach:
        before = found.answered()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.1)
            reach(found.answered() - before)


def resident(pid: int) -> float:
    """MiB of the process that are in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(one for one in status.splitlines() if "VmRSS" in one).split()[1]) / 1024


def unread(house: House) -> list[str]:
    """Posts that waited while others were read, and that broke our reading or were left."""
    store = open_store(house.url)
    try:
        deadline = time.monotonic() + PATIENCE
        while store.inbox(TENANT).count and time.monotonic() < deadline:
            time.sleep(0.05)
        left = store.inbox(TENANT).count
        aside = store.quarantined(TENANT, 0, MOST)
        broke = [f"{one.reason} {one.body[:2000]!r}" for one in aside if "of ours" in one.reason]
        return [*broke, *([f"{left} posts were never read"] if left else [])]
    finally:
        store.close()


@click.command()
@click.option("--posts", default=100_000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@storage_option
def main(posts: int, seed: int, storage: str) -> None:
    """Post POSTS mutated bodies, and say what came of them."""
    found, vendors = Found(), Vendors()
    with (
        tempfile.TemporaryDirectory() as folder,
        STORES[storage](Path(folder)) as store,
        serving(vendors.app()) as url,
    ):
        house = House(Path(folder), store, url)
        house.start()
        at_once(house, _WARM_UP, seed - 1, found)
        before = resident(house.pid)
        at_once(house, posts, seed, found)
        grown = resident(house.pid) - before
        found.finds += unread(house)
        house.kill()
        house.close()
    for outcome, times in sorted(found.statuses.items()):
        click.echo(f"{times:8} {outcome}")
    for find in found.finds[:5]:
        click.echo(find)
    click.echo(
        f"{posts} posts, {len(found.finds)} finds, slowest {found.slowest:.1f} s, "
        f"memory {before:.0f} MiB and {grown:+.0f} (at most {GROWTH})"
    )
    sys.exit(bool(found.finds) or grown > GROWTH or found.slowest > SLOWEST)


if __name__ == "__main__":
    main()
