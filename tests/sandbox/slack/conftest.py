"""A served workspace, Slack's own client on it, and a bot that checks every signature."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.serving import serving
from sandbox.slack import Slack, seed

Json = dict[str, Any]


class Bot:
    """Keeps what reaches it well signed, and answers with `answer(payload)`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.heard: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[Json], Response] = lambda _payload: Response()

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        if not SignatureVerifier(seed.SIGNING_SECRET).is_valid_request(body, headers):
            return PlainTextResponse("bad signature", 401)
        payload = parsed(body)
        self.heard.append(payload)
        self.headers.append(headers)
        return await run_in_threadpool(self.answer, payload)


def parsed(body: bytes) -> Json:
    if body.startswith(b"{"):
        return json.loads(body)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(form["payload"]) if "payload" in form else form


class Wall:
    """Real time from the start of the test, until the test hurries it on."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now, self.ahead = now, 0.0

    def __call__(self) -> float:
        return self.now() + self.ahead


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Slack, Bot]]:
    clock, bot = Clock(), Bot()
    slack = Slack(clock, Calls(clock))
    receiver = Starlette(routes=[Route("/slack/events", bot.receive, methods=["POST"])])
    with serving(slack.app()) as slack.base_url, serving(receiver) as url:
        slack.events_url = f"{url}/slack/events"
        yield slack, bot


@pytest.fixture
def bot(served: tuple[Slack, Bot]) -> Bot:
    served[1].reset()
    return served[1]


@pytest.fixture
def slack(served: tuple[Slack, Bot], bot: Bot) -> Iterator[Slack]:
    slack = served[0]
    slack.reset()
    kept = {name: getattr(slack, name) for name in ("wall", "events_url", "ack_seconds")}
    yield slack
    for name, value in kept.items():
        setattr(slack, name, value)


@pytest.fixture
def wall(slack: Slack) -> Wall:
    slack.wall = Wall(slack.wall)
    return slack.wall


@pytest.fixture
def web(slack: Slack) -> WebClient:
    return WebClient(seed.BOT_TOKEN, base_url=f"{slack.base_url}/api/", timeout=5)


@pytest.fixture
def control(slack: Slack) -> Callable[..., Json]:
    """`control("press", user=..., ...)`: what the page does when a person acts."""

    def act(name: str, **wish: Any) -> Json:
        url = f"{slack.base_url}/_control/{name}"
        return httpx.post(url, json=wish, trust_env=False, timeout=10).json()

    return act


@pytest.fixture
def state(slack: Slack) -> Callable[[], Json]:
    return lambda: httpx.get(f"{slack.base_url}/_control/state", trust_env=False).json()


@pytest.fixture
def refusal() -> Callable[..., Json]:
    """The body of the `ok: false` that a call is answered with."""

    def of(call: Callable[..., Any], **args: Any) -> Json:
        with pytest.raises(SlackApiError) as caught:
            call(**args)
        return caught.value.response.data

    return of


def text(words: str, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": words}


@pytest.fixture
def button() -> Callable[..., Json]:
    def build(action_id: str = "go", **more: Any) -> Json:
        return {"type": "button", "action_id": action_id, "text": text("Go"), **more}

    return build


@pytest.fixture
def actions(button: Callable[..., Json]) -> Json:
    return {"type": "actions", "block_id": "row", "elements": [button(value="case-7")]}


@pytest.fixture
def view() -> Json:
    """A modal with one required line."""
    element = {"type": "plain_text_input", "action_id": "why"}
    line = {"type": "input", "block_id": "reason", "label": text("理由"), "element": element}
    words = {"title": text("解除の依頼"), "submit": text("送信"), "callback_id": "ask"}
    return {"type": "modal", **words, "notify_on_close": True, "blocks": [line]}
