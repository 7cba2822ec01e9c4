"""The LINE WORKS relay with what stands behind it: what passes is stored behind its back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from bot.config import Settings
from bot.lineworks.backlog import Backlog, Teller
from bot.lineworks.kept import cipher
from bot.lineworks.relay import Relay
from bot.rulebook import rulebook_of
from bot.sources import deadline
from handlers import intake
from handlers.house import House
from storage.failures import Source

_SOURCE = Source.LINEWORKS_RELAY


@contextmanager
def relaying(
    settings: Settings, house: House, missed: Callable[[Source, datetime], None]
) -> Iterator[Relay | None]:
    """The relay never waits for our storage; None where it is not connected."""
    if not settings.relay_keys:
        yield None
        return
    teller = Teller(
        take=lambda _, batch: intake.relayed(house, batch),
        successes=lambda _, since: house.store.successes_since(house.tenant, _SOURCE, since),
        limited=lambda _, since: intake.limited(house, since),
        rejected=lambda _, told: intake.rejected(house, told),
        deadline=partial(deadline, house),
        cipher=cipher(settings.payload_keys),
        rules=rulebook_of(settings).answers,
        cap=settings.line_works_daily_cap,
    )
    backlog = Backlog(teller.tell, lambda _, at: missed(_SOURCE, at))
    try:
        yield Relay(
            url=settings.line_works_api_url,
            tenants=dict.fromkeys(settings.relay_keys, house.tenant),
            tell=backlog.put,
            now=house.now,
        )
    finally:
        backlog.close()
