"""Cases that fail alike, as one line of a digest; and the key that finds them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from math import ceil, floor

from handlers.offers import is_private, mender
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender
from storage.views import CaseQuery, Group

_DIGEST = "d"


@dataclass(frozen=True, kw_only=True)
class GroupKey:
    """Which cases a button speaks of: no person in it, so it may travel in a button."""

    medium: Medium
    kind: Kind
    dropped_by: DroppedBy | None
    since: datetime
    until: datetime
    learnt: bool = False  # the period of a digest: what was told in it

    def text(self) -> str:
        since, until = floor(self.since.timestamp()), ceil(self.until.timestamp())
        period = f"{_DIGEST if self.learnt else ''}{since}/{until}"
        return f"{self.medium}/{self.kind}/{self.dropped_by or '-'}/{period}"

    def query(self) -> CaseQuery:
        return CaseQuery(
            since=self.since,
            until=self.until,
            medium=self.medium,
            kinds=(self.kind,),
            dropped_by=(self.dropped_by,) if self.dropped_by else (),
            learnt=self.learnt,
        )


def key_of(text: str) -> GroupKey | None:
    """The inverse of GroupKey.text; None for anything that we did not write."""
    try:
        medium, kind, dropped_by, since, until = text.split("/")
        return GroupKey(
            medium=Medium(medium),
            kind=Kind(kind),
            dropped_by=None if dropped_by == "-" else DroppedBy(dropped_by),
            since=datetime.fromtimestamp(int(since.removeprefix(_DIGEST)), UTC),
            until=datetime.fromtimestamp(int(until), UTC),
            learnt=since.startswith(_DIGEST),
        )
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One error type: how many people, how many of them new, why mostly, whose turn."""

    key: GroupKey
    count: int
    new: int
    causes: tuple[tuple[Cause, int], ...]
    mender: Mender
    private: bool

    @property
    def cause(self) -> Cause:
        return self.causes[0][0]


_ORDER = {kind: place for place, kind in enumerate(Kind)}


def lines(
    groups: Iterable[Group], since: datetime, until: datetime, *, learnt: bool = False
) -> tuple[Line, ...]:
    """One line per error type, in the order of the two tabs that people know."""

    def sort_key(group: Group) -> tuple[str, int, str]:
        return group.medium, _ORDER[group.kind], group.dropped_by or ""

    return tuple(
        _line(list(same), since, until, learnt=learnt)
        for _, same in groupby(sorted(groups, key=sort_key), key=sort_key)
    )


def _line(same: Sequence[Group], since: datetime, until: datetime, *, learnt: bool) -> Line:
    first = same[0]
    causes = sorted(((group.cause, group.count) for group in same), key=lambda c: (-c[1], c[0]))
    return Line(
        key=GroupKey(
            medium=first.medium,
            kind=first.kind,
            dropped_by=first.dropped_by,
            since=since,
            until=until,
            learnt=learnt,
        ),
        count=sum(group.count for group in same),
        new=sum(group.new for group in same),
        causes=tuple(causes),
        mender=mender(first.kind, first.dropped_by, causes[0][0]),
        private=is_private(first.kind, first.dropped_by),
    )
