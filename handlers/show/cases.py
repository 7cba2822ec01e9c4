"""One person's page, a group's list, and the answer when nobody is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.conversation import (
    Button,
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
from handlers.coverage import View
from handlers.findings import Found, Trace
from handlers.groups import GroupKey
from handlers.house import House
from handlers.hygiene import Finding
from handlers.leaving import asked
from handlers.offers import Offer, offer
from handlers.ports import VendorError
from handlers.show import correcting
from handlers.show.advice import accepted, advice, facts, offered_button
from handlers.show.coverage import coverage_line, gap_notes, none_found
from handlers.show.hygiene import registered, typed
from handlers.show.lists import lists_line
from handlers.show.naming import shown
from handlers.show.reader import Reader
from handlers.situations import situation_of, struck
from handlers.surroundings import waiting
from handlers.wording import listed
from storage.cases import Case, CaseState
from storage.failures import Kind, Medium
from storage.lists import ListName, Membership
from storage.people import Person

_REPLY = {
    Medium.EMAIL: "fact.provider_text",
    Medium.LINE_WORKS: "fact.provider_answer",
}


# Its remedy tells already that it is only suspected.
_SAYS_SO_ITSELF = frozenset({Kind.DAILY_CAP_SUSPECTED})


def who(house: House, found: Found, seen: View, reader: Reader, *, asking: bool) -> Message:
    """Both media of one person: story, lists, cause, remedy, what can be asked."""
    name = _name(found, reader)
    elements: list[Element] = [Heading(reader.say("who.heading", recipient=name))]
    if found.person and found.person.no_address:
        elements.append(Text(reader.say("who.no_address", name=found.person.name)))
    if found.person and not any(one.case or one.last_success for one in found.traces):
        elements.append(Text(reader.say("who.no_failures", name=found.person.name)))
        elements.append(Text(reader.say("who.none_advice")))
    for one in found.traces:
        elements += _trace(house, one, reader, asking=asking)
    elements += [*gap_notes(seen, reader), Note(coverage_line(seen, reader))]
    if not reader.clear:
        elements.append(Note(reader.say("lookup.masked")))
    return Message(summary=reader.say("who.heading", recipient=name), elements=tuple(elements))


def _name(found: Found, reader: Reader) -> str:
    address = reader.address(found.traces[0].recipient) if found.traces else ""
    if found.person and found.person.name:
        if not address:
            return found.person.name
        return reader.say("lookup.named", name=found.person.name, recipient=address)
    return address


def _trace(house: House, one: Trace, reader: Reader, *, asking: bool) -> Iterable[Element]:
    named, address = reader.say(f"medium.{one.medium}"), reader.address(one.recipient)
    yield Divider()
    if one.case is None:
        if one.last_success:
            yield Text(
                reader.say(
                    f"who.never_failed.{one.medium}",
                    recipient=address,
                    at=reader.when(one.last_success),
                )
            )
            yield from _unseen(one.recipient, reader)
        return
    yield Title(f"{named}: {address}")
    known = struck(situation_of(house, one.case, one.membership), one.reach)
    yield from _story(house, one.case, facts(one, one.case, known, reader), reader)
    if one.membership is not None:
        yield Text(lists_line(one.membership, reader, asking=asking))
    if doubts := registered(one.doubts, reader):
        yield Text(doubts)
    yield from advice(house, one, one.case, known, reader)
    yield from correcting.of_case(one.case, one.case_id, reader)


def _unseen(recipient: str, reader: Reader) -> Iterable[Element]:
    note = accepted(recipient, reader)
    return (note,) if note else ()


def _story(
    house: House, case: Case, pairs: tuple[tuple[str, str], ...], reader: Reader
) -> Iterable[Element]:
    if case.state is CaseState.DELIVERED and case.last_success:
        yield Text(reader.say(f"who.delivered.{case.medium}", at=reader.when(case.last_success)))
    elif case.state is CaseState.GONE and case.gone_at:
        yield Text(reader.say("who.gone", at=reader.when(case.gone_at)))
    else:
        yield Text(
            reader.say(
                "who.open",
                opened_at=reader.when(case.opened_at),
                count=case.times_seen,
                at=reader.when(case.last_seen),
            )
        )
    yield Facts(pairs)
    notes = (
        ("who.guessed", case.guessed and case.kind not in _SAYS_SO_ITSELF, 0),
        ("who.history", case.history, 0),
        ("who.counted_alike", case.counted_alike > 1, case.counted_alike),
        ("who.drops", case.drops > 0, case.drops),
    )
    for key, holds, count in notes:
        if holds:
            yield Note(reader.say(key, count=count))
    if case.result_lost(house.now()):
        yield Text(reader.say("who.result_not_known", deadline=reader.when(case.retried_until())))
    if case.provider_text and not reader.hides(case):
        yield Quote(reader.say(_REPLY[case.medium]), reader.words(case.provider_text))


# What was typed is said again; longer than any address, it would push the answer out.
_LONGEST_ECHO = 320


def listing(
    house: House,
    key: GroupKey,
    pairs: Sequence[tuple[Case, str]],
    offset: int,
    seen: View,
    reader: Reader,
    *,
    more: bool,
    removable: bool,
) -> Message:
    """One page of a group; whoever may look up gets buttons that open a person."""
    title = reader.say("lookup.group", kind=reader.kind(key.kind, key.dropped_by))
    elements: list[Element] = [Heading(title)]
    early = waiting(house, [case for case, _ in pairs]) if removable else frozenset()
    for case, case_id in pairs:
        elements.append(Text(_line(house, case, reader)))
        may = removable and case.recipient not in early
        buttons = _row_buttons(house, case, case_id, reader, removable=may)
        if buttons:
            elements.append(Buttons(buttons))
    if not pairs:
        elements += _none_in(house, key, seen, reader)
    if more:
        verb = "removable" if removable else "list"
        elements.append(
            Buttons(
                (
                    Button(
                        label=reader.say("button.next_page"),
                        verb=verb,
                        subject=f"{key.text()}@{offset + len(pairs)}",
                    ),
                )
            )
        )
    if not reader.clear:
        elements.append(Note(reader.say("lookup.masked")))
    return Message(summary=title, elements=tuple(elements))


def _none_in(house: House, key: GroupKey, seen: View, reader: Reader) -> Iterable[Element]:
    keys = "lookup.none", "lookup.none_not_known"
    yield Text(none_found(house, seen, reader, keys, key.since))
    yield from gap_notes(seen, reader)


def _line(house: House, case: Case, reader: Reader) -> str:
    known = case.medium is Medium.EMAIL and not reader.hides(case)
    said = reader.say(
        "lookup.entry" if known else "lookup.entry_without_cause",
        recipient=shown(house, case.medium, case.recipient, reader),
        cause=reader.say(f"cause.{case.cause}"),
        count=case.times_seen,
        at=reader.when(case.last_seen),
    )
    if case.counted_alike > 1:
        said = reader.say("lookup.counted_alike", entry=said, count=case.counted_alike)
    if case.state is CaseState.GONE and case.gone_at:
        return reader.say("lookup.gone", entry=said, at=reader.when(case.gone_at))
    if case.state is not CaseState.DELIVERED or case.last_success is None:
        return said
    return reader.say("lookup.cleared", entry=said, at=reader.when(case.last_success))


def _row_buttons(
    house: House, case: Case, case_id: str, reader: Reader, *, removable: bool
) -> tuple[Button, ...]:
    if not reader.clear:
        return ()
    label = reader.say("button.details")
    opens = Button(
        label=label, verb="open", subject=case_id, describes=f"{label}: {case.recipient}"
    )
    if not removable or not reader.may_ask:
        return (opens,)
    membership = house.store.membership(house.tenant, case.recipient)
    if offer(case, membership) is not Offer.REMOVE:
        return (opens,)
    return opens, offered_button(Offer.REMOVE, case, case_id, reader)


def nobody(
    house: House,
    text: str,
    near: Sequence[tuple[Medium, str]],
    people: Sequence[Person],
    doubts: Sequence[Finding],
    seen: View,
    reader: Reader,
    *,
    whole: bool,
) -> Message:
    """Nothing found: until when we looked; then the junk folder, the bin, no address.

    A part of an address or a name (not `whole`) is nobody's, so nothing follows about mail.
    """
    short = text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"
    shown = short if reader.clear else reader.address(short)
    candidates = [reader.address(recipient) for _, recipient in near]
    candidates += [_person_line(person, reader) for person in people]
    if whole:
        said = none_found(house, seen, reader, ("who.none", "who.none_not_known"), recipient=shown)
        elements: list[Element] = [Text(said), Text(reader.say("who.none_advice"))]
        elements += _unseen(text, reader)
    else:
        said = reader.say("who.no_exact" if candidates else "who.none_like", typed=shown)
        elements = [Text(said)]
    if doubts:
        elements.append(Text(typed(doubts, reader)))
    if candidates:
        near_ones = listed(candidates, reader.locale)
        elements.append(Text(reader.say("who.near", candidates=near_ones)))
    elements += [*gap_notes(seen, reader), Note(coverage_line(seen, reader))]
    if candidates and not reader.clear:
        elements.append(Note(reader.say("lookup.masked")))
    return Message(summary=said, elements=tuple(elements))


def _person_line(person: Person, reader: Reader) -> str:
    recipient = person.email or person.line_works_id
    return (
        reader.say("lookup.named", name=person.name, recipient=reader.address(recipient))
        if recipient
        else person.name
    )


def lists_now(house: House, subject: str) -> Message | None:
    """The lists as the vendor answers now; completes an answer that was given from the store."""
    question = question_of(subject)
    if house.lists is None:
        return None
    reader = Reader(
        locale=question.locale,
        zone=house.zone,
        now=house.now(),
        clear=True,
        for_approvers=question.for_approvers,
    )
    try:
        membership = house.lists.holding(question.address)
    except VendorError:
        membership = Membership(unanswered=tuple(ListName))
    else:
        asked(house, question.address, membership, house.now())
    text = lists_line(membership, reader, asking=False)
    return Message(summary=text, elements=(Text(text),))


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which address to ask the lists about, and for whom. `asked_at` keeps each one its own."""

    address: str
    locale: str
    for_approvers: bool
    asked_at: datetime

    def subject(self) -> str:
        words = (self.locale, int(self.for_approvers), self.asked_at.isoformat(), self.address)
        return "|".join(map(str, words))


def question_of(subject: str) -> Question:
    """The inverse of Question.subject."""
    locale, for_approvers, asked_at, address = subject.split("|", 3)
    return Question(
        address=address,
        locale=locale,
        for_approvers=for_approvers == "1",
        asked_at=datetime.fromisoformat(asked_at),
    )
