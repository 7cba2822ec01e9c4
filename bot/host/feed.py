"""A page of the host's feed: JSON Lines, the last of which says where the next page begins.

The contract is in docs/hosts.md. No I/O.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.host import people, push
from bot.host.push import Rules, Told
from bot.host.wire import Fields, PushError, decoded
from handlers.causes import RuleSet
from handlers.ports import FeedPage, Telling, VendorError
from storage.failures import Batch, SetAside, Source
from storage.people import Person

MOST_LINES = 5000
_LONGEST_CURSOR = 500
_PERSON = "person"


def page(raw_body: bytes, now: datetime, rules: Rules) -> FeedPage:
    """VendorError for a page that does not end as it must; a bad line spoils no other."""
    *lines, last = [line for line in raw_body.splitlines() if line.strip()] or [b""]
    cursor = _cursor(last)
    if len(lines) > MOST_LINES:
        raise VendorError("too_many_lines", permanent=True)
    told: list[Told] = []
    persons: list[Person] = []
    odd: list[SetAside] = []
    for line in lines:
        try:
            one = _read(line, now, rules)
        except ValueError as error:
            odd.append(_set_aside(line, error))
        else:
            persons.append(one) if isinstance(one, Person) else told.append(one)
    return FeedPage(
        batch=push.batch_of(told, odd), people=tuple(persons), cursor=cursor, lines=len(lines)
    )


def again(aside: SetAside, now: datetime, causes: RuleSet, rules: Rules) -> Telling:
    """A line out of quarantine; a person is no failure, and counts as of no concern."""
    source = Source.HOST_FEED
    try:
        one = _read(aside.body, now, replace(rules, causes=causes))
    except ValueError as error:
        return Telling(batch=Batch(set_aside=(_set_aside(aside.body, error),)))
    if isinstance(one, Person):
        return Telling(batch=Batch(source=source, ignored=1), people=(one,))
    return Telling(batch=replace(push.batch_of([one]), source=source))


def _cursor(line: bytes) -> str:
    try:
        told = decoded(line)
    except ValueError:
        told = None
    if not isinstance(told, dict) or set(told) != {"cursor"}:
        raise VendorError("cut_off")
    cursor = told["cursor"]
    if not isinstance(cursor, str) or not 0 < len(cursor) <= _LONGEST_CURSOR:
        raise VendorError("bad_cursor", permanent=True)
    return cursor


def _read(line: bytes, now: datetime, rules: Rules) -> Told | Person:
    told = decoded(line)
    if isinstance(told, dict) and told.get("type") == _PERSON:
        fields = {name: value for name, value in told.items() if name != "type"}
        return people.read(Fields(fields, people.NAMES))[0]
    read = partial(push.read, now=now, rules=rules, source=Source.HOST_FEED)
    return read(Fields(told, push.NAMES))[0]


def _set_aside(line: bytes, error: ValueError) -> SetAside:
    named = f"{error.field}: " if isinstance(error, PushError) and error.field else ""
    return SetAside(source=Source.HOST_FEED, body=line, reason=f"{named}{error}")
