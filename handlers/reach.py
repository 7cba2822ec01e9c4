"""How far a trouble reaches: one address, one domain, one provider, or everyone?

The first question of every remedy. It is answered by counting who fails alike, and
nothing is said that the numbers do not carry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt

from handlers.causes.facts import provider_of, speaker_of
from storage.cases import Case
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender, domain_of
from storage.views import Alike


class Scope(StrEnum):
    ADDRESS = "address"
    DOMAIN = "domain"
    PROVIDER = "provider"
    EVERYONE = "everyone"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many fail alike within a day of the one asked about, itself among them.

    `name` is the domain, or a provider of causes.facts. `reached`: how many of them had
    been reached before. `delivered`: notifications that others got meanwhile at the same
    domain or provider, with EVERYONE at all; with ADDRESS within a day from then on.
    """

    scope: Scope
    medium: Medium
    kind: Kind
    cause: Cause
    name: str = ""
    count: int = 1
    domains: int = 1
    reached: int = 0
    since: datetime
    until: datetime
    delivered: int = 0

    @property
    def others(self) -> int:
        return self.count - 1

    @property
    def about_people(self) -> bool:
        """Whether the cause lies with each mailbox, and as many others are reached."""
        return self.cause in PERSONAL and self.delivered >= self.count


# Of a mailbox, or of its owner: many of them are many troubles unless nobody else is reached.
PERSONAL = frozenset(
    {
        Cause.MAILBOX_FULL,
        Cause.USER_UNKNOWN,
        Cause.USER_MOVED_OR_DISABLED,
        Cause.SYNTAX_OR_PROTOCOL,
        Cause.FEEDBACK_OR_VACATION,
    }
)
# Of the sending side, whoever the recipient is.
OURS = frozenset(
    {
        Cause.REPUTATION_BLOCKED,
        Cause.THROTTLED,
        Cause.AUTH_FAILURE,
        Cause.SPAM_DETECTED,
        Cause.CONTENT_REJECTED,
    }
)
# One trouble in several garbs; a drop counts by its list. What stands in none speaks for itself.
_FAMILIES: tuple[frozenset[Kind | DroppedBy], ...] = (
    frozenset({Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, DroppedBy.BOUNCE_LIST}),
    frozenset({Kind.DEFERRED}),
    frozenset({DroppedBy.OVER_QUOTA}),
    frozenset({Kind.TOO_FREQUENT}),
    frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED}),
    frozenset({Kind.MISSING_SCOPE}),
    frozenset({Kind.BAD_CREDENTIALS}),
    frozenset({Kind.WRONG_DOMAIN_INFO}),
    frozenset({Kind.PROVIDER_DOWN}),
)
# A limit of the whole account; the others once several meet it.
_BY_NATURE = frozenset[Kind | DroppedBy](
    {DroppedBy.OVER_QUOTA, Kind.TOO_FREQUENT, Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED}
)
# Such a rule was made by one recipient's own administrator.
NOT_A_PROVIDER = "google_admin"

_PARTIES = 3  # so many domains and providers are several
_ALMOST_ALL = 0.7  # fail in truth, with 95 % certainty: nine of nine say so, one of five never
_Z = 1.96


def family_of(kind: Kind, dropped_by: DroppedBy | None) -> frozenset[Kind | DroppedBy]:
    """The kinds and drops that are the same trouble; empty where each case speaks for itself."""
    known = dropped_by or kind
    return next((family for family in _FAMILIES if known in family), frozenset())


def fellows(case: Case, rows: Iterable[Alike]) -> list[Alike]:
    """Of these, who fails like the case: e-mail by the cause too."""
    family = family_of(case.kind, case.dropped_by)
    return [
        row
        for row in rows
        if row.medium is case.medium
        and (row.dropped_by or row.kind) in family
        and (row.cause is case.cause or case.medium is Medium.LINE_WORKS)
    ]


def reach_of(
    case: Case, alike: Sequence[Alike], delivered: Mapping[str, int], *, fails_at: int
) -> Reach:
    """The widest scope that the case's fellows speak for, except EVERYONE by e-mail.

    `alike` are its fellows within a day; `delivered` the deliveries meanwhile, by domain.
    """
    if case.medium is Medium.LINE_WORKS or case.dropped_by in _BY_NATURE:
        return _of_the_account(case, alike, fails_at)
    domain = domain_of(case.recipient)
    for scope, name, rows in _circles(case, domain, alike):
        found = _reach(case, scope, name, rows, delivered)
        if _speaks(found, fails_at):
            return found
    return _reach(case, Scope.ADDRESS, domain, (), delivered)


def _circles(
    case: Case, domain: str, alike: Sequence[Alike]
) -> Iterable[tuple[Scope, str, Sequence[Alike]]]:
    """Who might be struck together with the case, the widest circle first."""
    provider = provider_of(case.recipient)
    if provider:
        yield Scope.PROVIDER, provider, [row for row in alike if _provider(row) == provider]
        return
    speaker = speaker_of(case.provider_text)
    if case.cause in OURS and speaker not in ("", NOT_A_PROVIDER):
        same = [row for row in alike if speaker_of(row.example) == speaker]
        if len({row.domain for row in same}) > 1:
            yield Scope.PROVIDER, speaker, same
    if domain:
        yield Scope.DOMAIN, domain, [row for row in alike if row.domain == domain]


def _speaks(found: Reach, fails_at: int) -> bool:
    if found.count < fails_at:
        return False
    # A provider always has some full and some unknown mailboxes.
    return found.scope is not Scope.PROVIDER or not found.about_people


def _reach(
    case: Case, scope: Scope, name: str, rows: Sequence[Alike], delivered: Mapping[str, int]
) -> Reach:
    domains = {row.domain for row in rows} or {domain_of(case.recipient)}
    return Reach(
        scope=scope,
        medium=case.medium,
        kind=case.kind,
        cause=case.cause,
        name=name,
        count=sum(row.count for row in rows) or 1,
        domains=len(domains),
        reached=sum(row.reached for row in rows),
        since=min((row.first_at for row in rows), default=case.caused_at),
        until=max((row.last_at for row in rows), default=case.caused_at),
        delivered=sum(delivered.get(domain, 0) for domain in domains),
    )


def _of_the_account(case: Case, alike: Sequence[Alike], fails_at: int) -> Reach:
    by_nature = (case.dropped_by or case.kind) in _BY_NATURE
    if by_nature or strikes_the_account(alike, fails_at):
        return _reach(case, Scope.EVERYONE, "", alike, {})
    return _reach(case, Scope.ADDRESS, "", (), {})


def strikes_the_account(alike: Iterable[Alike], fails_at: int) -> bool:
    """Whether several members meet what only the app or the provider can cause.

    A limit of the account is one by its nature, and no news.
    """
    several = [row for row in alike if (row.dropped_by or row.kind) not in _BY_NATURE]
    return sum(row.count for row in several) >= fails_at


def strikes_everyone(alike: Collection[Alike], accepted: int) -> bool:
    """Whether nearly nothing but this failure happened, all over the place.

    `accepted` are the deliveries of the same time. Mailboxes of many companies that
    are full or unknown are no fault of one account, however many they are.
    """
    failed = sum(row.count for row in alike)
    parties = {_provider(row) or row.domain for row in alike}
    return (
        len(parties) >= _PARTIES
        and not any(row.cause in PERSONAL for row in alike)
        and at_least(failed, failed + accepted) >= _ALMOST_ALL
    )


def everyone_of(alike: Sequence[Alike], delivered: int) -> Reach:
    """All of these as one trouble; there is at least one."""
    return Reach(
        scope=Scope.EVERYONE,
        medium=alike[0].medium,
        kind=alike[0].kind,
        cause=alike[0].cause,
        count=sum(row.count for row in alike),
        domains=len({row.domain for row in alike}),
        reached=sum(row.reached for row in alike),
        since=min(row.first_at for row in alike),
        until=max(row.last_at for row in alike),
        delivered=delivered,
    )


def at_least(part: int, whole: int) -> float:
    """The share that is certain at 95 % (Wilson's lower bound): few of few say little."""
    if not whole:
        return 0.0
    share, square = part / whole, _Z**2 / whole
    spread = _Z * sqrt((share * (1 - share) + square / 4) / whole)
    return (share + square / 2 - spread) / (1 + square)


def _provider(row: Alike) -> str:
    return provider_of(f"@{row.domain}")


def turn(reach: Reach, otherwise: Mender) -> Mender:
    """Whose turn it is, seen from how far it reaches."""
    if reach.scope is Scope.EVERYONE and reach.medium is Medium.EMAIL:
        return Mender.SUPPORT
    if reach.scope is Scope.PROVIDER and (reach.cause in OURS or reach.kind is not Kind.DEFERRED):
        return Mender.SENDER
    retried = reach.kind is Kind.DEFERRED
    if reach.scope is Scope.DOMAIN and not (retried or reach.cause in OURS or reach.about_people):
        return Mender.RECIPIENT_IT
    return otherwise


# For a known domain look again after a day: until then a dead name may be a fault of its DNS.
_DNS_MENDED = timedelta(days=1)


def removal_waits(case: Case, reach: Reach, now: datetime, domain_reached: datetime | None) -> bool:
    """Whether a whole domain that was reached before has lost its name, less than a day ago."""
    return (
        case.cause is Cause.DOMAIN_NOT_FOUND
        and reach.scope is Scope.DOMAIN
        and domain_reached is not None
        and domain_reached < case.caused_at
        and now < looked_again(case)
    )


def looked_again(case: Case) -> datetime:
    """When a domain that cannot be found is worth another look."""
    return case.caused_at + _DNS_MENDED
