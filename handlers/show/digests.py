"""The digest of a channel, and the same figures for one person who asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from handlers.conversation import (
    Button,
    Buttons,
    Divider,
    Element,
    Heading,
    Message,
    Note,
    Style,
    Text,
    Title,
)
from handlers.groups import Line
from handlers.house import House
from handlers.periods import Period
from handlers.show.coverage import coverage_line, gap_notes, none_found
from handlers.show.naming import shown
from handlers.show.reach import standing
from handlers.show.reader import Reader
from handlers.summary import EXAMPLES, Summary
from handlers.wording import listed, remedy
from storage.failures import DroppedBy, Kind, Medium
from storage.views import CaseQuery

_TOMORROW = frozenset({Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED})
_RESENT = _TOMORROW | {Kind.TOO_FREQUENT}


def message(house: House, summary: Summary, locale: str) -> Message:
    """The daily digest: addresses masked, complaints counted apart."""
    reader = Reader(locale=locale, zone=house.zone, now=house.now())
    open_lines = [line for line in summary.lines if not line.private]
    day = reader.day(summary.until.astimezone(house.zone).date())
    total = sum(line.count for line in open_lines)
    head: list[Element] = [
        Heading(reader.say("digest.heading", day=day)),
        Note(
            reader.say(
                "digest.period", since=reader.when(summary.since), until=reader.when(summary.until)
            )
        ),
    ]
    if summary.late:
        head.append(Note(reader.say("digest.late", due=f"{house.policy.digest_at:%H:%M}")))
    if summary.after_doubt:
        head.append(Note(reader.say("digest.includes_earlier")))
    return Message(
        summary=reader.say("digest.summary", day=day, count=total),
        elements=(
            *head,
            *_totals(summary, reader),
            *gap_notes(summary.coverage, reader),
            *_groups(house, open_lines, summary, reader),
            *_empty(house, summary, reader, "digest"),
            *_gone(house, summary, reader),
            *_apart(summary, reader, "digest"),
            *_foot(summary, reader),
        ),
    )


def lookup(house: House, summary: Summary, named: str, period: Period, reader: Reader) -> Message:
    """The answer to `today` and its like: the two tabs that people know, one after the other."""
    first, last = reader.day(period.first), reader.day(period.last)
    open_lines = [line for line in summary.lines if not line.private]
    total = sum(line.count for line in open_lines)
    return Message(
        summary=reader.say("lookup.summary", count=total),
        elements=(
            Heading(reader.say(f"lookup.{named}", day=first, since=first, until=last)),
            *_totals(summary, reader),
            *gap_notes(summary.coverage, reader),
            *_tabs(house, open_lines, summary, reader),
            *_empty(house, summary, reader, "lookup"),
            *_apart(summary, reader, "lookup"),
            *_foot(summary, reader),
        ),
    )


def _tabs(
    house: House, open_lines: Sequence[Line], summary: Summary, reader: Reader
) -> Iterable[Element]:
    for medium in Medium if open_lines else ():
        lines = [line for line in open_lines if line.key.medium is medium]
        named = reader.say(f"medium.{medium}")
        count = sum(line.count for line in lines)
        key = "lookup.medium" if lines else "lookup.medium_none"
        yield Divider()
        yield Title(reader.say(key, medium=named, count=count))
        yield from _groups(house, lines, summary, reader)


def _totals(summary: Summary, reader: Reader) -> Iterable[Element]:
    texts = [
        reader.say(f"digest.totals.{medium}", delivered=found.delivered, failed=found.failed)
        for medium, found in sorted(summary.totals.items())
        if found.delivered or found.failed
    ]
    return (Text("\n".join(texts)),) if texts else ()


def _groups(
    house: House, open_lines: Sequence[Line], summary: Summary, reader: Reader
) -> Iterable[Element]:
    for line in open_lines:
        yield Title(_headline(line, reader))
        yield Text("\n".join((*_group(house, line, reader), *_standing(line, summary, reader))))
        yield Buttons(_buttons(line, reader))


def _headline(line: Line, reader: Reader) -> str:
    kind = reader.kind(line.key.kind, line.key.dropped_by)
    form = "digest.group" if line.new else "digest.group_without_new"
    return reader.say(form, kind=kind, count=line.count, new=line.new)


def _group(house: House, line: Line, reader: Reader) -> Iterable[str]:
    key = line.key
    yield reader.say("digest.turn", mender=reader.say(f"mender.{line.mender}"))
    yield remedy(key.medium, key.kind, key.dropped_by, line.cause, reader.locale).first
    examples = house.store.cases(house.tenant, _few(line))
    names = listed(
        [shown(house, one.medium, one.recipient, reader) for one in examples], reader.locale
    )
    more = line.count - len(examples)
    if more > 0:
        yield reader.say("digest.examples_and_more", examples=names, count=more)
    else:
        yield reader.say("digest.examples", examples=names)


def _gone(house: House, summary: Summary, reader: Reader) -> Iterable[Element]:
    count, cases = summary.gone
    if count:
        named = [shown(house, one.medium, one.recipient, reader) for one in cases]
        examples = listed(named, reader.locale)
        yield Text(reader.say("digest.gone", count=count, examples=examples))


def _standing(line: Line, summary: Summary, reader: Reader) -> Iterable[str]:
    alike = line.key.kind, line.key.dropped_by
    found = [one for one in summary.standouts if (one.kind, one.dropped_by) == alike]
    return (standing(found, reader),) if found else ()


def _few(line: Line) -> CaseQuery:
    return replace(line.key.query(), limit=EXAMPLES)


def _buttons(line: Line, reader: Reader) -> tuple[Button, ...]:
    key, kind = line.key, reader.kind(line.key.kind, line.key.dropped_by)

    def button(word: str, verb: str, style: Style = Style.PLAIN) -> Button:
        label = reader.say(f"button.{word}")
        return Button(
            label=label, verb=verb, subject=key.text(), style=style, describes=f"{label}: {kind}"
        )

    found = [button("show_list", "list")]
    if key.kind is Kind.HARD_BOUNCE or key.dropped_by is DroppedBy.BOUNCE_LIST:
        found.append(button("request_removal", "removable"))
    if key.kind in _RESENT:
        word = "resend_tomorrow" if key.kind in _TOMORROW else "send_again"
        found.append(button(word, "resend_group", Style.PRIMARY))
    return tuple(found)


_EMPTY = {
    "digest": ("digest.empty", "digest.empty_not_known", "digest.empty_advice"),
    "lookup": ("lookup.none", "lookup.none_not_known", "lookup.none_advice"),
}


def _empty(house: House, summary: Summary, reader: Reader, area: str) -> Iterable[Element]:
    if any(not line.private for line in summary.lines):
        return
    known, not_known, advice = _EMPTY[area]
    keys = known, not_known
    yield Text(none_found(house, summary.coverage, reader, keys, summary.since))
    yield Text(reader.say(advice))


def _apart(summary: Summary, reader: Reader, area: str) -> Iterable[Element]:
    count = sum(line.count for line in summary.lines if line.private)
    if not count:
        return ()
    return (Note(reader.say(f"{area}.apart", count=count)),)


def _foot(summary: Summary, reader: Reader) -> Iterable[Element]:
    yield Divider()
    yield Note(coverage_line(summary.coverage, reader))
    if not reader.clear:
        yield Note(reader.say("digest.masked"))
