"""What concerns everybody, told to the admins at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.conversation import Heading, Message, Text
from handlers.house import House
from handlers.show.reader import Reader

_AN_HOUR = timedelta(hours=1)


def message(house: House, subject: str, locale: str) -> Message:
    """`subject` is what telling.alarm_subject wrote: word, moment, detail."""
    word, at, detail = subject.split("|", 2)
    reader = Reader(locale=locale, zone=house.zone)
    moment = datetime.fromisoformat(at)
    place, _, day = detail.rpartition("/")
    text = reader.say(
        f"alarm.{word}",
        at=reader.when(moment),
        since=reader.when(moment),
        until=reader.when(moment + _AN_HOUR),
        word=detail,
        place=place,
        day=day,
    )
    return Message(
        summary=reader.say(f"alarm.{word}.short"),
        elements=(Heading(reader.say("alarm.heading")), Text(text)),
    )
