"""Many senders at once, each posting until its line breaks: what was sent, what was answered."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any

from crash.house import PUSH_TOKEN, RELAY_KEY, SECONDS, House
from crash.vendors import Vendors

WEBHOOK, PUSH, RELAY = "/sendgrid/events", "/failures", f"/lineworks/relay/{RELAY_KEY}/v1.0"
_DELIVERED_EVERY = 4
_event_ids = count()


@dataclass(kw_only=True, eq=False)
class Post:
    """One request. `told` names recipient and reference of each of its failures."""

    path: str
    events: list[dict[str, Any]]
    told: list[tuple[str, str]]
    delivered: int = 0
    answered: bool = False


@dataclass(kw_only=True)
class Burst:
    """What one process was sent until it died. `listed`: address -> when, in Unix seconds."""

    posts: list[Post] = field(default_factory=list)
    listed: dict[str, int] = field(default_factory=dict)
    stuck: int = 0
    refused: list[str] = field(default_factory=list)

    def unanswered(self) -> list[Post]:
        return [one for one in self.posts if not one.answered]


class Sender:
    """One line to the bot; sends until it breaks."""

    def __init__(self, house: House, burst: Burst) -> None:
        self._house, self._burst = house, burst
        self._line = HTTPConnection("127.0.0.1", house.port, timeout=SECONDS)

    def post(self, post: Post) -> bool:
        """Whether an answer came; the burst knows what became of the post."""
        self._burst.posts.append(post)
        try:
            status, words = self._answer(post)
        except TimeoutError:
            self._burst.stuck += 1
            return False
        except (OSError, HTTPException):
            return False
        # What LINE WORKS refuses, the relay hands on: that is the answer.
        post.answered = status // 100 == 2 or post.path.startswith(RELAY)  # noqa: PLR2004 - 2xx
        if not post.answered and status != 503:  # noqa: PLR2004 - busy: send again
            self._burst.refused.append(f"{post.path.partition('/relay')[0]} {status} {words}")
        return True

    def close(self) -> None:
        self._line.close()

    def _answer(self, post: Post) -> tuple[int, str]:
        body = json.dumps(post.events).encode()
        headers = {"Content-Type": "application/json"}
        if post.path == WEBHOOK:
            headers |= self._house.signed(body)
        elif post.path == PUSH:
            headers["Authorization"] = f"Bearer {PUSH_TOKEN}"
        else:
            headers["X-Notify-Id"] = post.told[0][1]
        self._line.request("POST", post.path, body, headers)
        answer = self._line.getresponse()
        return answer.status, answer.read()[:200].decode(errors="replace")


def events(number: int, dice: random.Random) -> Iterator[Post]:
    """Webhook posts of bounces and deliveries, a few recipients each."""
    for turn in count():
        names = [
            f"e{number}-{dice.getrandbits(40):x}-{turn}-{n}" for n in range(dice.randint(1, 12))
        ]
        now = int(time.time())
        told, made = [], []
        for at, name in enumerate(names):
            delivered = at % _DELIVERED_EVERY == _DELIVERED_EVERY - 1
            address = f"{name if delivered else names[0]}@example.jp"
            made.append(
                {
                    "email": address,
                    "event": "delivered" if delivered else "bounce",
                    "timestamp": now,
                    "sg_event_id": f"{next(_event_ids)}",
                    "sg_message_id": f"{name}.recvd-1-0",
                    **({} if delivered else {"type": "bounce", "reason": "550 5.1.1 no such"}),
                }
            )
            told += [] if delivered else [(address, f"{name}.recvd-1-0")]
        yield Post(path=WEBHOOK, events=made, told=told, delivered=len(made) - len(told))


def pushes(number: int, dice: random.Random) -> Iterator[Post]:
    for turn in count():
        name = f"p{number}-{dice.getrandbits(40):x}-{turn}"
        told = [(f"{name}@example.jp", f"{name}-{n}") for n in range(dice.randint(1, 5))]
        at = datetime.now(UTC).isoformat()
        common = {"medium": "email", "occurred_at": at, "kind": "soft_bounce"}
        made = [{"id": ref, "recipient": address, **common} for address, ref in told]
        yield Post(path=PUSH, events=made, told=told)


def messages(number: int, dice: random.Random) -> Iterator[Post]:
    for turn in count():
        name = f"m{number}-{dice.getrandbits(40):x}-{turn}"
        told = [(f"{name}@works", name)]
        content = {"content": {"type": "text", "text": name}}
        yield Post(path=f"{RELAY}/bots/7/users/{name}@works/messages", events=[content], told=told)


def again(post: Post) -> Post:
    """As SendGrid repeats it: the same events under other ids."""
    renamed = [
        one | {"sg_event_id": f"{next(_event_ids)}"} if "sg_event_id" in one else one
        for one in post.events
    ]
    return Post(path=post.path, events=renamed, told=post.told, delivered=post.delivered)


SENDERS: tuple[Callable[[int, random.Random], Iterator[Post]], ...] = (
    events,
    events,
    events,
    pushes,
    messages,
)


def burst(house: House, vendors: Vendors, number: int, seconds: float) -> Burst:
    """Send from all sides, and kill the bot in the middle of it."""
    told = Burst()
    over = threading.Event()

    def send(posts: Iterator[Post]) -> None:
        sender = Sender(house, told)
        while not over.is_set() and sender.post(next(posts)):
            pass
        sender.close()

    dice = [random.Random(f"{number}/{one}") for one in range(len(SENDERS))]
    threads = [
        threading.Thread(target=send, args=(make(number, die),), daemon=True)
        for make, die in zip(SENDERS, dice, strict=True)
    ]
    for thread in threads:
        thread.start()
    for turn in range(3):
        address = f"l{number}-{turn}@example.jp"
        told.listed[address] = vendors.list_bounce(address)
        time.sleep(seconds / 3)
    house.kill()
    over.set()
    for thread in threads:
        thread.join(SECONDS + 5)
        told.stuck += thread.is_alive()
    return told


def repeat(house: House, posts: list[Post]) -> Burst:
    """Send these again, each until it is answered."""
    told = Burst()
    sender = Sender(house, told)
    for post in posts:
        sender.post(again(post))
    sender.close()
    return told
