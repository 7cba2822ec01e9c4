"""How far everything has been read: what digests, look-ups and the status may claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from handlers.gaps import ASKED, POLLED, WITNESSES, Gap, Read, gaps_of, read_by
from handlers.house import House
from handlers.moments import believed
from storage.coverage import Coverage, Mending, Stretch
from storage.failures import Source
from storage.inbox import Inbox
from storage.spans import Span

# Whoever looks on from another process sees only what the serving one stored each minute.
_GRACE = timedelta(minutes=3)
# What was found in a gap is told in the digest after this: its row may still be on its way.
SETTLED = timedelta(minutes=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class State:
    """What one source can say of itself now.

    `since`: up from; `last`: last verified post, or read to. `down_since`: nobody
    listens any more. `behind`: parts that were read less far, or never.
    """

    source: Source
    since: datetime
    last: datetime | None = None
    down_since: datetime | None = None
    trouble: str = ""
    behind: tuple[tuple[str, datetime | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class View:
    """The sources, and the gaps of a period with those whose findings are told now.

    `inbox`: what has been told and is not counted yet, or not whole. To be taken before
    the rows that it is shown with: `at` is how far those are known to reach.
    """

    states: tuple[State, ...] = ()
    gaps: tuple[Gap, ...] = ()
    earlier: tuple[Gap, ...] = ()
    inbox: Inbox = field(default_factory=Inbox)
    at: datetime | None = None

    @property
    def open(self) -> tuple[Gap, ...]:
        """Gaps of the period of which something is not known."""
        return tuple(one for one in self.gaps if not one.closed)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is stored up to now, and what this process knows beside it."""

    stretches: tuple[Stretch, ...]
    listening: frozenset[Source]  # empty where the process serves nobody
    now: datetime


def view(house: House, since: datetime, until: datetime, *, learnt: bool = False) -> View:
    """With `learnt`, a gap comes up again when a digest of this period has news of it.

    It is then told with all that was found by now: two witnesses may be days apart.
    """
    at, inbox = house.now(), house.store.inbox(house.tenant)
    news = _mendings(house, since, until, learnt=learnt)
    wide = Span(min([since, *(one.since for one in news)]), until)
    mendings = _known_by(house, wide, until) if learnt else news
    told = _told(house, wide.since)
    order = list(Source).index
    known = sorted(house.store.coverage(house.tenant), key=lambda one: order(one.source))
    counted = [
        _counted(gap, mendings)
        for one in known
        if one.source not in ASKED
        for gap in gaps_of(one.source, told.stretches, _watched(told, one.source, wide))
    ]
    inside = [one.span.meets(Span(since, until)) for one in counted]
    return View(
        states=tuple(_state(told, _so_far(house, one)) for one in known),
        gaps=tuple(gap for gap, here in zip(counted, inside, strict=True) if here),
        earlier=tuple(
            gap
            for gap, here in zip(counted, inside, strict=True)
            if not here and _told_of(gap, news)
        ),
        inbox=inbox,
        at=at,
    )


def gaps_told_by(house: House, asked: Source, part: str, since: datetime) -> list[Gap]:
    """The gaps from then on of which this part of an asked source can tell."""
    told = _told(house, since)
    return [
        gap
        for source in WITNESSES[(asked, part)].of
        for gap in gaps_of(source, told.stretches, _watched(told, source, Span(since, told.now)))
    ]


def lately(house: House) -> View:
    """For answers that have no period of their own."""
    return view(house, house.now() - _WEEK, house.now())


def _mendings(house: House, since: datetime, until: datetime, *, learnt: bool) -> list[Mending]:
    if not learnt:
        return house.store.mendings(house.tenant, since, until)
    return house.store.mendings(house.tenant, since - SETTLED, until - SETTLED, learnt=True)


def _known_by(house: House, period: Span, until: datetime) -> list[Mending]:
    found = house.store.mendings(house.tenant, period.since, period.until)
    return [one for one in found if one.at < until - SETTLED]


def _told_of(gap: Gap, mendings: Iterable[Mending]) -> list[Mending]:
    return [one for one in mendings if one.source is gap.source and one.span.meets(gap.span)]


def _counted(gap: Gap, mendings: Iterable[Mending]) -> Gap:
    told = _told_of(gap, mendings)
    return replace(gap, found=sum(one.found for one in told)) if told else gap


def _told(house: House, since: datetime) -> _Told:
    # First what is not stored yet: a beat between the two is then read twice, never missed.
    up, now = house.up(), house.now()
    told = (*house.store.stretches(house.tenant, since, now), *up)
    return _Told(
        stretches=tuple(
            one if one.lost else replace(one, until=min(one.until, now)) for one in told
        ),
        listening=frozenset(one.source for one in up),
        now=now,
    )


def _end(told: _Told, source: Source) -> datetime | None:
    ends = [one.until for one in told.stretches if one.source is source and not one.lost]
    return max(ends, default=None)


def _down_since(told: _Told, source: Source) -> datetime | None:
    end = _end(told, source)
    if end is None or source in told.listening or source in POLLED:
        return None
    return end if told.listening or told.now - end > _GRACE else None


def _watched(told: _Told, source: Source, period: Span) -> Span:
    """To where a gap may reach: to the last beat, where that is fresh or all that was wanted."""
    end = _end(told, source)
    stopped = not told.listening and _down_since(told, source)
    if end is None or stopped:
        return period
    return Span(period.since, min(end, period.until))


def _state(told: _Told, one: Coverage) -> State:
    state = State(source=one.source, since=one.since, last=one.until, trouble=one.trouble)
    read = read_by(told.stretches)
    if one.source in ASKED:
        return replace(state, behind=_behind(one.source, read))
    mine = read.get((one.source, ""), ())
    since = mine[-1].since if mine else one.since
    return replace(state, since=since, down_since=_down_since(told, one.source))


def _so_far(house: House, one: Coverage) -> Coverage:
    """Until what a wrong clock claimed is taken back, nobody is told of it."""
    until = believed(house, one.until)
    return replace(one, since=min(one.since, house.now()), until=until)


def _behind(source: Source, read: Read) -> tuple[tuple[str, datetime | None], ...]:
    """Parts that were read less far than the furthest; None: never."""
    ends = {
        part: read[asked, part][-1].until if read.get((asked, part)) else None
        for asked, part in WITNESSES
        if asked is source
    }
    furthest = max((end for end in ends.values() if end), default=None)
    return tuple((part, end) for part, end in ends.items() if furthest and end != furthest)
