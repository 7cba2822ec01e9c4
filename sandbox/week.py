"""What the customer's system sends in a week, and what becomes of it: `week.toml`, cast.

Everything is drawn in the order of one seed, so two weeks are equal.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.town import SEED, Resident, load, residents

TOKYO = ZoneInfo("Asia/Tokyo")
_FAR = datetime(2100, 1, 1, tzinfo=TOKYO)
_DELIVERED = {"outcome": "deliver"}

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail, and the script of what becomes of it."""

    to: Resident
    script: Json


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A LINE WORKS message; `trouble` is what is wrong with its recipient, or nothing."""

    to: Resident
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A lever of LINE WORKS that is pulled before a run and put back after it."""

    lever: str
    on: Json
    off: Json


@dataclass(frozen=True, kw_only=True)
class Run:
    """One notification to many."""

    at: datetime
    subject: str
    mails: tuple[Mail, ...]
    notices: tuple[Notice, ...]
    trouble: Trouble | None


@dataclass(frozen=True, kw_only=True)
class Happening:
    """An event that no mail leads to, such as an opt-out."""

    at: datetime
    event: Json


@dataclass(frozen=True, kw_only=True)
class Week:
    """`before` has happened when the bot starts; `cast` tells who suffers what, by its name."""

    starts: datetime
    ends: datetime
    people: tuple[Resident, ...]
    cast: Mapping[str, tuple[Resident, ...]]
    before: tuple[Happening, ...]
    steps: tuple[Run | Happening, ...]  # by their times


@dataclass(frozen=True, kw_only=True)
class _Fate:
    name: str
    people: int
    whose: str
    since: datetime
    until: datetime
    share: float
    what: Json

    def suits(self, one: Resident) -> bool:
        if self.whose == "line_works":
            return bool(one.login)
        return one.domain == self.whose or (self.whose == "example" and "example" in one.domain)


def plan() -> Week:
    table, people, dice = load("week.toml"), residents(), random.Random(SEED)
    dice.shuffle(people)
    fates = _cast([_fate(*row) for row in table["fate"]], people)
    troubles = {_moment(at): Trouble(lever=x, on=y, off=z) for at, x, y, z in table["trouble"]}
    runs = [_run(row, people, fates, troubles, dice) for row in table["run"]]
    cast: dict[str, tuple[Resident, ...]] = {}
    for one in people:
        if fate := fates.get(one.id):
            cast[fate.name] = (*cast.get(fate.name, ()), one)
    starts = _moment(table["starts"])
    return Week(
        starts=starts,
        ends=_moment(table["ends"]),
        people=tuple(sorted(people, key=lambda one: one.id)),
        cast=cast,
        before=tuple(_history(table["history"], [p for p in people if p.id not in fates], starts)),
        steps=tuple(sorted([*runs, *_happenings(people, fates)], key=_when)),
    )


def _moment(value: datetime) -> datetime:
    return value.replace(tzinfo=TOKYO)


def _when(step: Run | Happening) -> datetime:
    return step.at


def _fate(
    name: str, people: int, whose: str, period: Sequence[datetime], share: float, what: Json
) -> _Fate:
    since, until = (*map(_moment, period), _FAR)[:2]
    return _Fate(
        name=name, people=people, whose=whose, since=since, until=until, share=share, what=what
    )


def _cast(rows: Sequence[_Fate], people: Sequence[Resident]) -> dict[str, _Fate]:
    """Who suffers what; nobody twice. The choosiest come first."""
    fates: dict[str, _Fate] = {}
    for fate in sorted(rows, key=lambda fate: (fate.whose == "example", fate.whose)):
        free = [one for one in people if one.id not in fates and fate.suits(one)]
        fates |= {one.id: fate for one in free[: fate.people]}
    return fates


def _history(
    rows: Sequence[Sequence[Any]], people: Sequence[Resident], starts: datetime
) -> Iterator[Happening]:
    left = (one.email for one in people if one.email)
    for count, days_ago, event in rows:
        at = starts - timedelta(days=days_ago)
        for _ in range(count):
            told = {"email": next(left), "timestamp": int(at.timestamp())}
            yield Happening(at=at, event=event | told)


def _happenings(people: Sequence[Resident], fates: Mapping[str, _Fate]) -> Iterator[Happening]:
    for one in people:
        if one.id in fates and "event" in fates[one.id].what:
            fate = fates[one.id]
            yield Happening(at=fate.since, event=fate.what | {"email": one.email})


def _run(
    row: Sequence[Any],
    people: Sequence[Resident],
    fates: Mapping[str, _Fate],
    troubles: Mapping[datetime, Trouble],
    dice: random.Random,
) -> Run:
    at, subject, mails, notices = _moment(row[0]), *row[1:]
    ill = {who: fate for who, fate in fates.items() if fate.since <= at < fate.until}
    hit = [(one, ill[one.id]) for one in people if one.id in ill]
    hit = [(one, fate) for one, fate in hit if dice.random() < fate.share]
    well = [one for one in people if one.id not in ill]
    written = [Mail(to=one, script=_script(one, fate)) for one, fate in hit if fate.what]
    told = [Notice(to=one, trouble=fate.name) for one, fate in hit if not fate.what]
    written += [Mail(to=one, script=_DELIVERED) for one in _some(well, "email", mails, dice)]
    told += [Notice(to=one) for one in _some(well, "login", notices, dice)]
    dice.shuffle(told)
    return Run(
        at=at,
        subject=subject,
        mails=tuple(written),
        notices=tuple(told),
        trouble=troubles.get(at),
    )


def _some(
    people: Sequence[Resident], medium: str, count: int, dice: random.Random
) -> list[Resident]:
    return dice.sample([one for one in people if getattr(one, medium)], count)


def _script(one: Resident, fate: _Fate) -> Json:
    """With the recipient's own address in the server's words."""
    slots = {"address": one.email, "local": one.email.partition("@")[0]}
    worded = {
        name: value.format(**slots) if isinstance(value, str) else value
        for name, value in fate.what.items()
    }
    return worded if "outcome" in fate.what else _DELIVERED
