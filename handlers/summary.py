"""What a period brought: arithmetic over what the store answers, for digests and look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.coverage import View, view
from handlers.groups import Line, lines
from handlers.house import House
from handlers.offers import PRIVATE_DROPS, PRIVATE_KINDS
from handlers.standouts import Standout, standing_out
from storage.cases import Case
from storage.failures import DroppedBy, Kind, Medium
from storage.views import CaseQuery, Totals

EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a period brought, ready to be worded."""

    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    standouts: tuple[Standout, ...] = ()
    totals: dict[Medium, Totals]
    coverage: View
    gone: tuple[int, tuple[Case, ...]] = (0, ())  # who left the lists: how many, and a few
    late: bool = False
    after_doubt: bool = False  # covers the period of a digest that may be there or not


def compose(
    house: House,
    since: datetime,
    until: datetime,
    *,
    medium: Medium | None = None,
    late: bool = False,
    learnt: bool = False,
) -> Summary:
    """The summary of what happened, or with `learnt` of what was told, in [since, until)."""
    query = CaseQuery(since=since, until=until, medium=medium, learnt=learnt)
    # Before the rows: what has left the inbox meanwhile is among them.
    seen = view(house, since, until, learnt=learnt)
    return Summary(
        since=since,
        until=until,
        lines=lines(house.store.groups(house.tenant, query), since, until, learnt=learnt),
        standouts=() if medium is Medium.LINE_WORKS else standing_out(house, query),
        totals=house.store.totals(house.tenant, since, until),
        coverage=seen,
        gone=_gone(house, since, until) if learnt else (0, ()),
        late=late,
    )


def _gone(house: House, since: datetime, until: datetime) -> tuple[int, tuple[Case, ...]]:
    """Not those whose own will had put them on a list: that is nobody's business in a digest."""
    but: tuple[Kind | DroppedBy, ...] = (*PRIVATE_KINDS, *PRIVATE_DROPS)
    count, cases = house.store.gone(house.tenant, since, until, EXAMPLES, but)
    return count, tuple(cases)
