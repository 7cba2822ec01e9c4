"""Arithmetic of stretches of time. Everything here is half open: [since, until)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Span:
    """Empty where `until` is not after `since`; an empty one covers nothing."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

    def meets(self, other: Span) -> bool:
        """Whether they have a moment in common."""
        return max(self.since, other.since) < min(self.until, other.until)


Spans = tuple[Span, ...]


def union(spans: Iterable[Span]) -> Spans:
    """In their order, none empty, no two that touch or overlap."""
    found: list[Span] = []
    for one in sorted(one for one in spans if one.since < one.until):
        if found and one.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, one.until))
        else:
            found.append(one)
    return tuple(found)


def gaps(spans: Iterable[Span], period: Span) -> Spans:
    """What of the period none of them covers."""
    found, reached = [], period.since
    for one in clip(spans, period):
        found.append(Span(reached, one.since))
        reached = one.until
    return union([*found, Span(reached, period.until)])


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> Spans:
    """What of the first the second leave."""
    away = union(taken)
    return union(left for one in union(spans) for left in gaps(away, one))


def clip(spans: Iterable[Span], period: Span) -> Spans:
    """What of them lies within the period."""
    return union(Span(max(one.since, period.since), min(one.until, period.until)) for one in spans)


def covers(spans: Iterable[Span], period: Span) -> bool:
    """Whether no moment of the period is missing; an empty period misses none."""
    return not gaps(spans, period)
