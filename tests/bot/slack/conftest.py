"""Slack's stand-in, our client on it, and our listeners behind a request URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import stamina
from slack_bolt import App
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.slack.client import SlackChat
from bot.slack.listeners import bolt_app, handle
from handlers.conversation import Form, Message, Mistakes, Text
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.serving import serving
from sandbox.slack import Slack, seed


@pytest.fixture(scope="session")
def served() -> Iterator[Slack]:
    clock = Clock()
    slack = Slack(clock, Calls(clock))
    with serving(slack.app()) as slack.base_url:
        yield slack


@pytest.fixture
def slack(served: Slack) -> Slack:
    served.reset()
    return served


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def connect(slack: Slack) -> Callable[..., SlackChat]:
    def to(token: str = seed.BOT_TOKEN, **more: Any) -> SlackChat:
        house = {"locale": "ja", "zone": ZoneInfo("Asia/Tokyo")}
        return SlackChat(token, **{"base_url": f"{slack.base_url}/api/", **house, **more})

    return to


@pytest.fixture
def chat(connect: Callable[..., SlackChat]) -> SlackChat:
    return connect()


@pytest.fixture
def whispers(slack: Slack) -> Callable[[str], list[str]]:
    """What a person alone gets to see in channels."""
    return lambda user: [message["text"] for message in slack.ephemerals[user]]


@pytest.fixture
def posts(slack: Slack) -> Callable[[str], list[dict[str, Any]]]:
    return lambda channel: slack.messages.get(channel, [])


def said(words: str, **more: Any) -> Message:
    return Message(summary=words, elements=(Text(words),), **more)


@dataclass
class Desk:
    """Answers what the test tells it to; an exception is raised."""

    heard: list[Any] = field(default_factory=list)
    answer: Message | Form | Mistakes | Exception | None = None

    def _answered(self, act: Any) -> Any:
        self.heard.append(act)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    command = press = fill = _answered

    def too_late(self, person: str) -> Message:
        return said(f"{person}: もう一度押してください。")

    def trouble(self, person: str) -> tuple[Message, str]:
        return said(f"{person}: 不具合 a1b2c3"), "a1b2c3"


@dataclass
class Receiver:
    """The request URL: hands over to whichever app stands behind it now."""

    app: App | None = None

    async def receive(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        status, more, content = await run_in_threadpool(handle, self.app, body, headers)
        return Response(content, status, more)


@pytest.fixture(scope="session")
def receiver(served) -> Iterator[Receiver]:
    receiver = Receiver()
    routes = [Route("/slack/events", receiver.receive, methods=["POST"])]
    with serving(Starlette(routes=routes)) as url:
        served.events_url = f"{url}/slack/events"
        yield receiver


@pytest.fixture
def desk() -> Desk:
    return Desk(answer=said("3件"))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """One thread, so that an empty job at the end of its queue means that all is done."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


@pytest.fixture
def settled(pool):
    return lambda: pool.submit(int).result(timeout=10)


@pytest.fixture
def app(receiver, chat, desk, pool) -> App:
    receiver.app = bolt_app(seed.SIGNING_SECRET, chat, desk, pool)
    return receiver.app
