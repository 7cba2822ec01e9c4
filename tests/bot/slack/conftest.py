"""Slack's stand-in, and our client on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import stamina

from bot.slack.client import SlackChat
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
