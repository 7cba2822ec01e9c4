"""The approvers' card, what the asker is told, and the list of what is under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from handlers.conversation import (
    Button,
    Buttons,
    Confirm,
    Divider,
    Element,
    Facts,
    Heading,
    Message,
    Note,
    Quote,
    Style,
    Text,
)
from handlers.house import House
from handlers.people import may_decide, same_person
from handlers.show.lists import lists_line, named
from handlers.show.reader import Reader
from handlers.show.told import TOLD, UNDONE, outcome
from handlers.telling import is_direct, locale_in, name_of
from handlers.wishes import planned, wanted, wish_of
from storage.failures import Medium
from storage.lists import RECIPIENTS_WILL, ListName
from storage.requests import Action, Request, RequestState, ResendState

REMOVED = (ListName.BOUNCES,)


def card(house: House, request: Request, locale: str, *, clear: bool = False) -> Message:
    """The evidence, and two buttons while it is open; afterwards, what became of it.

    Without a channel of the approvers' own, others read it too.
    """
    among_approvers = clear or bool(house.policy.approval_channel)
    reader = Reader(
        locale=locale, zone=house.zone, now=house.now(), clear=clear, for_approvers=among_approvers
    )
    area = "removal" if request.action is Action.REMOVE else "resend"
    who = name_of(house, request.asked_by)
    count = _count(house, request)
    body = (
        _removal(house, request, reader)
        if area == "removal"
        else _resend(house, request, count, reader)
    )
    return Message(
        summary=reader.say(f"{area}.card.summary", who=who, count=count),
        elements=(
            Heading(reader.say(f"{area}.card.heading")),
            *body,
            *_joined(house, request, reader),
            Divider(),
            *_end(house, request, reader),
        ),
    )


def _joined(house: House, request: Request, reader: Reader) -> list[Element]:
    return [
        Note(reader.say("removal.card.joined", who=name_of(house, person)))
        for person, _ in request.joined
    ]


def _removal(house: House, request: Request, reader: Reader) -> list[Element]:
    address, lists = reader.address(request.subject), named(REMOVED, reader)
    who = name_of(house, request.asked_by)
    membership = house.store.membership(house.tenant, request.subject)
    elements: list[Element] = [
        Text(reader.say("removal.card.text", who=who, address=address, lists=lists)),
        Text(lists_line(membership, reader, asking=False)) if membership.read_at else Divider(),
        Facts(_evidence(house, request, reader)),
    ]
    case = house.store.case(house.tenant, Medium.EMAIL, request.subject)
    if case and case.provider_text and not reader.hides(case):
        words = reader.words(case.provider_text)
        elements.append(Quote(reader.say("fact.provider_text"), words))
    elements.append(Facts(_answers(request, reader)))
    if request.state is RequestState.OPEN:
        elements.append(Text(reader.say("removal.card.if_approved", lists=lists)))
        will = [one.name for one in membership.entries if one.name in RECIPIENTS_WILL]
        if will:
            elements.append(
                Text(reader.say("removal.card.still_listed", lists=named(will, reader)))
            )
    return elements


def _evidence(house: House, request: Request, reader: Reader) -> tuple[tuple[str, str], ...]:
    case = house.store.case(house.tenant, Medium.EMAIL, request.subject)
    earlier = [
        one
        for one in house.store.requests_about(house.tenant, Action.REMOVE, request.subject)
        if one.id != request.id and one.outcome
    ]
    pairs = []
    if case:
        pairs += [
            (reader.say("fact.kind"), reader.kind(case.kind, case.dropped_by)),
            (reader.say("fact.opened_at"), reader.when(case.opened_at)),
            (reader.say("fact.times_seen"), str(case.times_seen + case.drops)),
        ]
        if not reader.hides(case):
            pairs.append((reader.say("fact.cause"), reader.say(f"cause.{case.cause}")))
        if case.last_success:
            pairs.append((reader.say("fact.last_success"), reader.when(case.last_success)))
    pairs.append((reader.say("fact.earlier_removals"), str(len(earlier))))
    return tuple(pairs)


def _answers(request: Request, reader: Reader) -> tuple[tuple[str, str], ...]:
    """The asker's answers to the checks, and the note."""
    return tuple(
        (
            reader.say(f"fact.check.{key}"),
            reader.words(value) if key == "note" else reader.say(f"answer.{value}"),
        )
        for key, value in request.answers
        if value
    )


def _resend(house: House, request: Request, count: int, reader: Reader) -> list[Element]:
    wish = wish_of(request.subject)
    elements: list[Element] = [
        Text(
            reader.say(
                "resend.card.text",
                who=name_of(house, request.asked_by),
                count=count,
                first_at=reader.when(wish.since),
                last_at=reader.when(wish.until),
            )
        ),
        Facts(((reader.say("fact.kind"), reader.kind(wish.kinds[0], None)),)),
    ]
    if request.state is not RequestState.OPEN:
        return elements
    rows = planned(house, request.id, wanted(house, request.subject))
    due = [row.due_at for row in rows if row.state == "planned"]
    if due:
        elements.append(
            Text(reader.say("resend.card.if_approved", resend_at=reader.when(min(due))))
        )
    if len(rows) > len(due):
        elements.append(Text(reader.say("resend.card.too_late", count=len(rows) - len(due))))
    return elements


def _count(house: House, request: Request) -> int:
    if request.action is Action.REMOVE:
        return 1
    rows = house.store.resends(house.tenant, request.id)
    return len(rows) or len(wanted(house, request.subject))


def _end(house: House, request: Request, reader: Reader) -> list[Element]:
    """Buttons while it is open; then who decided, and what came of it."""
    if request.state is RequestState.OPEN:
        return [Buttons(_buttons(request, reader)), Note(reader.say("removal.card.not_by_asker"))]
    elements: list[Element] = [Text(text) for text in _decision(house, request, reader)]
    if request.state is RequestState.DONE or request.outcome_detail:
        elements.append(Text(outcome(house, request, reader)))
    return elements


def _buttons(request: Request, reader: Reader) -> tuple[Button, ...]:
    removing = request.action is Action.REMOVE
    confirm = Confirm(
        title=reader.say("decision.confirm_approve.title"),
        text=reader.say("decision.confirm_approve.text"),
        yes=reader.say("button.approve"),
        no=reader.say("button.cancel"),
    )
    buttons = [
        Button(
            label=reader.say("button.approve"),
            verb="approve",
            subject=request.id,
            style=Style.PRIMARY,
            confirm=confirm if removing else None,
        ),
        Button(label=reader.say("button.decline"), verb="decline", subject=request.id),
    ]
    if removing:
        buttons.append(
            Button(label=reader.say("button.details"), verb="details", subject=request.id)
        )
    return tuple(buttons)


def _decision(house: House, request: Request, reader: Reader) -> list[str]:
    if not request.decided_at:
        return []
    state = request.state
    key = state if state in UNDONE else "approved"
    return [
        reader.say(
            f"decision.{key}",
            who=name_of(house, request.decided_by) if request.decided_by else "",
            at=reader.when(request.decided_at),
            reason=reader.words(request.reason),
        )
    ]


def told(house: House, request: Request, topic: str, place: str) -> Message:
    """What an asker is told; masked where others read along."""
    reader = Reader(
        locale=locale_in(house, place), zone=house.zone, now=house.now(), clear=is_direct(place)
    )
    teller: Callable[[House, Request, Reader], str] = TOLD[topic]
    text = teller(house, request, reader)
    elements: tuple[Element, ...] = (Text(text), *_to_decide(house, request, topic, reader))
    return Message(summary=text.partition("\n")[0], elements=elements)


def _to_decide(house: House, request: Request, topic: str, reader: Reader) -> list[Element]:
    """What stayed without an answer may have arrived: a person sends it again or leaves it."""
    rows = house.store.resends(house.tenant, request.id) if topic == "outcome" else []
    if not any(row.state is ResendState.UNANSWERED for row in rows):
        return []
    labels = (("send_again", "resend_again"), ("leave_it", "resend_leave"))
    buttons = tuple(
        Button(label=reader.say(f"button.{word}"), verb=verb, subject=request.id)
        for word, verb in labels
    )
    return [Buttons(buttons)]


def pending(house: House, waiting: Sequence[Request], reader: Reader, person: str) -> Message:
    """Everything under way, with what the reader may do about it."""
    if not waiting:
        text = reader.say("pending.none")
        return Message(summary=text, elements=(Text(text),))
    elements: list[Element] = [Heading(reader.say("pending.heading"))]
    for request in waiting:
        line = _pending_line(house, request, reader)
        elements.append(Text(line))
        buttons = _pending_buttons(house, request, reader, person)
        if request.state is RequestState.OPEN and buttons:
            elements.append(Buttons(tuple(_told_apart(button, line) for button in buttons)))
    return Message(
        summary=reader.say("pending.summary", count=len(waiting)), elements=tuple(elements)
    )


def _pending_line(house: House, request: Request, reader: Reader) -> str:
    removing = request.action is Action.REMOVE
    return reader.say(
        "pending.removal" if removing else "pending.resend",
        address=reader.address(request.subject),
        count=_count(house, request),
        state=reader.say(f"request_state.{request.state}"),
        who=name_of(house, request.asked_by),
        at=reader.when(request.asked_at),
    )


def _pending_buttons(
    house: House, request: Request, reader: Reader, person: str
) -> tuple[Button, ...]:
    if same_person(house, person, request.asked_by):
        label = reader.say("button.withdraw")
        return (Button(label=label, verb="withdraw", subject=request.id),)
    joined = any(same_person(house, person, who) for who, _ in request.joined)
    return _buttons(request, reader) if not joined and may_decide(house, person) else ()


def _told_apart(button: Button, line: str) -> Button:
    """Every request of the list has a button of this label."""
    return replace(button, describes=f"{button.label}: {line}")
