"""`poll --once`: whatever can be asked is read now, beside a running `serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bot.config import PREFIX, ConfigError
from bot.sendgrid import lists
from handlers import feeds, mail_logs, moments, polls
from handlers.house import House
from storage.failures import Source
from storage.quarantine import Tally


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one reading brought. `trouble`: why it did not come to its end."""

    name: str
    read: int
    new: int
    repeated: int
    trouble: str = ""


@dataclass(frozen=True)
class _Asked:
    """A source that is read as one; the lists are told apart."""

    name: str
    source: Source
    wanted: Callable[[House], bool]
    read: Callable[[House], bool]


_OTHERS = (
    # Where the webhook speaks, its logs tell nothing that it has not told.
    _Asked("logs", Source.SENDGRID_LOGS, mail_logs.due, mail_logs.read),
    _Asked("feed", Source.HOST_FEED, lambda house: house.feed is not None, feeds.read),
)


def poll(house: House) -> list[Read]:
    """In the order in which they were read. Raises ConfigError where nothing can be asked."""
    if house.lists is None and house.feed is None:
        raise ConfigError(
            f"{PREFIX}SENDGRID_API_KEY and {PREFIX}HOST_FEED_URL missing: "
            "no source is connected that can be polled"
        )
    moments.take_back(house)
    wanted = [one for one in _OTHERS if one.wanted(house)]
    return [*_lists(house), *(_read(house, one) for one in wanted)]


def _lists(house: House) -> list[Read]:
    found: list[polls.ListRead] = []
    if house.lists is not None:
        polls.poll(house, partial(lists.failure, rules=house.rules), found.append)
    return [
        Read(
            name=one.name,
            read=one.read,
            new=one.new,
            repeated=one.read - one.new,
            trouble=one.trouble,
        )
        for one in found
    ]


def _read(house: House, asked: _Asked) -> Read:
    """Counted by the sums that every telling is added to; a `serve` beside us may add some."""
    before = _tally(house, asked.source)
    whole = asked.read(house)
    after = _tally(house, asked.source)
    return Read(
        name=asked.name,
        read=after.elements - before.elements,
        new=after.new - before.new,
        repeated=after.repeated - before.repeated,
        trouble="" if whole else _trouble(house, asked.source),
    )


def _tally(house: House, source: Source) -> Tally:
    found = [one for one in house.store.tallies(house.tenant) if one.source is source]
    return found[0] if found else Tally(source=source)


def _trouble(house: House, source: Source) -> str:
    """Empty where there is only more to read than one reading takes."""
    found = [one for one in house.store.coverage(house.tenant) if one.source is source]
    return found[0].trouble if found else ""


def lines(found: list[Read]) -> Iterator[str]:
    for one in found:
        counts = f"read={one.read} new={one.new} repeated={one.repeated}"
        yield f"{one.name}: {counts}" + (f" trouble={one.trouble}" if one.trouble else "")
