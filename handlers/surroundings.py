"""What the store knows around one case: who fails like it, and who was reached meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from handlers.house import House
from handlers.reach import (
    Reach,
    everyone_of,
    family_of,
    fellows,
    reach_of,
    removal_waits,
    strikes_everyone,
)
from storage.cases import Case, CaseState
from storage.failures import Cause, DroppedBy, Kind, Medium, domain_of
from storage.views import Alike, CaseQuery

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
_A_MOMENT = timedelta(milliseconds=1)
# The largest domains come first; behind so many stand single addresses.
DOMAINS = 500


def around(house: House, case: Case) -> Reach:
    """How far the trouble of this case reaches."""
    alike = _alike(house, case, case.caused_at - A_DAY, case.caused_at + A_DAY + _A_MOMENT)
    near = fellows(case, alike)
    found = reach_of(case, near, {}, fails_at=house.policy.domain_fails_at)
    if case.medium is Medium.LINE_WORKS:
        return found
    everyone = _everyone(house, case, near)
    if everyone:
        return everyone
    domains = {domain_of(case.recipient), *(row.domain for row in near)} - {""}
    # What the address itself got before it failed says nothing about its domain.
    alone = case.caused_at, case.caused_at + A_DAY
    since, until = (found.since, found.until) if found.count > 1 else alone
    delivered = house.store.delivered_to(
        house.tenant, case.medium, domains, since, until + _A_MOMENT
    )
    return reach_of(case, near, delivered, fails_at=house.policy.domain_fails_at)


def _alike(house: House, case: Case, since: datetime, until: datetime) -> list[Alike]:
    family = family_of(case.kind, case.dropped_by)
    if not family:
        return []
    drops = any(isinstance(one, DroppedBy) for one in family)
    kinds = [one for one in family if isinstance(one, Kind)] + [Kind.DROPPED] * drops
    query = CaseQuery(
        since=since,
        until=until,
        medium=case.medium,
        kinds=tuple(kinds),
        causes=(case.cause,) if case.medium is Medium.EMAIL else (),
        state=CaseState.OPEN,
        limit=DOMAINS,
    )
    return house.store.alike(house.tenant, query, began=since)


def _everyone(house: House, case: Case, near: Sequence[Alike]) -> Reach | None:
    """Counted in the hours around the case: a day dilutes what began at noon."""
    if not strikes_everyone(near, 0):
        return None
    since = whole_hour(case.caused_at) - AN_HOUR
    until = since + 3 * AN_HOUR
    hours = fellows(case, _alike(house, case, since, until))
    accepted = house.store.totals(house.tenant, since, until).get(case.medium)
    delivered = accepted.delivered if accepted else 0
    return everyone_of(hours, delivered) if strikes_everyone(hours, delivered) else None


def whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def waits(house: House, case: Case, reach: Reach | None = None) -> bool:
    """Whether it is too early to ask for a removal: a known domain's DNS may come back."""
    if case.cause is not Cause.DOMAIN_NOT_FOUND:
        return False
    domain = domain_of(case.recipient)
    reached = house.store.domains_reached(house.tenant, case.medium, [domain])
    return removal_waits(case, reach or around(house, case), house.now(), reached.get(domain))


def waiting(house: House, cases: Iterable[Case]) -> frozenset[str]:
    """The recipients among these for whom it is too early; a domain is counted once."""
    lost = [case for case in cases if case.cause is Cause.DOMAIN_NOT_FOUND]
    one_of_each = {domain_of(case.recipient): case for case in lost}
    reaches = {domain: around(house, case) for domain, case in one_of_each.items()}
    return frozenset(
        case.recipient for case in lost if waits(house, case, reaches[domain_of(case.recipient)])
    )
