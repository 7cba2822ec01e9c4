"""SendGrid's list elements as entries and failures. No I/O.

Source: twilio.com/docs/sendgrid/api-reference, Suppressions. Times are Unix seconds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.sendgrid import kinds
from bot.sendgrid.fields import EARLIEST, LONGEST_RECIPIENT, clean
from handlers import causes
from handlers.causes import RuleSet
from handlers.ports import ListPage, Telling
from storage.failures import Batch, Failure, Medium, Reading, SetAside, Source, fold_recipient
from storage.lists import ListEntry, ListName

_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class _Element(msgspec.Struct, kw_only=True):
    """One row of any list; `created_at` and `group_name` belong to groups alone."""

    email: str
    created: float | None = None
    created_at: float | None = None
    reason: str | None = ""
    status: str | None = ""
    group_name: str | None = ""


class _Global(msgspec.Struct, kw_only=True):
    """One address of the global opt-outs; an empty object means that it is not there."""

    recipient_email: str = ""


class _Group(msgspec.Struct, kw_only=True):
    name: str
    suppressed: bool


class _Groups(msgspec.Struct, kw_only=True):
    """Every group of the account, whether the address left it or not."""

    suppressions: list[_Group]


def entry(name: ListName, element: Any) -> ListEntry:
    """ValueError for an element without an address."""
    told = msgspec.convert(element, _Element, strict=False)
    if not told.email.strip():
        raise ValueError("email: empty")
    if len(told.email) > LONGEST_RECIPIENT:
        raise ValueError(f"email: longer than {LONGEST_RECIPIENT} characters")
    return ListEntry(
        name=name,
        address=clean(told.email),
        created=_moment(told.created_at if told.created is None else told.created),
        reason=clean(told.group_name if name is ListName.GROUPS else told.reason),
        status=clean(told.status),
    )


def held(name: ListName, address: str, answer: Any) -> tuple[ListEntry, ...]:
    """What the question for one address found; ValueError for an answer of another shape.

    Only the very address counts, however the vendor matched it.
    """
    folded = fold_recipient(address)
    found = (entry(name, row) for row in _rows(name, address, answer))
    return tuple(one for one in found if fold_recipient(one.address) == folded)


def _rows(name: ListName, address: str, answer: Any) -> list[Any]:
    if name is ListName.UNSUBSCRIBES:
        told = msgspec.convert(answer, _Global).recipient_email
        return [{"email": told}] if told else []
    if name is ListName.GROUPS:
        groups = msgspec.convert(answer, _Groups).suppressions
        left = ", ".join(group.name for group in groups if group.suppressed)
        return [{"email": address, "group_name": left}] if left else []
    return msgspec.convert(answer, list[Any])


def failure(
    entry: ListEntry, connected_at: datetime, read_at: datetime, rules: RuleSet | None = None
) -> Failure:
    """What the entry says about a notification; `read_at` stands in where no time is given.

    Nor is anything dated after it, whatever the vendor's clock says.

    Older than `connected_at`, or without a time: history, never news.
    """
    kind = kinds.KIND_OF_LIST[entry.name]
    smtp_code = causes.smtp_code_of(entry.reason)
    status = entry.status or causes.enhanced_status_of(entry.reason)
    spoken = kind in causes.TOLD_BY_A_SERVER
    return Failure(
        source=Source.SENDGRID_LISTS,
        source_id=_fingerprint(entry),
        medium=Medium.EMAIL,
        kind=kind,
        recipient=entry.address,
        occurred_at=min(entry.created or read_at, read_at),
        reading=causes.read(entry.reason, smtp_code, status, rules=rules) if spoken else Reading(),
        provider_text=entry.reason if spoken else "",
        smtp_code=smtp_code if spoken else "",
        status=status if spoken else "",
        raw=_raw(entry),
        history=entry.created is None or entry.created < connected_at,
    )


def members(elements: Iterable[Any]) -> ListPage:
    """Group members, who come once per group, as one entry each: newest time, all the names."""
    read = page(ListName.GROUPS, elements)
    found: dict[str, ListEntry] = {}
    for one in read.entries:
        key = fold_recipient(one.address)
        found[key] = _joined(found[key], one) if key in found else one
    return replace(read, entries=tuple(found.values()))


def within(
    entries: Iterable[ListEntry], since: datetime | None, until: datetime
) -> tuple[ListEntry, ...]:
    """For lists that the vendor does not cut by time; what has no time stays in."""
    return tuple(
        one
        for one in entries
        if one.created is None or (since or one.created) <= one.created <= until
    )


def _joined(one: ListEntry, other: ListEntry) -> ListEntry:
    times = [told.created for told in (one, other) if told.created]
    names = filter(None, dict.fromkeys([*one.reason.split(", "), other.reason]))
    return ListEntry(
        name=one.name,
        address=one.address,
        created=max(times, default=None),
        reason=", ".join(names),
    )


def page(name: ListName, elements: Iterable[Any]) -> ListPage:
    """The entries; an element that names nobody is set aside."""
    entries: list[ListEntry] = []
    odd: list[SetAside] = []
    for element in elements:
        try:
            entries.append(entry(name, element))
        except ValueError as error:
            body = json.dumps({"list": name, "element": element}, ensure_ascii=False)
            odd.append(
                SetAside(
                    source=Source.SENDGRID_LISTS,
                    body=body.encode(errors="replace"),
                    reason=str(error),
                )
            )
    return ListPage(entries=tuple(entries), odd=tuple(odd))


class _Odd(msgspec.Struct, kw_only=True):
    """An element as `page` sets it aside."""

    list: ListName
    element: Any


def again(aside: SetAside, now: datetime, rules: RuleSet) -> Telling:
    """What was set aside as a failure; the next walk brings it to our copy of the list."""
    try:
        told = msgspec.json.decode(aside.body, type=_Odd)
        found = entry(told.list, told.element)
    except ValueError as error:
        return Telling(batch=Batch(set_aside=(replace(aside, reason=str(error)),)))
    return Telling(batch=Batch(failures=(failure(found, EARLIEST, now, rules),)))


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None or not EARLIEST.timestamp() <= seconds < _LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _fingerprint(entry: ListEntry) -> str:
    created = entry.created.timestamp() if entry.created else None
    parts = (entry.name.value, fold_recipient(entry.address), created)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _raw(entry: ListEntry) -> str:
    created = int(entry.created.timestamp()) if entry.created else None
    told = {
        "list": entry.name.value,
        "email": entry.address,
        "created": created,
        "reason": entry.reason,
        "status": entry.status,
    }
    return json.dumps(told, ensure_ascii=False)
