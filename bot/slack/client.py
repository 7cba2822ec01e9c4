"""Every call that we make to Slack.

https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from http.client import HTTPException
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import stamina
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.slack.errors import reply_error, vendor_error
from bot.slack.forms import view
from bot.slack.people import Home, hidden, profile
from bot.slack.render import blocks, text
from handlers.conversation import File, Form, Message, Profile
from handlers.ports import VendorError

REPLY = "slack-reply:"
# A trigger lives three seconds and opens one modal.
TRIGGER_DEAD = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})
_NOT_SHOWN = frozenset({"user_not_found", "user_not_visible"})
_TIMEOUT_SECONDS = 10
_PROFILE_SECONDS = 300.0
_GROUP_SECONDS = 180.0
_LONGEST_WAIT_SECONDS = 3
# The SDK logs bodies and URLs; what went wrong is in the VendorError.
_SILENT = logging.getLogger("bot.slack.sdk")
_SILENT.setLevel(logging.CRITICAL)

T = TypeVar("T")


class _Kept(Generic[T]):
    """Answers that stay good for some seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        now = self._clock()
        if (found := self._kept.get(key)) and now - found[0] < self._seconds:
            return found[1]
        answer = ask()
        self._kept[key] = (now, answer)
        return answer


class SlackChat:
    """The Chat port. `locale` and `zone` are for people who told Slack none."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str,
        locale: str,
        zone: ZoneInfo,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._slack = WebClient(
            token, base_url, timeout=_TIMEOUT_SECONDS, retry_handlers=[], logger=_SILENT
        )
        self._locale = locale
        self._zone = zone
        self._home: _Kept[Home] = _Kept(float("inf"), clock)
        self._profiles: _Kept[Profile] = _Kept(_PROFILE_SECONDS, clock)
        self._groups: _Kept[frozenset[str]] = _Kept(_GROUP_SECONDS, clock)

    def post(self, place: str, message: Message, *, thread: str = "") -> str:
        """The answer to a command is seen by the asker alone, carries no file, and is its own ref."""
        if place.startswith(REPLY):
            self._reply(place, message, thread)
            return place
        shown = _shown(message)
        posted = _once(
            lambda: self._slack.chat_postMessage(
                channel=_id(place),
                thread_ts=_ts(thread),
                unfurl_links=False,
                unfurl_media=False,
                **shown,
            )
        )
        if message.files:
            self._upload(posted["channel"], message.files)
        return f"slack:{posted['channel']}:{posted['ts']}"

    def conclude(self, ref: str, message: Message) -> None:
        if ref.startswith(REPLY):
            self._reply(ref, message, thread="")
            return
        channel, ts = _id(ref), _ts(ref)
        shown = _shown(message)
        _again(lambda: self._slack.chat_update(channel=channel, ts=ts or "", **shown))

    def profile(self, person: str) -> Profile:
        return self._profiles.get(person, lambda: self._ask_profile(person))

    def group(self, ref: str) -> frozenset[str]:
        return self._groups.get(ref, lambda: self._ask_group(ref))

    def open(self, trigger: str, form: Form, *, place: str, reply_to: str) -> None:
        """Open `form` as a modal; VendorError with a word of TRIGGER_DEAD when it is too late."""
        modal = view(form, place=place, reply_to=reply_to)
        _once(lambda: self._slack.views_open(trigger_id=trigger, view=modal))

    def _reply(self, place: str, message: Message, thread: str) -> None:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        if message.files:
            raise VendorError("no_file_in_a_reply", permanent=True)
        url = place.removeprefix(REPLY)
        webhook = WebhookClient(url, timeout=_TIMEOUT_SECONDS, logger=_SILENT, retry_handlers=[])
        body = {
            **_shown(message),
            "response_type": "ephemeral",
            "replace_original": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "thread_ts": _ts(thread),
        }
        if error := reply_error(_once(lambda: webhook.send_dict(body))):
            raise error

    def _upload(self, channel: str, files: tuple[File, ...]) -> None:
        uploads = [
            {"filename": file.name, "title": file.title, "content": file.content} for file in files
        ]
        try:
            _once(lambda: self._slack.files_upload_v2(channel=channel, file_uploads=uploads))
        except VendorError as error:
            # Its message stands there already: a repeat would post it twice.
            raise VendorError(error.word, permanent=error.permanent, unanswered=True) from None

    def _ask_home(self) -> Home:
        answer = _again(self._slack.auth_test)
        return Home(
            team=str(answer["team_id"]),
            enterprise=str(answer.get("enterprise_id") or ""),
            locale=self._locale,
            zone=self._zone,
        )

    def _ask_profile(self, person: str) -> Profile:
        home = self._home.get("home", self._ask_home)
        try:
            return _again(
                lambda: profile(
                    self._slack.users_info(user=_id(person), include_locale=True)["user"], home
                )
            )
        except VendorError as error:
            if error.word in _NOT_SHOWN:
                return hidden(person, home)
            raise

    def _ask_group(self, ref: str) -> frozenset[str]:
        group = ref.removeprefix("slack-group:")
        answer = _again(lambda: self._slack.usergroups_users_list(usergroup=group))
        return frozenset(f"slack:{user}" for user in answer["users"])


def _worth_repeating(error: Exception) -> bool | float:
    """After the wait that Slack asks for, if it is short; a long one is the caller's to plan."""
    if not isinstance(error, VendorError) or error.permanent:
        return False
    return error.retry_after <= _LONGEST_WAIT_SECONDS and (error.retry_after or True)


_twice = stamina.RetryingCaller(attempts=2, wait_initial=0.2, wait_jitter=0.2).on(_worth_repeating)


def _again(ask: Callable[[], T]) -> T:
    """For what is harmless to repeat."""
    return _twice(_call, ask, once=False)


def _once(ask: Callable[[], T]) -> T:
    """For what would be there twice: a silence is told as unanswered."""
    return _call(ask, once=True)


def _call(ask: Callable[[], T], *, once: bool) -> T:
    """The cause is dropped: it may quote what people wrote."""
    try:
        return ask()
    except (SlackClientError, OSError, HTTPException, ValueError) as error:
        raise vendor_error(error, once=once) from None


def _shown(message: Message) -> dict[str, Any]:
    return {"text": text(message), "blocks": blocks(message)}


def _id(ref: str) -> str:
    """The user or channel of `slack:U…`, `slack:C…` or `slack:C…:ts`."""
    return ref.split(":")[1]


def _ts(ref: str) -> str | None:
    """The message of `slack:C…:ts`; Slack's own bare `ts` stays."""
    return ref.rpartition(":")[2] or None
