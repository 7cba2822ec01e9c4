"""`poll --once`: the lists read now, beside a running `serve`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bot.config import PREFIX, ConfigError
from bot.sendgrid import lists
from handlers import polls
from handlers.house import House
from handlers.polls import ListRead


def poll(house: House) -> list[ListRead]:
    """What each list brought. Raises ConfigError where nothing can be asked."""
    if house.lists is None:
        raise ConfigError(
            f"{PREFIX}SENDGRID_API_KEY missing: no source is connected that can be polled"
        )
    found: list[ListRead] = []
    polls.poll(house, partial(lists.failure, rules=house.rules), found.append)
    return found


def lines(found: list[ListRead]) -> Iterator[str]:
    for one in found:
        counts = f"read={one.read} new={one.new} repeated={one.read - one.new}"
        yield f"{one.name}: {counts}" + (f" trouble={one.trouble}" if one.trouble else "")
