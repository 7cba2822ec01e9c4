"""Gaps are mended where a witness can be asked: what it tells of that time is counted once.

Whoever reads a witness begins a walk, records through it, and ends it at its frozen end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import intake
from handlers.coverage import gaps_told_by
from handlers.gaps import Gap, Part
from handlers.house import House
from storage.coverage import SKEW, Mending, Stretch
from storage.failures import Batch, Failure, Recorded
from storage.spans import Span, Spans, clip, subtract

# No older gap is asked for: providers forget, and so do people.
OLDEST = timedelta(days=30)
_APART = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One walk of a witness, or of a part of it; `read` is what it had read before."""

    part: Part
    gaps: tuple[Gap, ...]
    read: Spans

    @property
    def unread(self) -> Spans:
        """What of the gaps it has not read yet."""
        return subtract((gap.span for gap in self.gaps), self.read)

    def gap_of(self, moment: datetime) -> Gap | None:
        """Vendors tell whole seconds: the one in which a gap begins is its own."""
        return next((gap for gap in self.gaps if _wide(gap.span).holds(moment)), None)


def _wide(span: Span) -> Span:
    return Span(span.since.replace(microsecond=0), span.until)


def begin(house: House, part: Part) -> Walk:
    since = house.now() - OLDEST
    stored = house.store.stretches(house.tenant, since, house.now())
    return Walk(
        part=part,
        gaps=tuple(gaps_told_by(house, *part, since)),
        read=tuple(one.span for one in stored if (one.source, one.part) == part),
    )


def record(house: House, walk: Walk, batch: Batch) -> Recorded:
    """What a walk met; of a gap's failures, those that nobody had told are counted.

    Kept with each batch: the walk may break off, and the next one finds them told.
    """
    met = ((walk.gap_of(one.occurred_at), one) for one in batch.failures)
    found = Counter(gap for gap, one in met if gap and not _told(house, one))
    recorded = intake.record(house, batch)
    _keep(house, [_mending(house, walk, gap, count) for gap, count in found.items()])
    return recorded


def _told(house: House, failure: Failure) -> bool:
    """Two sources that tell of one failure agree on its kind, and nearly on its time."""
    known = house.store.failures(house.tenant, failure.medium, failure.recipient)
    return any(
        one.kind is failure.kind and abs(one.occurred_at - failure.occurred_at) <= _APART
        for one in known
    )


def end(house: House, walk: Walk, read: Span) -> None:
    """All of that time has been read; also of gaps in which nothing was found that is told."""
    newly = subtract([read], walk.read)
    whole = [_mending(house, walk, gap, 0) for gap in walk.gaps if clip(newly, gap.span)]
    source, part = walk.part
    stretch = Stretch(source=source, part=part, since=read.since, until=read.until)
    _keep(house, whole, [stretch])


def _keep(house: House, mendings: Sequence[Mending], stretches: Sequence[Stretch] = ()) -> None:
    if not mendings and not stretches:
        return
    house.store.keep_stretches(house.tenant, stretches, mendings, nothing_after=house.now() + SKEW)


def _mending(house: House, walk: Walk, gap: Gap, count: int) -> Mending:
    told_by, part = walk.part
    return Mending(
        source=gap.source,
        since=gap.span.since,
        until=gap.span.until,
        told_by=told_by,
        part=part,
        found=count,
        at=house.now(),
    )
