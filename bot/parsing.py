"""Reads one setting's text; a ValueError says what is wrong and what would be right."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from ipaddress import ip_network
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.retention import Keep

T = TypeVar("T")

_PERSON = re.compile(r"slack:[UW][A-Z0-9]+|slack-group:S[A-Z0-9]+|lineworks:[^\s,=]+")
_ROOM = re.compile(r"slack:[CG][A-Z0-9]+|lineworks:[^\s,=]+")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_KEY_BYTES = 32
_BLANK = re.compile(r"\s")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def text(value: str) -> str:
    return value


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"is {value!r}; use one of {', '.join(allowed)}")
        return value

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        try:
            found = float(value)
        except ValueError:
            raise ValueError(f"is {value!r}; use a number") from None
        if not low <= found <= high:
            raise ValueError(f"is {value}; use a number from {low:g} to {high:g}")
        return found

    return parse


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        found = number(low, high)(value)
        if not found.is_integer():
            raise ValueError(f"is {value}; use a whole number")
        return int(found)

    return parse


def zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is opened as a file
        raise ValueError(f"is {value!r}; use a name such as Asia/Tokyo") from None


def clock_time(value: str) -> time:
    """On the clock of TIMEZONE, so it names no zone of its own."""
    try:
        found = time.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise ValueError(f"is {value!r}; use a time such as 09:00")
    return found


def window(value: str) -> tuple[time, time]:
    opens, dash, closes = value.partition("-")
    if not dash or clock_time(opens) >= clock_time(closes):
        raise ValueError(f"is {value!r}; use two times such as 09:00-18:00")
    return clock_time(opens), clock_time(closes)


def items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


def days(value: str) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(day) for day in items(value))
    except ValueError:
        raise ValueError("use dates such as 2026-12-30,2026-12-31") from None


def url(ending: str = "") -> Callable[[str], str]:
    """An http(s) URL; with `ending`, one that ends so."""

    def parse(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"is {value!r}; use a URL that begins with https://")
        if not value.endswith(ending):
            raise ValueError(f"is {value!r}; it ends in {ending}")
        return value if ending else value.rstrip("/")

    return parse


def guarded_url(value: str) -> str:
    """A token goes there: https, but for this machine; without a name or a fragment in it."""
    parts = urlsplit(value)
    if not parts.hostname or parts.fragment or parts.username or _BLANK.search(value):
        raise ValueError("is no plain URL; leave out names, passwords, blanks and what follows #")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"is {value!r}; use a URL that begins with https://")
    return value


def link(value: str) -> str:
    """A page that people are sent to: https only."""
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname or _BLANK.search(value):
        raise ValueError(f"is {value!r}; use a URL that begins with https://")
    return value


def domain(value: str) -> str:
    """What stands behind the @ of an address, and nothing more."""
    if not _DOMAIN.fullmatch(value.casefold()):
        raise ValueError(f"is {value!r}; use a domain such as notify.example.co.jp")
    return value.casefold()


def networks(value: str) -> tuple[str, ...]:
    """IP addresses, or networks with their length."""
    for item in items(value):
        try:
            ip_network(item)
        except ValueError:
            raise ValueError(f"names {item!r}; use addresses such as 192.0.2.1") from None
    return items(value)


def people(value: str) -> tuple[str, ...]:
    """References, each possibly `lineworks:ID=slack:U…` for one person with two products."""
    for item in items(value):
        for ref in item.split("="):
            if not _PERSON.fullmatch(ref):
                raise ValueError(f"names {ref!r}; use slack:U…, slack-group:S… or lineworks:ID")
    return items(value)


def same_person(listed: Sequence[str]) -> dict[str, str]:
    """Every id -> the one by which that person is known, in whatever order they were equalled."""
    groups: list[set[str]] = []
    for item in listed:
        new = set(item.split("="))
        apart = [group for group in groups if group.isdisjoint(new)]
        groups = [*apart, new.union(*(group for group in groups if group not in apart))]
    return {ref: max(group) for group in groups for ref in group if ref != max(group)}


def room(value: str) -> str:
    if value and not _ROOM.fullmatch(value):
        raise ValueError(f"is {value!r}; use slack:C… (the channel's id) or lineworks:ROOM")
    return value


def rooms(value: str) -> tuple[str, ...]:
    return tuple(room(item) for item in items(value))


def keys(value: str) -> tuple[str, ...]:
    """Fernet keys, newest first: 32 bytes each, URL-safe base64."""
    for key in items(value):
        try:
            size = len(base64.urlsafe_b64decode(key))
        except (binascii.Error, ValueError):
            size = 0
        if size != _KEY_BYTES:
            raise ValueError("holds a key that is not 32 bytes in URL-safe base64")
    return items(value)


# A month must be whole for the longest digest and look-up.
_SHORTEST_KEEP = {"failures": 40, "texts": 1, "quarantine": 1, "bodies": 1}
_LONGEST_KEEP = 36_500


def retention(value: str) -> Keep:
    """Days for everything, or for each kind by its name; `forever` keeps it."""
    given = items(value)
    if len(given) == 1 and "=" not in given[0]:
        return Keep(**{kind: _kept(kind, given[0]) for kind in ("failures", "texts")})
    found: dict[str, timedelta | None] = {}
    for one in given:
        kind, _, days = one.partition("=")
        if kind.strip() not in _SHORTEST_KEEP:
            raise ValueError(
                f"names {kind!r}; use days, or {', '.join(f'{name}=DAYS' for name in _SHORTEST_KEEP)}"
            )
        found[kind.strip()] = _kept(kind.strip(), days.strip())
    return Keep(**found)


def _kept(kind: str, days: str) -> timedelta | None:
    if days == "forever":
        return None
    shortest = _SHORTEST_KEEP[kind]
    if not days.isdecimal() or not shortest <= int(days) <= _LONGEST_KEEP:
        raise ValueError(
            f"keeps {kind} for {days!r}; use {shortest} to {_LONGEST_KEEP} days, or forever"
        )
    return timedelta(days=int(days))
