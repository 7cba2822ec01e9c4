"""Everything that a play needs: the three vendors on ports of their own, the clock, the bot."""

from __future__ import annotations

import base64
import contextlib
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.feed import Feed
from sandbox.host import Host
from sandbox.lineworks import LineWorks, people
from sandbox.process import Bot
from sandbox.sendgrid import DELETE_KEY, READ_KEY, SendGrid
from sandbox.serving import serving
from sandbox.slack import Slack, seed

DIGEST_CHANNEL, APPROVAL_CHANNEL, ADMIN_CHANNEL = "C0DIGEST1", "C0APPROVE", "C0ADMINS1"
_PATIENCE = 20.0
# Longer than the bot takes to see a turned clock: no event comes to it from the future.
_GATHERING = 1.2

Json = dict[str, Any]
T = TypeVar("T")


class NotSeenError(AssertionError):
    """What should have happened did not, in time."""


def until(what: str, look: Callable[[], T | None], seconds: float = _PATIENCE) -> T:
    """Look again and again until there is something; raises NotSeenError naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise NotSeenError(f"not seen within {seconds:.0f} s: {what}")
        time.sleep(0.02)


class Levers:
    """A stand-in's controls over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=f"{url}/_control", timeout=30.0, trust_env=False)

    def pull(self, lever: str, wish: Json | None = None) -> Any:
        answer = self._client.post(f"/{lever}", json=wish or {})
        if answer.is_error:
            raise NotSeenError(f"{self.url} /{lever}: {answer.text}")
        return answer.json()

    def state(self) -> Json:
        return dict(self._client.get("/state").json())

    def close(self) -> None:
        self._client.close()


class Stage:
    """Set `settings` as you like, then `open_bot`. Whatever was opened, the stack closes."""

    def __init__(
        self, stack: ExitStack, start: datetime, folder: Path, record: Path | None
    ) -> None:
        self._stack, self.folder = stack, folder
        self.clock = Clock(start)
        self.calls = Calls(self.clock, record)
        self.slack_app = Slack(self.clock, self.calls)
        self.sendgrid_app = SendGrid(self.clock, self.calls)
        self.line_works_app = LineWorks(self.clock, self.calls)
        stack.callback(self.sendgrid_app.close)
        self.slack = self._levers(self.slack_app.app())
        self.sendgrid = self._levers(self.sendgrid_app.app())
        self.line_works = self._levers(self.line_works_app.app())
        self.slack_app.base_url = self.slack.url
        self.clock_url = self._serve(Starlette(routes=self.clock.routes())) + "/clock"
        self.settings = _settings(self)
        self.host = Host(
            clock=self.clock,
            sendgrid_url=self.sendgrid.url,
            auth_url=f"{self.line_works.url}/oauth2/v2.0",
            private_key=self.line_works_app.private_key,
            push_token=self.settings["PUSH_TOKEN"],
        )
        stack.callback(self.host.close)
        self.bot: Bot | None = None

    def _serve(self, app: Starlette) -> str:
        return self._stack.enter_context(serving(app))

    def _levers(self, app: Starlette) -> Levers:
        levers = Levers(self._serve(app))
        self._stack.callback(levers.close)
        return levers

    def connect_feed(self) -> Feed:
        """Have the bot ask the customer's program too; before it is opened."""
        self.host.feed = Feed(token=secrets.token_urlsafe(24))
        self.settings["HOST_FEED_URL"] = self._serve(self.host.feed.app()) + "/feed"
        self.settings["HOST_FEED_TOKEN"] = self.host.feed.token
        return self.host.feed

    def open_bot(self) -> Bot:
        """Start it, and make its URLs known to everybody, as an operator does."""
        self.bot = Bot(self.settings, self.folder)
        self._stack.callback(self.bot.stop)
        url, settings = self.bot.url, self.settings
        if settings.get("SENDGRID_API_KEY"):
            manners = {"url": f"{url}/sendgrid/events", "batch_seconds": _GATHERING}
            self.sendgrid.pull("webhook", manners)
        if settings.get("LINEWORKS_BOT_ID"):
            self.line_works.pull("callback", {"url": f"{url}/lineworks/callback"})
        if settings.get("SLACK_BOT_TOKEN"):
            self.slack.pull("connect", {"url": f"{url}/slack/events"})
        self.host.relay_url = f"{url}/lineworks/relay/{settings['RELAY_KEY']}/v1.0"
        self.host.people_url = f"{url}/people"
        return self.bot

    def turn(self, to: datetime) -> None:
        """Turn the clock, and wait until the bot has seen it."""
        self.clock.turn(to)
        before = self.clock.asked
        until("the bot reads the clock", lambda: self.clock.asked > before)


@contextlib.contextmanager
def stage(start: datetime, record: Path | None = None) -> Iterator[Stage]:
    """The stand-ins on free ports, in this process; a folder that goes with them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield Stage(stack, start, Path(folder), record)


def _settings(stage: Stage) -> dict[str, str]:
    """A whole installation, names without prefix: both chats, both media."""
    yamada, suzuki, sato = (
        f"lineworks:{one.id}" for one in (people.YAMADA, people.SUZUKI, people.SATO)
    )
    return {
        "PORT": "0",
        "DATABASE_URL": f"sqlite:///{stage.folder}/notify-errors.db",
        "CLOCK_URL": stage.clock_url,
        "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
        "SLACK_API_URL": f"{stage.slack.url}/api/",
        "SENDGRID_API_KEY": READ_KEY,
        "SENDGRID_DELETE_API_KEY": DELETE_KEY,
        "SENDGRID_API_URL": stage.sendgrid.url,
        "SENDGRID_WEBHOOK_PUBLIC_KEY": stage.sendgrid_app.public_key,
        "LINEWORKS_CLIENT_ID": people.CLIENT_ID,
        "LINEWORKS_CLIENT_SECRET": people.CLIENT_SECRET,
        "LINEWORKS_SERVICE_ACCOUNT": people.SERVICE_ACCOUNT,
        "LINEWORKS_PRIVATE_KEY": stage.line_works_app.private_key,
        "LINEWORKS_BOT_ID": str(people.CHAT_BOT),
        "LINEWORKS_BOT_SECRET": people.BOTS[people.CHAT_BOT][1],
        "LINEWORKS_API_URL": f"{stage.line_works.url}/v1.0",
        "LINEWORKS_AUTH_URL": f"{stage.line_works.url}/oauth2/v2.0",
        "RELAY_KEY": secrets.token_urlsafe(24),
        "PAYLOAD_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PUSH_TOKEN": secrets.token_urlsafe(24),
        "ADMINS": f"{yamada}=slack:U0ADMIN01,{suzuki}=slack:U0ADMIN02,slack:U0ENGLISH",
        "APPROVERS": f"{sato}=slack:U0APPROV1",
        "APPROVAL_CHANNEL": f"slack:{APPROVAL_CHANNEL}",
        "ADMIN_CHANNEL": f"slack:{ADMIN_CHANNEL}",
        "DIGEST_CHANNEL": f"slack:{DIGEST_CHANNEL},lineworks:{people.DIGEST_ROOM}",
        "SUPPORT_CONTACT": "情報システム部(内線 1234)",
        "SERVICE_NAME": "お知らせ通知",
        "SENDER_DOMAIN": "notify.example.jp",
        "LINK_USER_SETTINGS": "https://portal.example.jp/users",
    }
