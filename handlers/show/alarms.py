"""What concerns everybody, told to the admins at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from handlers.alarming import read
from handlers.conversation import Button, Buttons, Element, Heading, Message, Text
from handlers.house import House
from handlers.show.coverage import length
from handlers.show.reader import Reader

_AN_HOUR = timedelta(hours=1)


def message(house: House, subject: str, locale: str) -> Message:
    """`subject` is what alarming.alarm wrote."""
    word, moment, slots = read(subject)
    reader = Reader(locale=locale, zone=house.zone, now=house.now())
    text = reader.say(
        f"alarm.{word}",
        at=reader.when(moment),
        since=reader.when(moment),
        until=reader.when(moment + _AN_HOUR),
        **_shown(slots, reader),
    )
    return Message(
        summary=reader.say(f"alarm.{word}.short"),
        elements=(
            Heading(reader.say("alarm.heading")),
            Text(text),
            *_to_do(word, slots, reader),
        ),
    )


# How a slot is told in the reader's language; every other one is told as it stands.
_TOLD: dict[str, Callable[[str, Reader], object]] = {
    "day": lambda text, reader: reader.day(date.fromisoformat(text)),
    "cause": lambda text, reader: reader.say(f"cause.{text}"),
    "kind": lambda text, reader: reader.say(f"kind.{text}"),
    "list": lambda text, reader: reader.say(f"list.{text}"),
    "length": lambda text, reader: length(timedelta(minutes=int(text)), reader),
    "count": lambda text, _: int(text),
    "whole": lambda text, _: int(text),
    "delivered": lambda text, _: int(text),
}


def _shown(slots: Mapping[str, str], reader: Reader) -> dict[str, object]:
    return {
        name: _TOLD[name](text, reader) if name in _TOLD else text for name, text in slots.items()
    }


def _to_do(word: str, slots: Mapping[str, str], reader: Reader) -> tuple[Element, ...]:
    if word != "digest_unanswered":
        return ()
    again = Button(
        label=reader.say("button.post_again"),
        verb="post_again",
        subject=f"{slots['place']}/{slots['day']}",
    )
    return (Buttons((again,)),)
