"""Is it the minute or the day that is used up? LINE WORKS may say the same for both.

Graded by what its 429s do: the documented one passes with its reset; one that
outlives several resets with nothing accepted in between is the day's. No I/O.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.house import TOKYO
from storage.failures import Kind

_RESETS = 3
_LASTING = timedelta(minutes=5)
_USUAL_RESET = 60.0


@dataclass(frozen=True, kw_only=True)
class Streak:
    """Documented 429s with no acceptance in between, within one day of Tokyo."""

    since: datetime
    last: datetime
    reset_at: datetime
    resets: int = 0  # how many resets it has outlived


def longer(streak: Streak | None, at: datetime, reset: float) -> Streak:
    """The streak with one more 429 at `at`, which promised a reset after `reset` seconds."""
    reset_at = at + timedelta(seconds=reset or _USUAL_RESET)
    if streak is None or at.astimezone(TOKYO).date() != streak.since.astimezone(TOKYO).date():
        return Streak(since=at, last=at, reset_at=reset_at)
    if at < streak.reset_at:
        return replace(streak, last=max(at, streak.last))
    return replace(streak, last=at, reset_at=reset_at, resets=streak.resets + 1)


def outlasted(streak: Streak) -> Streak:
    """The same streak, of which it is known that it has outlived enough resets."""
    return replace(streak, resets=max(streak.resets, _RESETS))


def grade(kind: Kind, streak: Streak | None, successes_today: int, cap: int | None) -> Kind:
    """`successes_today`: what we saw accepted since midnight in Tokyo; `cap` as configured."""
    if kind is not Kind.TOO_FREQUENT:
        return kind
    if cap is not None and successes_today >= cap:
        return Kind.DAILY_CAP_SUSPECTED
    outlived = (
        streak is not None and streak.resets >= _RESETS and streak.last - streak.since >= _LASTING
    )
    return Kind.DAILY_CAP_SUSPECTED if outlived else kind


class Streaks:
    """Each tenant's streak, in memory; `recall(tenant, at)` gives what a restart forgot."""

    def __init__(self, recall: Callable[[str, datetime], Streak | None]) -> None:
        self._recall = recall
        self._streaks: dict[str, Streak | None] = {}  # None: known to be none
        self._lock = threading.Lock()

    def refused(self, tenant: str, at: datetime, reset: float) -> Streak:
        with self._lock:
            if tenant not in self._streaks:
                self._streaks[tenant] = self._recall(tenant, at)
            streak = longer(self._streaks[tenant], at, reset)
            self._streaks[tenant] = streak
            return streak

    def accepted(self, tenant: str) -> None:
        with self._lock:
            self._streaks[tenant] = None
