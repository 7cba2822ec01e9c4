"""What a restart forgot of the day's refusals, from what is stored of them. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.lineworks.daily_cap import Streak, longer, outlasted
from bot.lineworks.errors import Refusal, read_refusal
from bot.lineworks.rules import Rule
from storage.failures import Failure, Kind


def reread(raw: str, rules: Sequence[Rule] | None = None) -> Refusal | None:
    """The refusal behind a failure that the relay stored; None where the fields do not say."""
    try:
        told = json.loads(raw)
        body = {name: told.get(name, "") for name in ("code", "description")}
        headers, status = dict(told.get("headers", {})), int(told["status"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return read_refusal(status, headers, json.dumps(body).encode(), rules)


def streak_of(
    failures: Iterable[Failure], since: datetime, rules: Sequence[Rule] | None = None
) -> Streak | None:
    """The streak that refusals after `since` make, which was midnight or the last acceptance.

    Equal messages are one failure that knows only its first and last telling, so
    a verdict already given today is kept rather than counted for again.
    """
    moments: list[tuple[datetime, float]] = []
    suspected = False
    for one in failures:
        refusal = reread(one.raw, rules)
        if refusal and refusal.kind is Kind.TOO_FREQUENT:
            first = min(max(one.told_at or one.occurred_at, since), one.occurred_at)
            moments += [(first, refusal.retry_after), (one.occurred_at, refusal.retry_after)]
            suspected = suspected or one.kind is not Kind.TOO_FREQUENT
    streak = None
    for at, reset in sorted(moments):
        streak = longer(streak, at, reset)
    return outlasted(streak) if streak and suspected else streak
