"""How far a trouble reaches, in words: on a person's page and under an error type."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.reach import OURS, Reach, Scope, looked_again
from handlers.show.reader import Reader
from handlers.standouts import Standout
from handlers.wording import listed
from storage.cases import Case
from storage.failures import Cause, Kind, Medium, domain_of

_PLACES = 3


def sentence(reach: Reach, reader: Reader) -> str:
    """What the numbers say about this trouble; nothing where it is one among none."""
    key = _KEYS[reach.scope](reach)
    if not key:
        return ""
    return reader.say(
        f"reach.{key}",
        domain=reach.name,
        provider=_named(reach.scope, reach.name, reader),
        count=reach.count if key == "everyone" else reach.others,
        domains=reach.domains,
        delivered=reach.delivered,
        since=reader.when(reach.since),
    )


def _of_an_address(reach: Reach) -> str:
    speaks = reach.name and reach.delivered and reach.kind is not Kind.DEFERRED
    return "address" if speaks and reach.cause not in OURS else ""


def _of_a_domain(reach: Reach) -> str:
    if reach.kind is Kind.DEFERRED:
        return "domain_deferred"
    if reach.cause in OURS:
        return "domain_ours"
    if reach.about_people:
        return "domain_people"
    dns = reach.cause is Cause.DOMAIN_NOT_FOUND and reach.reached and not reach.delivered
    return "domain_dns" if dns else "domain"


def _of_a_provider(reach: Reach) -> str:
    retried = reach.kind is Kind.DEFERRED and reach.cause not in OURS
    return "provider_deferred" if retried else "provider"


def _of_everyone(reach: Reach) -> str:
    if reach.medium is Medium.EMAIL and reach.kind is not Kind.DROPPED:
        return "everyone"
    return "account" if reach.others else ""


_KEYS = {
    Scope.ADDRESS: _of_an_address,
    Scope.DOMAIN: _of_a_domain,
    Scope.PROVIDER: _of_a_provider,
    Scope.EVERYONE: _of_everyone,
}


_LISTED = ("tell_it", "wait_for_it", "remove", "send_again")
_NOT_LISTED = ("tell_it", "wait_for_it", "send_again")
_EVERYONE = ("ask_support", "leave_all")


def steps(reach: Reach, reader: Reader) -> tuple[str, ...]:
    """What to do instead where one person's steps would be the wrong ones; empty otherwise."""
    key = _KEYS[reach.scope](reach)
    words: tuple[str, ...] = _EVERYONE if key == "everyone" else ()
    if key in ("domain", "domain_dns"):
        words = _NOT_LISTED if reach.kind is Kind.SOFT_BOUNCE else _LISTED
    since = reader.when(reach.since)
    return tuple(reader.say(f"reach.step.{word}", count=reach.count, since=since) for word in words)


def _named(scope: Scope, name: str, reader: Reader) -> str:
    return reader.say(f"reach.name.{name}") if scope is Scope.PROVIDER else name


def not_yet(case: Case, reader: Reader) -> str:
    """Why no removal is offered although the list holds the address."""
    return reader.say(
        "reach.removal_waits",
        domain=domain_of(case.recipient),
        until=reader.when(looked_again(case)),
    )


def standing(standouts: Sequence[Standout], reader: Reader) -> str:
    """The domains and providers where it gathers, the largest first."""
    places = listed([_place(one, reader) for one in standouts[:_PLACES]], reader.locale)
    more = len(standouts) - _PLACES
    if more > 0:
        return reader.say("reach.standing_out_and_more", places=places, count=more)
    return reader.say("reach.standing_out", places=places)


def _place(one: Standout, reader: Reader) -> str:
    return reader.say(
        "reach.place",
        name=_named(one.scope, one.name, reader),
        cause=reader.say(f"cause.{one.cause}"),
        count=one.count,
    )
