"""An explanation: kind, cause, whose turn, what to do, how sure we are and whence we know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from handlers.conversation import (
    Bullets,
    Buttons,
    Divider,
    Element,
    Facts,
    Heading,
    Message,
    Note,
    Quote,
    Text,
    Title,
)
from handlers.explaining import Explained
from handlers.show import correcting
from handlers.show.reader import Reader
from handlers.wording import remedy
from storage.failures import Cause, Kind, Medium, Permanence

# More would push the answer out of the message.
_MOST_SHOWN = 5
_LONGEST_QUOTE = 700
_FILTERING = frozenset({"docomo", "au"})
_SURE = ((0.9, "sure"), (0.7, "likely"), (0.4, "unsure"), (0.01, "guess"), (0.0, "none"))
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def message(
    found: Sequence[Explained], reader: Reader, name_of: Callable[[str], str], *, kept: bool
) -> Message:
    """`name_of` calls whoever made a correction; `kept`: the buttons know the wordings."""
    elements: list[Element] = [Heading(reader.say("explain.heading"))]
    for at, one in enumerate(found[:_MOST_SHOWN]):
        if at:
            elements.append(Divider())
        elements += _one(one, reader, name_of)
    if len(found) > _MOST_SHOWN:
        elements.append(Note(reader.say("explain.more", count=len(found) - _MOST_SHOWN)))
    elements.append(Note(reader.say("explain.words_kept" if kept else "explain.not_kept")))
    return Message(summary=reader.say("explain.heading"), elements=tuple(elements))


def _one(one: Explained, reader: Reader, name_of: Callable[[str], str]) -> Iterator[Element]:
    if one.pasted.recipient:
        yield Title(reader.address(one.pasted.recipient))
    if not one.pasted.failed:
        yield Text(reader.say("explain.no_failure"))
        return
    yield Facts(tuple(_judged(one, reader)))
    yield from _whence(one, reader, name_of)
    if found := tuple(_found(one, reader)):
        yield Title(reader.say("explain.found"))
        yield Facts(found)
    if one.pasted.text:
        yield Quote(reader.say("explain.quote"), reader.words(one.pasted.text)[:_LONGEST_QUOTE])
    yield from _remedy(one, reader)
    if buttons := tuple(correcting.buttons(one.wording, one.correction, reader)):
        yield Buttons(buttons)


def _judged(one: Explained, reader: Reader) -> Iterator[tuple[str, str]]:
    pasted, reading = one.pasted, one.reading
    if pasted.kind:
        yield reader.say("fact.kind"), reader.kind(pasted.kind, pasted.dropped_by)
    if one.has_cause:
        yield reader.say("fact.cause"), reader.say(f"cause.{_cause(one)}")
        yield reader.say("fact.permanence"), reader.say(f"permanence.{reading.permanence}")
    yield reader.say("fact.mender"), reader.say(f"mender.{one.mender}")
    helps = "helps" if one.waiting_helps else "does_not_help"
    yield reader.say("fact.waiting"), reader.say(f"explain.waiting.{helps}")
    if one.has_cause and not pasted.cause:
        yield reader.say("fact.confidence"), confidence(reading.confidence, reader)
    if pasted.evidence:
        yield reader.say("fact.confidence"), reader.say(f"explain.evidence.{pasted.evidence}")


def confidence(value: float, reader: Reader) -> str:
    """In words, and in percent."""
    word = next(word for least, word in _SURE if value >= least)
    return reader.say(f"explain.confidence.{word}", percent=round(value * 100))


def _whence(one: Explained, reader: Reader, name_of: Callable[[str], str]) -> Iterator[Element]:
    """The rule and its source; a correction and its author; or plainly that none holds."""
    pasted = one.pasted
    if one.correction:
        made = one.correction
        who, at = name_of(made.author), reader.when(made.made_at)
        yield Text(reader.say("explain.corrected", who=who, at=at, why=reader.words(made.why)))
    elif one.rule:
        yield Facts(tuple(_rule(one.rule.name, one.rule.source, reader)))
    elif pasted.rule:
        yield Facts(tuple(_rule(pasted.rule, pasted.source, reader)))
    elif pasted.cause or (pasted.kind and not one.has_cause and pasted.medium is Medium.EMAIL):
        yield Text(reader.say("explain.by_fields"))
    else:
        yield Text(reader.say("explain.no_rule"))


def _rule(name: str, source: str, reader: Reader) -> Iterator[tuple[str, str]]:
    yield reader.say("fact.rule"), name
    yield reader.say("fact.source"), source or reader.say("explain.source_own")


def _found(one: Explained, reader: Reader) -> Iterator[tuple[str, str]]:
    facts = one.facts
    told = {
        "speaker": reader.say(f"reach.name.{facts.speaker}") if facts.speaker else "",
        "block_list": facts.block_list,
        "retry_after": _span(facts.retry_after, reader) if facts.retry_after else "",
        "limit": facts.limit,
        "other_address": reader.address(facts.other_address) if facts.other_address else "",
        "support_code": facts.support_code,
        "status": one.pasted.status,
    }
    for name, value in one.pasted.facts:
        told[name] = _seconds(value, reader) if name == "retry_after" else value
    return ((reader.say(f"fact.{name}"), value) for name, value in told.items() if value)


def _seconds(value: str, reader: Reader) -> str:
    return _span(timedelta(seconds=int(value)), reader) if value.isdecimal() else value


def _span(span: timedelta, reader: Reader) -> str:
    seconds = int(span.total_seconds())
    size, unit = next(one for one in _UNITS if seconds % one[0] == 0)
    return reader.say(f"explain.span.{unit}", count=seconds // size)


def _remedy(one: Explained, reader: Reader) -> Iterator[Element]:
    pasted = one.pasted
    advice = remedy(
        pasted.medium,
        pasted.kind or _as_refusal(one),
        pasted.dropped_by,
        _cause(one),
        reader.locale,
        for_approvers=reader.for_approvers,
    )
    yield Text(f"{advice.meaning}\n{advice.first}")
    if advice.steps:
        yield Title(reader.say("fact.remedy"))
        yield Bullets(advice.steps, numbered=True)
    yield Title(reader.say("fact.next"))
    # What follows depends on the lists, of which words alone know nothing.
    known = pasted.kind or pasted.medium is Medium.LINE_WORKS
    yield Text(advice.next if known else reader.say("explain.next_unknown"))


def _cause(one: Explained) -> str:
    """Carriers say *unknown* for a missing address and for a filtered one alike."""
    filtered = one.facts.speaker in _FILTERING and one.reading.cause is Cause.USER_UNKNOWN
    return "unknown_or_filtered" if filtered else one.reading.cause


def _as_refusal(one: Explained) -> Kind:
    """Words alone do not say what was done with the address: what their answer would lead to."""
    return Kind.HARD_BOUNCE if one.reading.permanence is Permanence.HARD else Kind.SOFT_BOUNCE
