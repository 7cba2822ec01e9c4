"""How far everything has been read: zero failures and a blind bot are different answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from handlers.house import House, connected_at
from handlers.ports import Covers, NotAvailableError
from handlers.show.reader import Reader
from storage.coverage import Coverage
from storage.failures import Source


def coverage_line(coverage: Sequence[Coverage], reader: Reader) -> str:
    """One line for every source that is connected."""
    texts = list(_texts(coverage, reader))
    return "\n".join(texts) if texts else reader.say("coverage.nothing_connected")


def _texts(coverage: Sequence[Coverage], reader: Reader) -> Iterable[str]:
    for one in sorted(coverage, key=lambda one: list(Source).index(one.source)):
        key = f"coverage.{one.source}"
        closed = one.trouble == NotAvailableError.WORD
        if one.until is None and closed:
            pass  # that it is closed to us says why it was never read
        elif one.until is None:
            yield reader.say(f"{key}_silent", since=reader.when(one.since))
        else:
            at = reader.when(one.until)
            yield reader.say(key, since=reader.when(one.since), last=at, until=at)
        if one.trouble:
            named = reader.say(f"source.{one.source}")
            word = "not_available" if closed else "trouble"
            yield reader.say(f"coverage.{word}", source=named, trouble=one.trouble)


def looked_until(
    house: House, coverage: Iterable[Coverage], since: datetime | None = None
) -> datetime | None:
    """Up to when somebody looked, from `since` on; None where that is not known.

    A source that speaks to us and never has proves nothing; one that has is up now.
    What is not connected any more proves nothing either, and no more does a file.
    """
    began = connected_at(house)
    if since and began and since < began:
        return None
    known = {name: covers for name, covers in house.sources.items() if covers is not Covers.NOTHING}
    read = [one for one in coverage if one.until and not one.trouble and one.source in known]
    if any(known[one.source] is Covers.UP for one in read):
        return house.now()
    return max((one.until for one in read if one.until), default=None)


def none_found(
    house: House, reader: Reader, keys: tuple[str, str], since: datetime | None = None, **slots: str
) -> str:
    """The first key's sentence with until when we looked, the second's where that is not known."""
    until = looked_until(house, house.store.coverage(house.tenant), since)
    known, not_known = keys
    if until is None:
        return reader.say(not_known, **slots)
    return reader.say(known, until=reader.when(until), **slots)
