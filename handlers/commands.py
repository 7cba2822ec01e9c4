"""Answers what people type: one table from command to answer, the same in both products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from handlers import lookups, periods
from handlers.conversation import Command, Message
from handlers.corrections import standing
from handlers.explaining import explained, keep_wordings
from handlers.exports import Words, content
from handlers.grammar import Asked, NotUnderstood, understand
from handlers.house import House
from handlers.people import Role, profile, roles
from handlers.periods import Period
from handlers.show import digests, explaining, helping, requests, status
from handlers.show.reader import Reader
from handlers.status import status as status_of
from handlers.summary import compose
from handlers.telling import name_of
from storage.failures import Medium
from storage.requests import RequestState
from storage.views import CaseQuery


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One command, who typed it, and what they may read where they typed it."""

    command: Command
    name: str
    argument: str
    reader: Reader


def answer(house: House, command: Command) -> Message:
    """The answer for the one who asked; whoever lacks the role learns nothing."""
    who = profile(house, command.person)
    held = roles(house, command.person)
    asked = understand(command.text)
    if isinstance(asked, NotUnderstood):
        return helping.not_understood(asked.word, asked.nearest, command.person, who.locale)
    if asked.name == "help":
        return helping.usage(command.person, who.locale)
    if not held & {Role.ADMIN, Role.APPROVER}:
        return helping.no_role(house, who.locale)
    reader = Reader(
        locale=who.locale,
        zone=house.zone,
        now=house.now(),
        clear=not command.shared,
        for_approvers=Role.APPROVER in held and not command.shared,
        may_ask=Role.ADMIN in held,
    )
    return _ANSWERS[asked.name](house, _turn(command, asked, reader))


def _turn(command: Command, asked: Asked, reader: Reader) -> Turn:
    return Turn(command=command, name=asked.name, argument=asked.argument, reader=reader)


_NAMED: dict[str, Callable[[datetime, ZoneInfo], Period]] = {
    "today": periods.today,
    "yesterday": periods.yesterday,
    "week": periods.week,
}


def _too_many(turn: Turn) -> Message:
    """Words that we would pass over are better said."""
    person = turn.command.person
    return helping.mistake(
        "bad.too_many_words",
        person,
        turn.reader.locale,
        extra=turn.argument[:50],
        example=f"{helping.prefix_of(person)}{turn.name}",
    )


def _named(house: House, turn: Turn) -> Message:
    if turn.argument:
        return _too_many(turn)
    return _summary(house, turn, _NAMED[turn.name](house.now(), house.zone))


def _dates(house: House, turn: Turn) -> Message:
    try:
        period = periods.dates(turn.argument, house.now(), house.zone)
    except periods.BadPeriodError as error:
        return _bad_period(turn, error)
    return _summary(house, turn, period)


def _bad_period(turn: Turn, error: periods.BadPeriodError) -> Message:
    locale = turn.reader.locale
    return helping.mistake(
        f"bad.{error.word}", turn.command.person, locale, typed=turn.argument[:50], **error.slots
    )


def _summary(house: House, turn: Turn, period: Period) -> Message:
    summary = compose(house, period.since, period.until)
    named = turn.name if turn.name in _NAMED else "period"
    if named == "period" and period.first == period.last:
        named = "day"
    return digests.lookup(house, summary, named, period, turn.reader)


def _who(house: House, turn: Turn) -> Message:
    if not turn.argument:
        return helping.mistake("missing.recipient", turn.command.person, turn.reader.locale)
    return lookups.who(house, turn.argument, turn.reader, turn.command.reply_to)


def _explain(house: House, turn: Turn) -> Message:
    if not turn.argument:
        return helping.mistake("missing.text", turn.command.person, turn.reader.locale)
    found = explained(turn.argument, house.vocabulary, house.rules, standing(house))
    kept = turn.reader.clear and keep_wordings(house, found)
    return explaining.message(found, turn.reader, partial(name_of, house), kept=kept)


def _pending(house: House, turn: Turn) -> Message:
    if turn.argument:
        return _too_many(turn)
    waiting = house.store.requests(
        house.tenant, [RequestState.OPEN, RequestState.APPROVED, RequestState.CARRYING]
    )
    return requests.pending(house, waiting, turn.reader, turn.command.person)


def _export(house: House, turn: Turn) -> Message:
    if turn.command.shared:
        return helping.plain(turn.reader.say("trouble.talk_only"))
    try:
        period = period_of(house, turn.argument)
    except periods.BadPeriodError as error:
        return _bad_period(turn, error)
    words = Words(house, turn.reader.locale, raw=False, for_approvers=turn.reader.for_approvers)
    written = {
        medium: content(
            words, medium, CaseQuery(since=period.since, until=period.until, medium=medium)
        )
        for medium in Medium
    }
    return helping.exported(period, written, turn.reader)


def period_of(house: House, text: str) -> Period:
    """The period of `export`: today when nothing is said. Raises BadPeriodError."""
    asked = understand(text or "today")
    named = _NAMED.get(asked.name) if isinstance(asked, Asked) else None
    if named:
        return named(house.now(), house.zone)
    return periods.dates(text, house.now(), house.zone)


def _status(house: House, turn: Turn) -> Message:
    if turn.argument:
        return _too_many(turn)
    return status.message(status_of(house), turn.reader)


_ANSWERS: dict[str, Callable[[House, Turn], Message]] = {
    "today": _named,
    "yesterday": _named,
    "week": _named,
    "dates": _dates,
    "who": _who,
    "explain": _explain,
    "pending": _pending,
    "export": _export,
    "status": _status,
}
