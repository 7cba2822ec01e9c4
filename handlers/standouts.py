"""The domains and providers that stand out in a period: many of one cause within a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.causes.facts import provider_of, speaker_of
from handlers.house import House
from handlers.offers import is_private
from handlers.reach import NOT_A_PROVIDER, OURS, PERSONAL, Scope
from storage.failures import Cause, DroppedBy, Kind, Medium
from storage.views import Alike, CaseQuery

_DOMAINS = 500

# Error type, cause, and the name of a domain or provider.
_Alike = tuple[Kind, DroppedBy | None, Cause, str]
_Key = tuple[Kind, DroppedBy | None, Cause, str, Scope]


@dataclass(frozen=True, kw_only=True)
class Standout:
    """So many recipients of one domain or provider that fail alike; never one of them alone."""

    kind: Kind
    dropped_by: DroppedBy | None
    cause: Cause
    scope: Scope
    name: str
    count: int
    since: datetime


def standing_out(house: House, query: CaseQuery) -> tuple[Standout, ...]:
    """By e-mail, of the period of `query`; ids of LINE WORKS say nothing by their domain."""
    rows = house.store.alike(
        house.tenant,
        CaseQuery(
            since=query.since,
            until=query.until,
            medium=Medium.EMAIL,
            learnt=query.learnt,
            limit=_DOMAINS,
        ),
    )
    asked = {row.domain for row in rows if row.cause in PERSONAL and _provider(row)}
    delivered: Mapping[str, int] = {}
    if asked and query.since and query.until:
        delivered = house.store.delivered_to(
            house.tenant, Medium.EMAIL, asked, query.since, query.until
        )
    return standouts(rows, delivered, fails_at=house.policy.domain_fails_at)


def standouts(
    rows: Sequence[Alike], delivered: Mapping[str, int], *, fails_at: int
) -> tuple[Standout, ...]:
    """The largest first. `delivered` are the deliveries of the period, by domain."""
    told = [row for row in rows if row.domain and not is_private(row.kind, row.dropped_by)]
    found = [
        _standout(key, same)
        for key, same in _groups(told).items()
        if _in_a_day(same) >= fails_at and not _usual(key, same, delivered)
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.name, one.cause)))


def _groups(rows: Sequence[Alike]) -> dict[_Key, list[Alike]]:
    groups: dict[_Key, list[Alike]] = defaultdict(list)
    speakers = _speakers(rows)
    for row in rows:
        provider = _provider(row) or speakers.get(_alike(row, row.domain), "")
        scope = Scope.PROVIDER if provider else Scope.DOMAIN
        groups[*_alike(row, provider or row.domain), scope].append(row)
    return groups


def _alike(row: Alike, name: str) -> _Alike:
    return row.kind, row.dropped_by, row.cause, name


def _speakers(rows: Iterable[Alike]) -> dict[_Alike, str]:
    """Who speaks for several companies' domains, about something of ours."""
    spoken: dict[_Alike, set[str]] = defaultdict(set)
    for row in rows:
        speaker = speaker_of(row.example) if row.cause in OURS and not _provider(row) else ""
        if speaker not in ("", NOT_A_PROVIDER):
            spoken[_alike(row, speaker)].add(row.domain)
    return {
        (kind, dropped_by, cause, domain): speaker
        for (kind, dropped_by, cause, speaker), domains in spoken.items()
        for domain in domains
        if len(domains) > 1
    }


def _in_a_day(same: Iterable[Alike]) -> int:
    days: dict[int, int] = defaultdict(int)
    for row in same:
        days[row.days_ago] += row.count
    return max(days.values())


def _usual(key: _Key, same: Iterable[Alike], delivered: Mapping[str, int]) -> bool:
    """A provider always has some full and some unknown mailboxes."""
    _, _, cause, _, scope = key
    if scope is not Scope.PROVIDER or cause not in PERSONAL:
        return False
    count = sum(row.count for row in same)
    return sum(delivered.get(domain, 0) for domain in {row.domain for row in same}) >= count


def _standout(key: _Key, same: Sequence[Alike]) -> Standout:
    kind, dropped_by, cause, name, scope = key
    return Standout(
        kind=kind,
        dropped_by=dropped_by,
        cause=cause,
        scope=scope,
        name=name,
        count=sum(row.count for row in same),
        since=min(row.first_at for row in same),
    )


def _provider(row: Alike) -> str:
    return provider_of(f"@{row.domain}")
