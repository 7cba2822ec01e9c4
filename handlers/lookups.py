"""Who was not reached, and what stands about one person on both media."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from handlers import hygiene
from handlers.conversation import Message
from handlers.coverage import lately, view
from handlers.findings import Found, Trace
from handlers.groups import GroupKey
from handlers.house import House
from handlers.people import may_look_up
from handlers.show import advice, cases, forwarding, helping
from handlers.show.reader import Reader
from handlers.situations import situation_of, struck
from handlers.surroundings import around, waits
from handlers.telling import notice
from storage.cases import CaseState
from storage.failures import Medium, fold_recipient
from storage.people import Person

PAGE = 10
# A UUID; those who sign in by an address may be called by that as well.
_LINE_WORKS_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def trace(house: House, medium: Medium, recipient: str) -> Trace:
    case = house.store.case(house.tenant, medium, recipient)
    email = medium is Medium.EMAIL
    reach = around(house, case) if case and case.state is CaseState.OPEN else None
    return Trace(
        medium=medium,
        recipient=recipient,
        case=case,
        case_id=house.store.case_ids(house.tenant, [case])[0] if case else "",
        last_success=house.store.last_success(house.tenant, medium, recipient),
        membership=house.store.membership(house.tenant, recipient) if email else None,
        reach=reach,
        removal_waits=bool(case and reach and waits(house, case, reach)),
        doubts=hygiene.of_case(house, case) if case and reach else (),
    )


def find(house: House, text: str) -> Found:
    """As it was typed, else with the full-width signs that an input method left made narrow."""
    found = _find(house, text)
    narrow = unicodedata.normalize("NFKC", text)
    return found if found.known or narrow == text else _find(house, narrow)


def _find(house: House, text: str) -> Found:
    """By address or LINE WORKS id, else by a name that only one person has."""
    for medium in Medium:
        person = house.store.person_of(house.tenant, medium, text)
        if person:
            return _of_person(house, person)
    traces = tuple(trace(house, medium, text) for medium in Medium)
    found = Found(person=None, traces=tuple(one for one in traces if one.case or one.last_success))
    if found.known:
        return found
    people = house.store.find_people(house.tenant, text, 2)
    return _of_person(house, people[0]) if len(people) == 1 else found


def is_whole(text: str) -> bool:
    """Whether it can be an address or a LINE WORKS id; a name, or a part of either, cannot."""
    local, _, domain = text.rpartition("@")
    return bool((local and domain) or _LINE_WORKS_ID.fullmatch(text))


def _of_person(house: House, person: Person) -> Found:
    wanted = ((Medium.EMAIL, person.email), (Medium.LINE_WORKS, person.line_works_id))
    return Found(
        person=person,
        traces=tuple(trace(house, medium, recipient) for medium, recipient in wanted if recipient),
    )


def who(house: House, text: str, reader: Reader, reply_to: str) -> Message:
    """The story of one person; the lists are completed from the vendor a moment later."""
    seen = lately(house)
    found = find(house, text)
    if not found.known:
        narrow = unicodedata.normalize("NFKC", text)
        near = house.store.similar(house.tenant, fold_recipient(narrow), 3)
        people = house.store.find_people(house.tenant, text, 4)
        doubts = hygiene.suspects(house, text) if "@" in narrow else ()
        whole = is_whole(narrow)
        return cases.nobody(house, text, near, people, doubts, seen, reader, whole=whole)
    address = next((one.recipient for one in found.traces if one.medium is Medium.EMAIL), "")
    asking = bool(address and house.lists)
    if asking:
        question = cases.Question(
            address=address,
            locale=reader.locale,
            for_approvers=reader.for_approvers,
            asked_at=house.now(),
        )
        waiting = notice("lists", question.subject(), reply_to, house.now())
        house.store.notify(house.tenant, [waiting])
        house.wake()
    return cases.who(house, found, seen, reader, asking=asking)


def open_case(house: House, case_id: str, person: str, reader: Reader, reply_to: str) -> Message:
    """`who` for the case behind a button."""
    case = house.store.case_by_id(house.tenant, case_id)
    if not may_look_up(house, person):
        return helping.no_role(house, reader.locale)
    if case is None:
        return helping.plain(reader.say("stale.unknown"))
    return who(house, case.recipient, reader, reply_to)


def forward(house: House, case_id: str, person: str, reader: Reader) -> Message:
    """The texts that can be forwarded about a case."""
    case = house.store.case_by_id(house.tenant, case_id)
    if not may_look_up(house, person):
        return helping.no_role(house, reader.locale)
    if case is None:
        return helping.plain(reader.say("stale.unknown"))
    one = trace(house, case.medium, case.recipient)
    known = struck(situation_of(house, case, one.membership), one.reach)
    chosen = advice.forwardable(one, case, known)
    if not chosen:
        return helping.plain(reader.say("forward.none"))
    return forwarding.shown(house, one, case, known, chosen, reader)


def listing(
    house: House, key: GroupKey, offset: int, reader: Reader, *, removable: bool = False
) -> Message:
    """One page of a group's people; `removable` leaves those for whom a removal can be asked."""
    seen = view(house, key.since, key.until)
    page = replace(key.query(), limit=PAGE + 1, offset=offset)
    found = house.store.cases(house.tenant, page)
    ids = house.store.case_ids(house.tenant, found)
    pairs = list(zip(found, ids, strict=True))
    return cases.listing(
        house, key, pairs[:PAGE], offset, seen, reader, more=len(found) > PAGE, removable=removable
    )
