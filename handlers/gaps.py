"""Gaps: when a source was not read, and what others can tell of that time all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storage.coverage import Stretch
from storage.failures import Kind, Source
from storage.lists import ListName
from storage.spans import Span, Spans, covers, gaps, subtract, union

# A source, and what of it is read apart from the rest; "" where it is one thing.
Part = tuple[Source, str]
Read = Mapping[Part, Spans]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Of whose gaps a source that can be asked tells, and what of them."""

    of: frozenset[Source]
    kinds: frozenset[Kind]


_KIND_OF_LIST = {
    ListName.BOUNCES: Kind.HARD_BOUNCE,
    ListName.BLOCKS: Kind.SOFT_BOUNCE,
    ListName.INVALID_EMAILS: Kind.INVALID_ADDRESS,
    ListName.SPAM_REPORTS: Kind.SPAM_REPORT,
    ListName.UNSUBSCRIBES: Kind.UNSUBSCRIBED,
    ListName.GROUPS: Kind.UNSUBSCRIBED,
}

# Where two parts of a source tell of one kind, only both together know all of it.
WITNESSES: Mapping[Part, Witness] = {
    (Source.SENDGRID_LISTS, name): Witness(
        of=frozenset({Source.SENDGRID_EVENTS}), kinds=frozenset({kind})
    )
    for name, kind in _KIND_OF_LIST.items()
} | {
    # A delay that has ended well by the time of the reading is no failure any more.
    (Source.SENDGRID_LOGS, ""): Witness(
        of=frozenset({Source.SENDGRID_EVENTS}),
        kinds=frozenset({Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.DEFERRED, Kind.DROPPED}),
    ),
}
ASKED = frozenset(source for source, _ in WITNESSES)
# Read by us, on a schedule: nobody has to be up for it to tell.
POLLED = ASKED | {Source.HOST_FEED}

# What is missing in the gap of a source that others can tell of, in the order it is said.
MISSING: Mapping[Source, tuple[Kind, ...]] = {
    Source.SENDGRID_EVENTS: (
        Kind.HARD_BOUNCE,
        Kind.SOFT_BOUNCE,
        Kind.INVALID_ADDRESS,
        Kind.DEFERRED,
        Kind.DROPPED,
        Kind.SPAM_REPORT,
        Kind.UNSUBSCRIBED,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Gap:
    """`lost`: we were up, and something could not be stored. `known`: others have told of it.

    `found` is how many failures they told; None where that is not counted (yet).
    """

    source: Source
    span: Span
    lost: bool = False
    known: tuple[Kind, ...] = ()
    unknown: tuple[Kind, ...] = ()
    found: int | None = None

    @property
    def closed(self) -> bool:
        """Nothing of that time stays unknown."""
        return bool(self.known) and not self.unknown


def read_by(stretches: Iterable[Stretch], *, lost: bool = False) -> Read:
    """When each part was read without a gap; with `lost`, when not everything could be stored."""
    up: dict[Part, list[Span]] = {}
    missed: dict[Part, list[Span]] = {}
    for one in stretches:
        (missed if one.lost else up).setdefault((one.source, one.part), []).append(one.span)
    if lost:
        return {part: union(spans) for part, spans in missed.items()}
    return {part: subtract(spans, missed.get(part, ())) for part, spans in up.items()}


def gaps_of(source: Source, stretches: Iterable[Stretch], period: Span) -> list[Gap]:
    """Those that the period touches, whole; what was before the first reading is none."""
    told = tuple(stretches)
    read, lost = read_by(told), read_by(told, lost=True).get((source, ""), ())
    mine = read.get((source, ""), ())
    if not mine:
        return []
    missing = gaps(mine, Span(mine[0].since, max(mine[-1].until, period.until)))
    return [_gap(source, one, read, lost) for one in missing if one.meets(period)]


def _gap(source: Source, span: Span, read: Read, lost: Spans) -> Gap:
    kinds = MISSING.get(source, ())
    known = tuple(kind for kind in kinds if covers(_told(source, kind, span, read), span))
    return Gap(
        source=source,
        span=span,
        lost=covers(lost, span),
        known=known,
        unknown=tuple(kind for kind in kinds if kind not in known),
    )


def _told(source: Source, kind: Kind, span: Span, read: Read) -> Spans:
    """Of what of that time somebody else can tell whether such a failure happened."""
    parts = [
        part
        for part, witness in WITNESSES.items()
        if source in witness.of and kind in witness.kinds
    ]
    told: list[Span] = []
    for asked in {asked for asked, _ in parts}:
        here = [part for part in parts if part[0] is asked]
        told += subtract([span], (one for part in here for one in gaps(read.get(part, ()), span)))
    return union(told)
