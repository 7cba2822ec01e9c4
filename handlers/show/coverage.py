"""How far everything has been read: zero failures and a blind bot are different answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from handlers.conversation import Note
from handlers.coverage import State, View
from handlers.gaps import POLLED, Gap
from handlers.house import House, connected_at
from handlers.ports import Covers, NotAvailableError
from handlers.show.lists import named
from handlers.show.reader import Reader
from handlers.wording import listed
from storage.failures import Kind, Source
from storage.lists import ListName
from storage.spans import Span

SHOWN = 3
# Shorter, a relay that says nothing has only nothing to do.
_SILENT = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_MICROSECOND = timedelta(microseconds=1)
_LENGTHS = (("days", 24 * 60), ("hours", 60), ("minutes", 1))


def coverage_line(view: View, reader: Reader) -> str:
    """One line for every source that is connected, and one for what waits to be read."""
    texts = list(_texts(view.states, reader))
    if view.inbox.oldest:
        since = reader.at(view.inbox.oldest)
        texts.append(reader.say("coverage.inbox", count=view.inbox.count, since=since))
    return "\n".join(texts) if texts else reader.say("coverage.nothing_connected")


def gaps_text(view: View, reader: Reader) -> str:
    """The newest gaps with their times, then what was found later; empty without any."""
    told = _by_time(view.gaps)
    texts = [_gap(gaps, reader) for gaps in told[:SHOWN]]
    if len(told) > SHOWN:
        texts.append(reader.say("gap.more", count=len(told) - SHOWN))
    earlier = sorted(view.earlier, key=lambda gap: gap.span, reverse=True)
    texts += [_mended(gap, reader) for gap in earlier[:SHOWN]]
    if len(earlier) > SHOWN:
        texts.append(reader.say("gap.more_mended", count=len(earlier) - SHOWN))
    return "\n".join(texts)


def _by_time(gaps: Iterable[Gap]) -> list[list[Gap]]:
    """A process that was down was so for all its sources: one gap, told once."""
    found: dict[tuple[Span, str], list[Gap]] = {}
    for gap in sorted(gaps, key=lambda gap: list(Source).index(gap.source)):
        found.setdefault((_rounded(gap.span), _why(gap)), []).append(gap)
    return [found[key] for key in sorted(found, reverse=True)]


def _why(gap: Gap) -> str:
    """The sentence for what happened in that time."""
    if gap.source in POLLED:
        return "gap.not_held"
    return "gap.lost" if gap.lost else "gap.down"


def gap_notes(view: View, reader: Reader) -> Sequence[Note]:
    text = gaps_text(view, reader)
    return (Note(text),) if text else ()


def status_text(view: View, reader: Reader) -> str:
    """All of it, for the chat and for the shell."""
    return "\n".join(filter(None, [coverage_line(view, reader), gaps_text(view, reader)]))


def _texts(states: Iterable[State], reader: Reader) -> Iterable[str]:
    for one in states:
        closed = one.trouble == NotAvailableError.WORD
        if one.last or not closed:  # that it is closed to us says why it was never read
            yield _state(one, reader)
        if one.behind:
            yield _behind(one, reader)
        if one.trouble:
            name, word = (
                reader.say(f"source.{one.source}"),
                "not_available" if closed else "trouble",
            )
            yield reader.say(f"coverage.{word}", source=name, trouble=one.trouble)


def _state(one: State, reader: Reader) -> str:
    key, since = f"coverage.{one.source}", reader.at(one.since)
    if one.down_since:
        name, at = reader.say(f"source.{one.source}"), reader.at(one.down_since)
        return reader.say("coverage.down", source=name, at=at)
    if one.last is None:
        return reader.say(f"{key}_silent", since=since)
    last, quiet = reader.at(one.last), reader.now - one.last
    if one.source is Source.LINEWORKS_RELAY and quiet >= _SILENT:
        return reader.say(f"{key}_quiet", length=length(quiet, reader), last=last)
    return reader.say(key, since=since, last=last, until=last)


def length(span: timedelta, reader: Reader) -> str:
    """Of a minute or more, in whole units of the largest that fits."""
    minutes = span // _MINUTE
    unit, size = next(one for one in _LENGTHS if minutes >= one[1])
    return reader.say(f"coverage.length.{unit}", count=minutes // size)


def _behind(one: State, reader: Reader) -> str:
    """The part that is furthest behind speaks for its like."""
    never = [part for part, until in one.behind if until is None]
    texts = []
    if never:
        texts.append(reader.say("coverage.never_read", lists=_lists(never, reader)))
    late = [(until, part) for part, until in one.behind if until]
    if late:
        lists = _lists([part for _, part in late], reader)
        texts.append(reader.say("coverage.behind", lists=lists, until=reader.at(min(late)[0])))
    return "\n".join(texts)


def _lists(parts: Iterable[str], reader: Reader) -> str:
    return named([ListName(part) for part in parts], reader)


def _gap(gaps: Sequence[Gap], reader: Reader) -> str:
    sources = listed([reader.say(f"source.{gap.source}") for gap in gaps], reader.locale)
    said = reader.say(_why(gaps[0]), sources=sources, span=_span(gaps[0].span, reader))
    return "\n".join([said, *(_rest(gap, reader) for gap in gaps if gap.known or gap.unknown)])


def _mended(gap: Gap, reader: Reader) -> str:
    """An earlier answer has told it as a gap."""
    said = reader.say("gap.earlier", span=_span(gap.span, reader))
    return f"{said}\n{_rest(gap, reader)}"


def _rest(gap: Gap, reader: Reader) -> str:
    """Which kinds others have told of since, how many there were, and what nobody can tell."""
    source = reader.say(f"source.{gap.source}")
    if not gap.known:
        return reader.say("gap.not_read_again", source=source)
    known, count = _kinds(gap.known, reader), gap.found or 0
    key = "gap.read_again" if gap.found is None else "gap.found" if count else "gap.none_found"
    said = reader.say(key, source=source, kinds=known, count=count)
    if not gap.unknown:
        return said
    unknown = reader.say("gap.unknown", kinds=_kinds(gap.unknown, reader))
    return reader.say("gap.and", first=said, then=unknown)


def _kinds(kinds: Iterable[Kind], reader: Reader) -> str:
    return listed(list(dict.fromkeys(reader.kind(kind, None) for kind in kinds)), reader.locale)


def _span(span: Span, reader: Reader) -> str:
    """The day is said once."""
    told = _rounded(span)
    until = reader.until(told.since, told.until)
    return reader.say("gap.span", since=reader.when(told.since), until=until)


def _rounded(span: Span) -> Span:
    """Outwards to whole minutes."""
    up = span.until + _MINUTE - _MICROSECOND
    return Span(*(at.replace(second=0, microsecond=0) for at in (span.since, up)))


def looked_until(house: House, view: View, since: datetime | None = None) -> datetime | None:
    """Up to when somebody looked, from `since` on; None where that is not known.

    A source that speaks to us and never has proves nothing; one that has is up now, but
    for what waits in the inbox.
    What is not connected any more proves nothing either, and no more does a file.
    """
    began = connected_at(house)
    if view.open or (since and began and since < began):
        return None
    known = {name: covers for name, covers in house.sources.items() if covers is not Covers.NOTHING}
    read = [
        one
        for one in view.states
        if one.source in known and one.last and not one.trouble and not one.down_since
    ]
    if any(known[one.source] is Covers.UP for one in read):
        return view.inbox.oldest or view.at
    return max((one.last for one in read if one.last), default=None)


def none_found(
    house: House,
    view: View,
    reader: Reader,
    keys: tuple[str, str],
    since: datetime | None = None,
    **slots: str,
) -> str:
    """The first key's sentence with until when we looked, the second's where that is not known."""
    until = looked_until(house, view, since)
    known, not_known = keys
    if until is None:
        return reader.say(not_known, **slots)
    return reader.say(known, until=reader.when(until), **slots)
