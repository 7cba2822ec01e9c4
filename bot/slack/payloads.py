"""Reads what Slack says that people did: a typed command, a pressed button.

https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec

from bot.slack.render import verb_of
from handlers.conversation import Command, Press

_T = TypeVar("_T")
_MENTION = re.compile(r"<[@#]([A-Z0-9]+)(?:\|[^<>]*)?>")
_ADDRESS = re.compile(r"<mailto:([^<>|]*)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(https?:[^<>|]*)(?:\|[^<>]*)?>")


class _Slash(msgspec.Struct):
    user_id: str
    channel_id: str
    response_url: str
    text: str = ""


class _Id(msgspec.Struct):
    id: str


class _Container(msgspec.Struct):
    message_ts: str = ""
    channel_id: str = ""
    thread_ts: str = ""
    is_ephemeral: bool = False


class _Action(msgspec.Struct):
    action_id: str
    value: str | None = None


class _Actions(msgspec.Struct):
    user: _Id
    container: _Container
    actions: Annotated[tuple[_Action, ...], msgspec.Meta(min_length=1)]
    trigger_id: str
    channel: _Id | None = None
    response_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A press with what Slack needs for an answer: a modal's trigger, the thread to stay in."""

    press: Press
    trigger: str
    thread: str


def command(body: object) -> Command:
    """Raises msgspec.ValidationError for anything but a slash command."""
    typed = sent_as(_Slash, body)
    return Command(
        person=f"slack:{typed.user_id}",
        text=_as_typed(typed.text),
        place=f"slack:{typed.channel_id}",
        reply_to=f"slack-reply:{typed.response_url}",
        shared=False,  # the answer is ephemeral
    )


def sent_as(kind: type[_T], body: object) -> _T:
    """Raises msgspec.ValidationError for anything else, half a character instead of it too."""
    try:
        return msgspec.convert(body, kind)
    except UnicodeEncodeError as error:
        raise msgspec.ValidationError(str(error)) from error


def pressed(body: object) -> Pressed:
    """Raises msgspec.ValidationError for anything but `block_actions`.

    `message` is empty where nothing can be edited: an ephemeral message.
    """
    sent = sent_as(_Actions, body)
    person = f"slack:{sent.user.id}"
    held = sent.container
    channel = sent.channel.id if sent.channel else held.channel_id
    place = f"slack:{channel}" if channel else person
    editable = channel and held.message_ts and not held.is_ephemeral
    press = Press(
        person=person,
        verb=verb_of(sent.actions[0].action_id),
        subject=sent.actions[0].value or "",
        place=place,
        message=f"{place}:{held.message_ts}" if editable else "",
        reply_to=f"slack-reply:{sent.response_url}" if sent.response_url else person,
        shared=False,
    )
    return Pressed(press=press, trigger=sent.trigger_id, thread=held.thread_ts)


def _as_typed(text: str) -> str:
    """Undoes what `should_escape` did; people and channels become references of ours."""
    named = _MENTION.sub(r"slack:\1", text)
    bare = _LINK.sub(r"\1", _ADDRESS.sub(r"\1", named))
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
