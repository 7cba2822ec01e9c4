"""The installation's state as values: for the chat, the shell and machines the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.coverage import View, lately
from handlers.house import House
from handlers.retention import last_night
from storage.failures import Source
from storage.health import Health
from storage.quarantine import Filled, Tally
from storage.requests import RequestState
from storage.retention import Keep

_UNDER_WAY = (RequestState.OPEN, RequestState.APPROVED, RequestState.CARRYING)
_EVERY = 10_000


@dataclass(frozen=True, kw_only=True)
class DigestState:
    """Of one channel: up to when its digests reach, and when the next one is due."""

    channel: str
    covered_until: datetime | None
    following: datetime


@dataclass(frozen=True, kw_only=True)
class Status:
    """`unsure` counts messages that may not have been posted."""

    at: datetime
    coverage: View
    tallies: tuple[Tally, ...]
    filled: Filled
    under_way: int
    unsure: int
    digests: tuple[DigestState, ...]
    rules: str
    answers: str
    health: Health
    keep: Keep
    forgotten: Mapping[str, int]  # last night, by what it was

    @property
    def lost(self) -> int:
        return sum(one.lost for one in self.tallies)


def status(house: House) -> Status:
    store, tenant = house.store, house.tenant
    order = list(Source).index
    return Status(
        at=house.now(),
        coverage=lately(house),
        tallies=tuple(sorted(store.tallies(tenant), key=lambda one: order(one.source))),
        filled=store.quarantine_filled(tenant),
        under_way=len(store.requests(tenant, _UNDER_WAY, _EVERY)),
        unsure=store.unanswered_notices(tenant),
        digests=_digests(house),
        rules=house.rules.version,
        answers=house.vocabulary.version,
        health=store.health(),
        keep=house.policy.keep,
        forgotten=last_night(house),
    )


def _digests(house: House) -> tuple[DigestState, ...]:
    now = house.now().astimezone(house.zone)
    at = datetime.combine(now.date(), house.policy.digest_at, house.zone)
    following = at if at > now else at + timedelta(days=1)
    return tuple(
        DigestState(
            channel=channel,
            covered_until=house.store.covered_until(house.tenant, channel),
            following=following,
        )
        for channel in house.policy.digest_channels
    )
