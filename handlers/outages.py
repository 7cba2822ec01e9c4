"""Trouble that strikes everyone, looked for now and then and told once a day for each cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.moments import note, noted
from handlers.reach import Reach, everyone_of, family_of, strikes_everyone, strikes_the_account
from handlers.surroundings import AN_HOUR, DOMAINS, whole_hour
from storage.cases import CaseState
from storage.failures import DroppedBy, Kind, Medium
from storage.views import Alike, CaseQuery

_EVERY = timedelta(minutes=5)
_A_MOMENT = timedelta(milliseconds=1)
# Intake tells of these at their first refusal.
_TOLD_AT_ONCE = frozenset[Kind | DroppedBy](
    {Kind.MISSING_SCOPE, Kind.BAD_CREDENTIALS, DroppedBy.OVER_QUOTA}
)


def due(house: House) -> bool:
    looked = noted(house, "outages_looked_at")
    return looked is None or house.now() - looked >= _EVERY


def look(house: House) -> None:
    """Tell the admins what struck everyone in this hour and the one before it."""
    now = house.now()
    note(house, "outages_looked_at", now)
    for one in striking(house, now):
        day = start_of_tokyo_day(now).date()
        subject = one.cause if one.medium is Medium.EMAIL else one.kind
        alarm(
            house,
            f"everyone_{one.medium}",
            one.since,
            once=f"{day}/{subject}",
            cause=one.cause,
            kind=one.kind,
            count=f"{one.count}",
            domains=f"{one.domains}",
            delivered=f"{one.delivered}",
        )


def striking(house: House, now: datetime) -> list[Reach]:
    """What strikes everyone at this moment."""
    since = whole_hour(now) - AN_HOUR
    query = CaseQuery(since=since, until=now + _A_MOMENT, state=CaseState.OPEN, limit=DOMAINS)
    totals = house.store.totals(house.tenant, since, now + _A_MOMENT)
    found = []
    for alike in _troubles(house.store.alike(house.tenant, query, began=since)):
        medium = alike[0].medium
        accepted = totals[medium].delivered if medium in totals else 0
        if medium is Medium.EMAIL:
            strikes = strikes_everyone(alike, accepted)
        else:
            strikes = strikes_the_account(alike, house.policy.domain_fails_at)
        if strikes:
            found.append(everyone_of(alike, accepted))
    return found


def _troubles(rows: Iterable[Alike]) -> list[list[Alike]]:
    troubles: dict[Hashable, list[Alike]] = defaultdict(list)
    for row in rows:
        family = family_of(row.kind, row.dropped_by)
        if family and family.isdisjoint(_TOLD_AT_ONCE):
            cause = row.cause if row.medium is Medium.EMAIL else ""
            troubles[row.medium, family, cause].append(row)
    return list(troubles.values())
