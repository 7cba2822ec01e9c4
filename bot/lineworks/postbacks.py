"""What our buttons carry and bring back: a version, what to do, an opaque id. Never an address.

LINE WORKS posts a button's label as if its presser had typed it; only the
postback beside it, which nobody can type, counts as a press.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.lineworks.limits import POSTBACK, units
from handlers.conversation import Button

_PRESS, _ASKS, _STOP, _FORM = "v1", "v1?", "v1x", "f1"


class Step(StrEnum):
    """What a form's button does."""

    PICK = "pick"
    SKIP = "skip"
    SUBMIT = "submit"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """One of a message's buttons. `asks`: wants to be pressed once more before it counts."""

    verb: str
    subject: str
    asks: bool = False


@dataclass(frozen=True)
class Stopped:
    """The other button beside one that asks."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A form's button: of which form, at which of its questions."""

    form: str
    at: int
    step: Step
    value: str = ""


Postback: TypeAlias = Pushed | Stopped | Filled


def of_button(button: Button) -> str:
    return of_push(button.verb, button.subject, asks=button.confirm is not None)


def of_push(verb: str, subject: str, *, asks: bool = False) -> str:
    return _checked(f"{_ASKS if asks else _PRESS}:{verb}:{subject}")


def of_stop() -> str:
    return f"{_STOP}:"


def of_form(form: str, at: int, step: Step, value: str = "") -> str:
    return _checked(f"{_FORM}:{form}:{at}:{step}:{value}")


def _checked(postback: str) -> str:
    if units(postback) > POSTBACK:
        raise ValueError(f"a button carries {units(postback)} units; LINE WORKS takes {POSTBACK}")
    return postback


def read(postback: str) -> Postback | None:
    """None for what no button of ours carries."""
    version, _, rest = postback.partition(":")
    if version in {_PRESS, _ASKS}:
        verb, colon, subject = rest.partition(":")
        return Pushed(verb=verb, subject=subject, asks=version == _ASKS) if colon else None
    if version == _STOP:
        return Stopped()
    return _form_button(rest) if version == _FORM else None


def _form_button(rest: str) -> Filled | None:
    try:
        form, at, step, value = rest.split(":", 3)
        return Filled(form=form, at=int(at), step=Step(step), value=value)
    except ValueError:
        return None
