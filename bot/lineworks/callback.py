"""LINE WORKS' callbacks: who signed them, and what a member did. No I/O.

https://developers.worksmobile.com/jp/docs/bot-callback
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from bot.lineworks.postbacks import Postback, read

_FRESH = timedelta(minutes=5)
_COMMAND = re.compile(r"[/／]notify-errors(?![\w-])", re.IGNORECASE)


class CallbackError(Exception):
    """Not taken: the HTTP status to answer, and why in words fit for a log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words typed by a member. `addressed`: by the command's own name."""

    person: str
    place: str
    shared: bool
    text: str
    addressed: bool = False


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A button of ours; `label` is what it read."""

    person: str
    place: str
    shared: bool
    label: str
    postback: Postback


@dataclass(frozen=True, kw_only=True)
class Began:
    """A member has opened the 1:1 talk, or we have with our first message."""

    person: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Nothing for us: other kinds of content, people talking among themselves."""

    why: str


Event: TypeAlias = Said | Pressed | Began | Ignored


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], bot_id: str) -> None:
    """Raises CallbackError unless one of the bot's secrets (old and new) signed these bytes."""
    lowered = {name.lower(): value for name, value in headers.items()}
    given = lowered.get("x-works-signature", "").encode("utf-8", "replace")
    if not given:
        raise CallbackError(401, "X-WORKS-Signature is missing")
    # Every secret is tried, so that the time taken does not tell which one is in use.
    valid = [hmac.compare_digest(_signature(body, secret), given) for secret in secrets]
    if not any(valid):
        raise CallbackError(401, "X-WORKS-Signature does not fit the body")
    if lowered.get("x-works-botid", "") != bot_id:
        raise CallbackError(403, "X-WORKS-BotId names another bot")


def _signature(body: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))


def parse(body: bytes, now: datetime, names: Sequence[str]) -> Event:
    """What happened. `now` by the wall clock; `names` are those that the bot answers to in rooms.

    Raises CallbackError for what is no event, or not a fresh one.
    """
    told = _object(body)
    _fresh(told.get("issuedTime"), now)
    source = told.get("source")
    if not isinstance(source, dict):
        raise CallbackError(400, "source is missing")
    match told.get("type"):
        case "message":
            return _message(source, told.get("content"), names)
        case "begin":
            person = _id(source, "userId")
            return Began(person=f"lineworks:{person}", place=f"lineworks-user:{person}")
        case str():
            return Ignored(why="event")
        case _:
            raise CallbackError(400, "type is missing")


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackError(400, "the body is not JSON") from None
    if not isinstance(told, dict):
        raise CallbackError(400, "the body is no JSON object")
    return told


def _fresh(issued: object, now: datetime) -> None:
    try:
        moment = datetime.fromisoformat(str(issued))
    except ValueError:
        raise CallbackError(400, "issuedTime is no ISO 8601 time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if abs(now - moment) > _FRESH:
        raise CallbackError(
            403, "issuedTime is more than 5 minutes away: set the clock, or a replay"
        )


def _id(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise CallbackError(400, f"source.{name} is missing")
    return value


def _message(source: Mapping[str, Any], content: object, names: Sequence[str]) -> Event:
    if not isinstance(content, dict):
        raise CallbackError(400, "content is missing")
    text = content.get("text")
    if content.get("type") != "text" or not isinstance(text, str):
        return Ignored(why="content")
    person = _id(source, "userId")
    shared = bool(source.get("channelId"))
    where = {
        "person": f"lineworks:{person}",
        "place": f"lineworks:{_id(source, 'channelId')}" if shared else f"lineworks-user:{person}",
    }
    if content.get("postback"):
        postback = read(str(content["postback"]))
        if postback is None:
            return Ignored(why="postback")
        return Pressed(**where, shared=shared, label=text, postback=postback)
    words, addressed = _spoken_to(text, names)
    if shared and words is None:
        return Ignored(why="not_addressed")
    said = text.strip() if words is None else words
    return Said(**where, shared=shared, text=said, addressed=addressed)


def _spoken_to(text: str, names: Sequence[str]) -> tuple[str | None, bool]:
    """What follows the command or a name, None without; second, whether it was the command."""
    text = text.strip()
    command = _COMMAND.match(text)
    if command:
        return text[command.end() :].strip(), True
    plain = text.removeprefix("@").removeprefix("＠")
    for name in sorted(names, key=len, reverse=True):
        rest = plain[len(name) :]
        if plain.casefold().startswith(name.casefold()) and not rest[:1].isalnum():
            return rest.lstrip(" 　:：,、").strip(), False
    return None, False
