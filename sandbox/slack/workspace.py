"""What the workspace remembers: people, channels, messages, modals, and short-lived tickets."""

from __future__ import annotations

import copy
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.slack import seed
from sandbox.slack.blocks import elements
from sandbox.slack.seed import Json

_TRIGGER_SECONDS = 3
_HOOK_SECONDS = 30 * 60
_HOOK_USES = 5


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """An answer with `ok: false`: its error and whatever Slack adds to it."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra


class Impossible(Exception):  # noqa: N818 - says what a person cannot do
    """The person cannot do that in Slack: no such button or option, no such channel."""


@dataclass(kw_only=True)
class Ticket:
    """A trigger id or a `response_url`: whose, until when, how often; for a URL also where."""

    user: str
    dies: float
    left: int
    channel: str = ""
    pressed: Json | None = None


@dataclass(kw_only=True)
class Modal:
    """One view on a person's stack, what they typed, and the errors they see."""

    view: Json
    typed: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


class Workspace:
    """The state under one lock. `wall` is real time: what expires for a bot expires by it."""

    def __init__(self, clock: Clock, calls: Calls, wall: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.calls = calls
        self.wall = wall
        self.base_url = ""
        self.events_url = ""
        self.ack_seconds = 3.0
        self.hang_seconds = 60.0
        self.retry_waits = (0.0, 60.0, 300.0)
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self.users = {each["id"]: each for each in copy.deepcopy(seed.USERS)}
            self.channels = {each["id"]: each for each in copy.deepcopy(seed.CHANNELS)}
            self.groups = copy.deepcopy(seed.GROUPS)
            self.faults = copy.deepcopy(seed.FAULTS)
            self.messages: dict[str, list[Json]] = {each: [] for each in self.channels}
            self.ephemerals: dict[str, list[Json]] = {each: [] for each in self.users}
            self.modals: dict[str, list[Modal]] = {each: [] for each in self.users}
            self.files: dict[str, Json] = {}
            self.tickets: dict[str, Ticket] = {}
            self.buckets: dict[tuple[str, str], tuple[float, float]] = {}
            self._numbers = itertools.count(1)
            self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):010d}"

    def new_ts(self) -> str:
        """The clock's time in Slack's form, never the same twice."""
        with self.lock:
            self._last_ts = max(int(self.clock.now().timestamp() * 1e6), self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def is_archived(self, channel: Json) -> bool:
        return channel["is_archived"] or channel["id"] in self.faults["archived"]

    def has_bot(self, channel: Json) -> bool:
        kicked = channel["id"] in self.faults["kicked"]
        return seed.BOT_USER in channel["members"] and not kicked

    def sees(self, user: str, channel: Json) -> bool:
        """Whether a person can read along: a member, or staff in a public channel."""
        person = self.users[user]
        staff = person["team_id"] == seed.TEAM and not person["is_restricted"]
        public = not channel["is_private"] and not channel["is_im"]
        return user in channel["members"] or (staff and public)

    def direct(self, user: str) -> Json:
        """The 1:1 conversation of the bot and a person, opened when it is not yet."""
        number = f"D{user[1:]}"
        if number not in self.channels:
            flags = {"is_private": True, "is_im": True, "user": user}
            self.channels[number] = {**seed.channel(number, "", (user,)), **flags}
            self.messages[number] = []
        return self.channels[number]

    def named(self, blocks: list[Json]) -> list[Json]:
        """A copy in which every block and element has the name that Slack gives it."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self.new_id("b"))
            for element in elements(block):
                element.setdefault("action_id", self.new_id("a"))
        return blocks

    def new_message(self, channel: str, **content: Any) -> Json:
        author = {"user": seed.BOT_USER, "bot_id": seed.BOT, "app_id": seed.APP}
        base = {"type": "message", "ts": self.new_ts(), "channel": channel, **author}
        return {**base, **content}

    def post(self, channel: str, **content: Any) -> Json:
        message = self.new_message(channel, **content)
        self.messages[channel].append(message)
        return message

    def whisper(self, user: str, channel: str, **content: Any) -> Json:
        message = self.new_message(channel, is_ephemeral=True, **content)
        self.ephemerals[user].append(message)
        return message

    def find(self, ts: str, messages: list[Json]) -> Json | None:
        return next((each for each in messages if each["ts"] == ts), None)

    def new_trigger(self, user: str) -> str:
        number = f"{self.new_id('')}.{seed.TEAM[1:]}"
        self.tickets[number] = Ticket(user=user, dies=self.wall() + _TRIGGER_SECONDS, left=1)
        return number

    def new_hook(self, kind: str, user: str, channel: str, pressed: Json | None = None) -> str:
        """A `response_url`; `kind` is `commands` or `actions`."""
        path, dies = f"/{kind}/{seed.TEAM}/{self.new_id('')}", self.wall() + _HOOK_SECONDS
        self.tickets[path] = Ticket(
            user=user, dies=dies, left=_HOOK_USES, channel=channel, pressed=pressed
        )
        return self.base_url + path

    def ticket(self, number: str, unknown: str, used: str, expired: str) -> Ticket:
        """A ticket that is still good; refused with the given words otherwise."""
        if (ticket := self.tickets.get(number)) is None:
            raise Refused(unknown)
        if ticket.left < 1:
            raise Refused(used)
        if self.wall() >= ticket.dies:
            raise Refused(expired)
        return ticket

    def modal(self, view_id: str) -> Modal:
        for modal in itertools.chain(*self.modals.values()):
            if modal.view["id"] == view_id:
                return modal
        raise Refused("not_found")

    def push(self, stack: list[Modal], view: Json) -> Modal:
        number = self.new_id("V")
        root, previous = (stack[0].view["id"], stack[-1].view["id"]) if stack else (number, None)
        modal = Modal(view={"id": number, "root_view_id": root, "previous_view_id": previous})
        self.fill(modal, view)
        stack.append(modal)
        return modal

    def fill(self, modal: Modal, view: Json) -> None:
        """Put `view` into an open modal; what was typed stays under equal names."""
        owner = {"team_id": seed.TEAM, "app_id": seed.APP, "app_installed_team_id": seed.TEAM}
        blank = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None}
        kept = {key: modal.view[key] for key in ("id", "root_view_id", "previous_view_id")}
        fresh = {"blocks": self.named(view["blocks"]), "hash": self.new_id("h")}
        modal.view = {**owner, **blank, "notify_on_close": False, **view, **fresh, **kept}
        modal.errors = {}
