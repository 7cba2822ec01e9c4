"""Rows about failures: of our own export, and of the screen that we replace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.imports import values
from bot.imports.headers import plain
from bot.imports.values import CAUSES, PERMANENCES, CellError, Given
from bot.sendgrid import kinds
from handlers import causes
from storage.cases import CaseState
from storage.failures import (
    DroppedBy,
    Failure,
    Kind,
    Medium,
    Reading,
    Source,
    Success,
    fold_recipient,
)
from storage.imports import Left
from storage.people import Person

# Column -> cell, of the columns that are known.
Row: TypeAlias = Mapping[str, str]
Fact: TypeAlias = Failure | Success | Person | Left
Told: TypeAlias = tuple[Fact, ...]

_LONGEST = 64 * 1024
_LONGEST_RECIPIENT = 512  # as in SendGrid's events; the storage's indexes hold no more
# The file says that it is over, but not since when.
_AFTERWARDS = timedelta(milliseconds=1)
_STATES = values.labels("state", CaseState)


def ours(row: Row, given: Given, medium: Medium) -> Told:
    """A row of our export: its words are ours, and what it says of the cause is believed."""
    known = values.our_kind(row.get("kind", ""), medium)
    if known is None:
        hidden = plain(row.get("kind", "")) in values.HIDDEN
        said = "is hidden here: use the export of the shell" if hidden else "is no kind of ours"
        raise CellError("kind", f"{row.get('kind', '')!r} {said}")
    failure = _failure(row, given, medium, known, row.get("provider_text", ""))
    if medium is Medium.EMAIL:
        failure = _as_exported(failure, row)
    over = _OVER.get(_state(row))
    return (failure, over(failure)) if over else (failure,)


def _as_exported(failure: Failure, row: Row) -> Failure:
    cause = CAUSES.get(plain(row.get("cause", "")))
    permanence = PERMANENCES.get(plain(row.get("permanence", "")))
    if cause is None:
        raise CellError("cause", f"{row.get('cause', '')!r} is no cause of ours")
    if permanence is None:
        raise CellError("permanence", f"{row.get('permanence', '')!r} is no word of ours")
    read = failure.reading
    if (read.cause, read.permanence) == (cause, permanence):
        return failure
    return replace(failure, reading=Reading(cause=cause, permanence=permanence))


def _state(row: Row) -> CaseState:
    state = _STATES.get(plain(row.get("state", "")))
    if state is None:
        raise CellError("state", f"{row.get('state', '')!r} is no state of ours")
    return state


def others(row: Row, given: Given, medium: Medium) -> Told:
    """A row of somebody else's list of failures: its words are looked through for known ones."""
    told = {name: row.get(name, "") for name in ("kind", "cause", "provider_text", "status")}
    if not any(cell.strip() for cell in told.values()):
        raise CellError("kind", "is missing, and so is any other word of what happened")
    words = "\n".join(told.values())
    known = values.our_kind(told["kind"], medium) or _said(row, words, medium, given)
    if known == (Kind.DROPPED, DroppedBy.OTHER):
        known = Kind.DROPPED, values.said_list(words)
    text = told["provider_text"] or told["cause"] or told["kind"]
    return (_failure(row, given, medium, known, text),)


def _said(row: Row, words: str, medium: Medium, given: Given) -> tuple[Kind, DroppedBy | None]:
    kind = values.said_kind(words, medium)
    if kind:
        return kind, DroppedBy.OTHER if kind is Kind.DROPPED else None
    text = row.get("provider_text") or row.get("cause", "")
    status = row.get("status", "") or causes.enhanced_status_of(text)
    if medium is Medium.EMAIL:
        code = causes.smtp_code_of(text)
        return kinds.kind_of_bounce("", status or code), None
    code = row.get("provider_code", "")
    return (given.judge(status, code, text)[0] if code or status else Kind.UNCLASSIFIED), None


def _failure(
    row: Row,
    given: Given,
    medium: Medium,
    known: tuple[Kind, DroppedBy | None],
    text: str,
) -> Failure:
    kind, dropped_by = known
    recipient = _recipient(row, medium)
    occurred_at = values.moment("occurred_at", row.get("occurred_at", ""), given)
    told = text[:_LONGEST]
    spoken = medium is Medium.EMAIL and kind in causes.TOLD_BY_A_SERVER
    code = causes.smtp_code_of(told) if spoken else ""
    status = row.get("status" if medium is Medium.EMAIL else "provider_code", "")
    # Files that name minutes or days alone tell two notifications apart by it.
    tag = row.get("subject_or_tag", "")
    return Failure(
        source=Source.CSV,
        source_id=fingerprint(
            kind, dropped_by or "", medium, recipient, stamp(occurred_at), *filter(None, [tag])
        ),
        medium=medium,
        kind=kind,
        recipient=recipient,
        occurred_at=occurred_at,
        dropped_by=dropped_by,
        reading=causes.read(told, code, status, rules=given.rules) if spoken else Reading(),
        provider_text=told,
        smtp_code=code,
        status=status,
        tag=tag,
        bot_id=row.get("bot_id", ""),
        raw=json.dumps(dict(row), ensure_ascii=False),
        history=occurred_at < given.connected_at,
        times_seen=values.times_seen(row.get("times_seen", "")),
    )


def _recipient(row: Row, medium: Medium) -> str:
    column = "line_works_id" if medium is Medium.LINE_WORKS else "email"
    recipient = row.get(column) or row.get("recipient", "")
    if not recipient.strip():
        raise CellError(column if row.get(column) is not None else "recipient", "is missing")
    if len(recipient) > _LONGEST_RECIPIENT:
        raise CellError(column, f"is longer than {_LONGEST_RECIPIENT} characters")
    return recipient


def delivered(failure: Failure) -> Success:
    """That the case is over, as of the moment after its last failure."""
    return Success(
        source=Source.CSV,
        source_id=fingerprint("delivered", failure.source_id),
        medium=failure.medium,
        recipient=failure.recipient,
        occurred_at=failure.occurred_at + _AFTERWARDS,
        history=True,
    )


def left(failure: Failure) -> Left:
    return Left(address=failure.recipient, left_at=failure.occurred_at + _AFTERWARDS)


# How a case may be over.
_OVER: Mapping[CaseState, Callable[[Failure], Success | Left]] = {
    CaseState.DELIVERED: delivered,
    CaseState.GONE: left,
}


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def fingerprint(*parts: str) -> str:
    """One row told again is the same; a file without ids has nothing better."""
    folded = "\n".join(fold_recipient(part) for part in parts)
    return hashlib.sha256(folded.encode()).hexdigest()[:40]
