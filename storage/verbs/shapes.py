"""Failures and cases as rows: the two values that are not simply columns named like fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage.cases import Case, CaseState
from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Permanence, Reading, Source
from storage.rows import Column, columns, from_ms, maybe_time, to_column

_MAY_CHANGE = (
    "occurred_at",
    "kind",
    "guessed",
    "dropped_by",
    "provider_text",
    "smtp_code",
    "status",
    "reference",
    "tag",
    "bot_id",
    "raw",
    "history",
    "kept_message",
    "times_seen",
)


def failure_of(row: Mapping[str, Any]) -> Failure:
    """A row of `failures` with its recipient's `medium` and told form."""
    return Failure(
        source=Source(row["source"]),
        source_id=row["source_id"],
        medium=Medium(row["medium"]),
        kind=Kind(row["kind"]),
        recipient=row["recipient"],
        occurred_at=from_ms(row["occurred_at"]),
        guessed=bool(row["guessed"]),
        dropped_by=DroppedBy(row["dropped_by"]) if row["dropped_by"] else None,
        reading=Reading(
            cause=Cause(row["cause"]),
            permanence=Permanence(row["permanence"]),
            confidence=row["confidence"],
            rule=row["rule"],
            rule_set=row["rule_set"],
        ),
        provider_text=row["provider_text"],
        smtp_code=row["smtp_code"],
        status=row["status"],
        reference=row["reference"],
        tag=row["tag"],
        bot_id=row["bot_id"],
        raw=row["raw"],
        history=bool(row["history"]),
        each_telling_counts=bool(row["each_telling_counts"]),
        kept_message=row["kept_message"],
        times_seen=row["times_seen"],
        told_at=from_ms(row["told_at"]),
    )


def failure_columns(failure: Failure, address: str) -> dict[str, Column]:
    """The columns that a later telling may change; `address` is what the recipient's row says."""
    words = {name: to_column(getattr(failure, name)) for name in _MAY_CHANGE}
    told_as = None if failure.recipient == address else failure.recipient
    return words | columns(failure.reading) | {"told_as": told_as}


def case_of_row(row: Mapping[str, Any]) -> Case:
    """A row of `cases` with its recipient's last success and the words of its failure."""
    return Case(
        medium=Medium(row["medium"]),
        recipient=row["recipient"],
        state=CaseState(row["state"]),
        kind=Kind(row["kind"]),
        guessed=bool(row["guessed"]),
        dropped_by=DroppedBy(row["dropped_by"]) if row["dropped_by"] else None,
        cause=Cause(row["cause"]),
        permanence=Permanence(row["permanence"]),
        opened_at=from_ms(row["opened_at"]),
        caused_at=from_ms(row["caused_at"]),
        last_seen=from_ms(row["last_seen"]),
        times_seen=row["times_seen"],
        drops=row["drops"],
        provider_text=row["provider_text"],
        status=row["status"],
        tag=row["tag"],
        bot_id=row["bot_id"],
        source_id=row["source_id"],
        kept_message=row["kept_message"],
        history=bool(row["history"]),
        counted_alike=row["told_times"] if row["each_telling_counts"] else 0,
        last_success=maybe_time(row["last_success"]),
        gone_at=maybe_time(row["gone_at"]),
    )
