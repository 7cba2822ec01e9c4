"""What concerns everybody, told to the admins at once."""

from __future__ import annotations

from datetime import datetime

from handlers.conversation import Heading, Message, Text
from handlers.house import House
from handlers.show.reader import Reader

# SendGrid's words for a change of the account (account_status_change).
_ACCOUNT = {
    "compliance_suspend": "account_suspended",
    "compliance_deactivate": "account_suspended",
    "compliance_ban": "account_banned",
    "reactivate": "account_reactivated",
}


def word_of_account(change: str) -> str:
    """The alarm for a change of SendGrid's account."""
    return _ACCOUNT.get(change, "account_changed")


def message(house: House, subject: str, locale: str) -> Message:
    """`subject` is what telling.alarm_subject wrote: word, moment, detail."""
    word, at, detail = subject.split("|", 2)
    reader = Reader(locale=locale, zone=house.zone)
    moment = datetime.fromisoformat(at)
    place, _, day = detail.rpartition("/")
    text = reader.say(f"alarm.{word}", at=reader.when(moment), word=detail, place=place, day=day)
    return Message(
        summary=reader.say(f"alarm.{word}.short"),
        elements=(Heading(reader.say("alarm.heading")), Text(text)),
    )
