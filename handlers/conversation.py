"""One conversation for two chat products: what people say to us, and what we show them.

Handlers return these values; `bot/slack/render.py` and `bot/lineworks/render.py`
print them exhaustively. Texts are plain: each renderer escapes for its product
and owns its limits.

References are strings with their product in front. A person: `slack:U…`,
`lineworks:ID`. A place to post to: `slack:C…`, `slack:U…` (direct message),
`slack-reply:URL` (the answer to one command), `lineworks:ROOM`,
`lineworks-user:ID` (1:1 talk). A posted message: whatever its product returned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Title:
    """Heads one part of a message; a Heading heads the whole."""

    text: str


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Note:
    """Small print: coverage, masking, times."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Label and value, one pair a line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Quote:
    """Somebody else's words, unchanged and set apart."""

    label: str
    text: str


@dataclass(frozen=True)
class Passage:
    """A text to copy whole and send on: nothing else stands with it."""

    text: str


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Divider:
    """A thin line between parts."""


class Style(StrEnum):
    """How much a button matters."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """Asked before an act that cannot be undone; `yes` names the act."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, kw_only=True)
class Button:
    """`verb` and `subject` come back in a Press. `subject` is an opaque id, never an address.

    `describes` tells buttons with equal labels apart for screen readers.
    """

    label: str
    verb: str
    subject: str
    style: Style = Style.PLAIN
    confirm: Confirm | None = None
    describes: str = ""


@dataclass(frozen=True)
class Buttons:
    buttons: tuple[Button, ...]


Element: TypeAlias = (
    Heading | Title | Text | Note | Facts | Quote | Passage | Bullets | Divider | Buttons
)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that goes with a message, such as a CSV."""

    name: str
    title: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Message:
    """`summary` is the notification text and the fallback for screen readers."""

    summary: str
    elements: tuple[Element, ...]
    files: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A question with fixed answers: value and label."""

    key: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question answered in one's own words."""

    key: str
    label: str
    hint: str = ""
    optional: bool = False
    max_length: int = 500


Question: TypeAlias = Choice | Ask


@dataclass(frozen=True, kw_only=True)
class Form:
    """A list of questions: a modal in Slack, one after the other in LINE WORKS."""

    verb: str
    subject: str
    title: str
    submit: str
    cancel: str
    questions: tuple[Question, ...]
    intro: str = ""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a chat product says about a person; locale is `ja` or `en`."""

    ref: str
    name: str
    locale: str
    zone: ZoneInfo
    active: bool = True
    outsider: bool = False  # guest, or somebody of another company


@dataclass(frozen=True, kw_only=True)
class Command:
    """Typed words, without the command's name. `shared`: others will read the answer."""

    person: str
    text: str
    place: str
    reply_to: str
    shared: bool


@dataclass(frozen=True, kw_only=True)
class Press:
    """A pressed button. `place` and `message` say where it stood."""

    person: str
    verb: str
    subject: str
    place: str
    message: str
    reply_to: str
    shared: bool


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A form that was sent."""

    person: str
    verb: str
    subject: str
    answers: Mapping[str, str]
    place: str
    reply_to: str


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """What is wrong with a filled form: question key -> sentence."""

    by_question: Mapping[str, str]


Reply: TypeAlias = Message | Form
