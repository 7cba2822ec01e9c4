"""Alarms: what concerns everybody, told to the admins at once, and once."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from handlers.house import House
from handlers.telling import admin_places, direct_place, notice


def alarm(
    house: House, word: str, at: datetime, /, *, once: str = "", but: str = "", **slots: str
) -> None:
    """Tell the admins, elsewhere than in the place `but`; told twice, posted once.

    `once` names the telling where its moment does not; `slots` are the sentence's.
    """
    subject = f"{word}|{at.isoformat()}|{urlencode(slots)}"
    key = f"{word}|{once}" if once else subject
    notices = [notice("alarm", subject, place, house.now(), key) for place in _places(house, but)]
    house.store.notify(house.tenant, notices)
    house.wake()


def read(subject: str) -> tuple[str, datetime, dict[str, str]]:
    """Word, moment and slots of an alarm's notice."""
    word, at, slots = subject.split("|", 2)
    return word, datetime.fromisoformat(at), dict(parse_qsl(slots, keep_blank_values=True))


def _places(house: House, but: str) -> list[str]:
    """Their channel; each admin alone where there is none, or none that works."""
    shared = [place for place in admin_places(house) if place != but]
    alone = sorted(ref for ref in house.policy.admins if "-group:" not in ref)
    return shared or [direct_place(ref) for ref in alone]
