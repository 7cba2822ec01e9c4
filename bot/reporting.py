"""`status` in the operator's shell: for people as in the chat, and as JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.lineworks.render import block
from handlers.house import House
from handlers.show import status as show
from handlers.show.reader import Reader
from handlers.status import status
from storage.quarantine import MOST, MOST_BYTES


def shown(house: House) -> Iterator[str]:
    """Block by block; the storage's own size is for the shell alone."""
    state = status(house)
    reader = Reader(locale=house.locale, zone=house.zone, now=state.at)
    yield from map(block, show.message(state, reader).elements)
    health = state.health
    if health.free is None:
        yield reader.say("status.size", size=health.size)
    else:
        sizes = {"size": health.size, "behind": health.behind, "free": health.free}
        yield reader.say("status.sizes", **sizes)


def told(house: House) -> dict[str, Any]:
    """Names as in the glossary, times in ISO 8601, sizes in bytes."""
    state = status(house)
    answer: dict[str, Any] = _plain(asdict(state) | {"lost": state.lost})
    answer["quarantine"] = answer.pop("filled") | {"most": MOST, "most_kept": MOST_BYTES}
    return answer


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.days
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
