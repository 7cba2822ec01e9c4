"""Where to look at a receiver: the lines of providers.toml for an entry of the remedies."""

from __future__ import annotations

from functools import cache

from handlers.wording.catalogue import PROVIDERS, Table, read
from handlers.wording.times import language


def where(receiver: str, entry: str, locale: str, *, block_list: str = "") -> tuple[str, ...]:
    """The lines to add to the remedy's steps; none where the receiver needs nothing of its own."""
    spoken, known = language(locale), _receiver(receiver)
    lines = list(_lines(known, entry).get(spoken, ()))
    if lines and known.get("renamed"):
        lines.append(_providers()["renamed"][spoken])
    if block_list:
        listed = _providers()["block_list"][spoken]
        lines += [line.format(block_list=block_list) for line in listed]
    return tuple(lines)


def receiver_says(receiver: str, field: str, locale: str) -> str:
    """`name`, `setting` or `accepted` of a receiver; empty where it has none."""
    return str(_receiver(receiver).get(field, {}).get(language(locale), ""))


def _lines(known: Table, entry: str) -> Table:
    found: Table = known.get(entry, {})
    return _lines(known, found["like"]) if "like" in found else found


def _receiver(receiver: str) -> Table:
    found: Table = _providers().get(receiver, {})
    return found


@cache
def _providers() -> Table:
    return read(PROVIDERS)
