"""What people ask for and decide, press by press: forms, requests, decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.conversation import Ask, Choice, Filled, Form, Message, Mistakes, Press
from handlers.groups import key_of
from handlers.house import House
from handlers.hygiene import of_case
from handlers.offers import Offer, offer
from handlers.people import may_ask, may_decide
from handlers.requests import RefusedError, ask, ask_or_join, decidable, decide, draft
from handlers.requests import withdraw as take_back
from handlers.resends import leave, send_again
from handlers.show import helping, requests
from handlers.show.hygiene import before_removal
from handlers.show.lists import named
from handlers.show.reach import not_yet
from handlers.show.reader import Reader
from handlers.surroundings import waits
from handlers.telling import name_of
from handlers.wishes import CAPS, Wish, planned, wanted
from storage.cases import Case, CaseState
from storage.failures import Medium
from storage.lists import ListName
from storage.requests import Action, Request, RequestState, ResendState

NOTE_LIMIT = 500
# The four checks that the replaced screen asks for, in its order.
CHECKS = ("junk_folder", "free_space", "address", "allow_list")
ANSWERS = ("checked", "not_applicable", "not_checked")
_A_MOMENT = timedelta(seconds=1)

__all__ = ["RefusedError"]


def removal_form(house: House, pressed: Press, reader: Reader) -> Form | Message:
    """The four checks and a note, if a removal can be asked for at all."""
    case = _case_to_ask(house, pressed.person, pressed.subject)
    return _nothing_to_remove(house, case, reader) or _form(house, case, pressed.subject, reader)


def _nothing_to_remove(house: House, case: Case, reader: Reader) -> Message | None:
    """Asked again when the form comes back: much may have happened in between."""
    membership = house.store.membership(house.tenant, case.recipient)
    if offer(case, membership) is Offer.REMOVE:
        return helping.plain(not_yet(case, reader)) if waits(house, case) else None
    if case.medium is not Medium.EMAIL:
        return helping.plain(reader.say("stale.unknown"))
    if case.state is CaseState.GONE and case.gone_at:
        return helping.plain(reader.say("stale.gone", at=reader.when(case.gone_at)))
    if case.state is not CaseState.OPEN and case.last_success:
        return helping.plain(reader.say("stale.cleared", at=reader.when(case.last_success)))
    at = reader.when(membership.read_at or house.now())
    address = reader.address(case.recipient)
    return helping.plain(reader.say("removal.nothing_to_remove", address=address, read_at=at))


def _form(house: House, case: Case, case_id: str, reader: Reader) -> Form:
    options = tuple((answer, reader.say(f"answer.{answer}")) for answer in ANSWERS)
    checks = tuple(
        Choice(key=key, label=reader.say(f"removal.form.{key}"), options=options) for key in CHECKS
    )
    note = Ask(
        key="note",
        label=reader.say("removal.form.note"),
        hint=reader.say("removal.form.note_hint"),
        optional=True,
        max_length=NOTE_LIMIT,
    )
    lists = named([ListName.BOUNCES], reader)
    intro = reader.say("removal.form.intro", address=reader.address(case.recipient), lists=lists)
    doubts = before_removal(of_case(house, case), reader)
    return Form(
        verb="ask_remove",
        subject=case_id,
        title=reader.say("removal.form.title"),
        submit=reader.say("removal.form.submit"),
        cancel=reader.say("button.cancel"),
        intro=f"{intro}\n\n{doubts}" if doubts else intro,
        questions=(*checks, note),
    )


def _case_to_ask(house: House, person: str, case_id: str) -> Case:
    if not may_ask(house, person):
        raise RefusedError("no_role.look_up")
    case = house.store.case_by_id(house.tenant, case_id)
    if case is None:
        raise RefusedError("stale.unknown")
    return case


def removal(house: House, filled: Filled, reader: Reader) -> Message | Mistakes:
    """Ask for it, or join who asked before."""
    case = _case_to_ask(house, filled.person, filled.subject)
    if needless := _nothing_to_remove(house, case, reader):
        return needless
    mistakes = {
        key: reader.say("removal.form.choose")
        for key in CHECKS
        if filled.answers.get(key) not in ANSWERS
    }
    if mistakes:
        return Mistakes(by_question=mistakes)
    answers = tuple((key, filled.answers[key]) for key in CHECKS)
    note = filled.answers.get("note", "")[:NOTE_LIMIT]
    request = draft(
        house,
        action=Action.REMOVE,
        medium=Medium.EMAIL,
        subject=case.recipient,
        asked_by=filled.person,
        answers=(*answers, ("note", note)),
    )
    return _asked(house, request, "removal", reader, address=reader.address(case.recipient))


def _asked(house: House, request: Request, area: str, reader: Reader, **slots: object) -> Message:
    stored, fresh = ask(house, request)
    if fresh:
        return helping.plain(reader.say(f"{area}.asked", **slots))
    who, at = name_of(house, stored.asked_by), reader.when(stored.asked_at)
    return helping.plain(reader.say(f"{area}.joined", who=who, at=at, **slots))


def resend_of_case(house: House, pressed: Press, reader: Reader) -> Message:
    """Everything kept for one person's open case."""
    case = _case_to_ask(house, pressed.person, pressed.subject)
    wish = Wish(
        kinds=(case.kind,),
        since=case.opened_at,
        until=case.last_seen + _A_MOMENT,
        recipient=case.recipient,
    )
    return _resend(house, wish, pressed, reader)


def resend_of_group(house: House, pressed: Press, reader: Reader) -> Message:
    """Everything kept of one error type in the digest's period."""
    key = key_of(pressed.subject)
    if not may_ask(house, pressed.person):
        raise RefusedError("no_role.look_up")
    if key is None:
        raise RefusedError("stale.unknown")
    wish = Wish(kinds=(key.kind,), since=key.since, until=key.until, learnt=key.learnt)
    return _resend(house, wish, pressed, reader)


def _resend(house: House, wish: Wish, pressed: Press, reader: Reader) -> Message:
    """An approver decides about a daily cap; the rest goes by the asker's own word."""
    request = draft(
        house,
        action=Action.RESEND,
        medium=Medium.LINE_WORKS,
        subject=wish.subject(),
        asked_by=pressed.person,
    )
    messages = wanted(house, request.subject)
    if house.sender is None:
        return helping.plain(reader.say("trouble.not_connected", source="LINE WORKS"))
    if not messages:
        return helping.plain(reader.say("resend.nothing"))
    rows = planned(house, request.id, messages)
    due = [row.due_at for row in rows if row.state is ResendState.PLANNED]
    if not due:
        return helping.plain(reader.say("resend.too_late", count=len(rows)))
    at = reader.when(min(due))
    if not CAPS.isdisjoint(wish.kinds):
        return _asked(house, request, "resend", reader, count=len(due), resend_at=at)
    approved = replace(request, state=RequestState.APPROVED, decided_at=house.now())
    stored, fresh = ask_or_join(house, approved, [])
    if not fresh:
        who, asked_at = name_of(house, stored.asked_by), reader.when(stored.asked_at)
        return helping.plain(reader.say("resend.joined", who=who, at=asked_at))
    return helping.plain(reader.say("send_again.accepted", count=len(due), at=at))


def resend_again(house: House, pressed: Press, reader: Reader) -> Message:
    """Once more what stayed without an answer: it may arrive twice, so a person says so."""
    if not may_ask(house, pressed.person):
        raise RefusedError("no_role.look_up")
    count = send_again(house, pressed.subject)
    if not count:
        raise RefusedError("stale.unknown")
    rows = house.store.resends(house.tenant, pressed.subject)
    at = min((row.due_at for row in rows if row.state is ResendState.PLANNED), default=house.now())
    return helping.plain(reader.say("send_again.accepted", count=count, at=reader.when(at)))


def resend_leave(house: House, pressed: Press, reader: Reader) -> Message:
    if not may_ask(house, pressed.person):
        raise RefusedError("no_role.look_up")
    if not leave(house, pressed.subject):
        raise RefusedError("stale.unknown")
    who, at = name_of(house, pressed.person), reader.when(house.now())
    return helping.plain(reader.say("send_again.left", who=who, at=at))


def approve(house: House, pressed: Press, reader: Reader) -> Message:
    request = decide(house, pressed.subject, pressed.person, yes=True)
    at = reader.when(request.decided_at or house.now())
    who = name_of(house, pressed.person)
    return helping.plain(reader.say("decision.approved", who=who, at=at))


def decline_form(house: House, pressed: Press, reader: Reader) -> Form:
    """The reason, which the asker will read."""
    request = decidable(house, pressed.subject, pressed.person)
    return Form(
        verb="decline",
        subject=request.id,
        title=reader.say("decline.form.title"),
        submit=reader.say("decline.form.submit"),
        cancel=reader.say("button.cancel"),
        intro=reader.say("decline.form.intro"),
        questions=(
            Ask(
                key="reason",
                label=reader.say("decline.form.reason"),
                hint=reader.say("decline.form.reason_hint"),
                max_length=NOTE_LIMIT,
            ),
        ),
    )


def decline(house: House, filled: Filled, reader: Reader) -> Message | Mistakes:
    reason = filled.answers.get("reason", "").strip()
    if not reason:
        return Mistakes(by_question={"reason": reader.say("decline.form.reason_missing")})
    request = decide(house, filled.subject, filled.person, yes=False, reason=reason[:NOTE_LIMIT])
    at = reader.when(request.decided_at or house.now())
    who = name_of(house, filled.person)
    return helping.plain(
        reader.say("decision.declined", who=who, at=at, reason=reader.words(request.reason))
    )


def withdraw(house: House, pressed: Press, reader: Reader) -> Message:
    request = take_back(house, pressed.subject, pressed.person)
    address = reader.address(request.subject) if request.action is Action.REMOVE else ""
    key = "decision.withdrawn_by_you" if address else "resend.withdrawn_by_you"
    return helping.plain(reader.say(key, address=address))


def details(house: House, pressed: Press, reader: Reader) -> Message:
    """The card in clear, for the approver alone."""
    request = house.store.request(house.tenant, pressed.subject)
    if not may_decide(house, pressed.person):
        raise RefusedError("no_role.decide")
    if request is None:
        raise RefusedError("stale.unknown")
    return requests.card(house, request, reader.locale, clear=not pressed.shared)
