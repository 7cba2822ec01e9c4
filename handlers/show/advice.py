"""What to do about one case: whose turn, the remedy, where to look, until when, what is on offer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from handlers.calendars import next_tokyo_day
from handlers.conversation import Bullets, Button, Buttons, Element, Note, Style, Text, Title
from handlers.findings import Trace
from handlers.forwarding import JUNK_FOLDER, Letter, letters
from handlers.house import House
from handlers.offers import Offer, is_private, offer, stays_stopped
from handlers.show.links import links
from handlers.show.reach import not_yet, sentence, steps
from handlers.show.reader import Reader
from handlers.situations import Situation, receiver_of
from handlers.wishes import CAPS, RATE_RESET, times_from
from handlers.wording import Remedy, receiver_says, remedy, when, where
from storage.cases import Case, CaseState
from storage.failures import Kind, Medium

_OFFERED: dict[Offer, tuple[str, str, Style]] = {
    Offer.REMOVE: ("request_removal", "ask_remove", Style.PLAIN),
    Offer.TOMORROW: ("resend_tomorrow", "ask_resend", Style.PRIMARY),
    Offer.SEND_AGAIN: ("send_again", "ask_resend", Style.PRIMARY),
}
# While SendGrid retries, only these are worth looking into.
_WHILE_RETRIED = frozenset(
    {"mailbox_full", "reputation_blocked", "auth_failure", "spam_detected", "throttled"}
)
_A_DAY, _HOURS = timedelta(days=1), timedelta(hours=2)
_WAIT = {
    "domain_not_found": _A_DAY,
    "connection_failed": _A_DAY,
    "server_error": _A_DAY,
    "server_error_at_provider": _A_DAY,
    "expired": _A_DAY,
    "other": _A_DAY,
    "throttled": _HOURS,
}
# So often in a row, over so long, an address may be out of use.
_IN_A_ROW, _OVER = 3, timedelta(days=7)
# A second server's refusal seldom comes later than that.
_AFTERWARDS = timedelta(hours=6)


def facts(one: Trace, case: Case, known: Situation, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Error type, cause, who received it, the last mail that was accepted, whose turn."""
    pairs = [(reader.say("fact.kind"), reader.kind(case.kind, case.dropped_by))]
    if case.medium is Medium.EMAIL and not reader.hides(case):
        filtered = known.entry == "unknown_or_filtered"
        cause = known.entry if filtered else case.cause
        pairs.append((reader.say("fact.cause"), reader.say(f"cause.{cause}")))
        if name := receiver_says(known.receiver, "name", reader.locale):
            pairs.append((reader.say("fact.receiver"), name))
    if case.state is CaseState.OPEN and one.last_success:
        pairs.append((reader.say("fact.last_success"), reader.when(one.last_success)))
    if case.state is CaseState.OPEN:
        whose = reader.say(f"mender.{known.mender}")
        pairs.append((reader.say("fact.mender"), whose))
    return tuple(pairs)


def advice(
    house: House, one: Trace, case: Case, known: Situation, reader: Reader
) -> Iterable[Element]:
    """Nothing for a case that is over, save where accepted mail can stay unseen."""
    if case.state is CaseState.OPEN:
        yield from _remedy(house, one, case, known, reader)
    elif case.state is CaseState.DELIVERED and (unseen := accepted(case.recipient, reader)):
        yield unseen
    buttons = list(_buttons(one, case, known, reader))
    if buttons:
        yield Buttons(tuple(buttons))


def accepted(recipient: str, reader: Reader) -> Note | None:
    """Why the recipient may not see mail that was accepted, where the receiver is known for it."""
    said = receiver_says(receiver_of("", recipient), "accepted", reader.locale)
    return Note(said) if said else None


def _remedy(
    house: House, one: Trace, case: Case, known: Situation, reader: Reader
) -> Iterable[Element]:
    reaches = sentence(one.reach, reader) if one.reach and not reader.hides(case) else ""
    found = remedy(
        case.medium,
        known.kind,
        known.dropped_by,
        known.entry,
        reader.locale,
        deadline=_told(_decided(house, case, known), house, reader),
        for_approvers=reader.for_approvers,
        looked=bool(reaches),
    )
    # Who acts first follows from how far it reaches.
    yield Text(found.meaning if known.moved else f"{found.meaning}\n{found.first}")
    if reaches:
        yield Text(reaches)
    in_order = (reaches and one.reach and steps(one.reach, reader)) or found.steps
    if in_order:
        yield Title(reader.say("fact.remedy"))
        yield Bullets(in_order, numbered=True)
    yield from _where(found, known, house, reader)
    yield Title(reader.say("fact.next"))
    yield Text("\n".join(_next(house, case, known, found, reader)))
    if before := _accepted_before(one, case):
        yield Note(reader.say("who.refused_after_all", at=reader.when(before)))
    yield Note(not_yet(case, reader) if one.removal_waits else found.offer_why)


def _where(found: Remedy, known: Situation, house: House, reader: Reader) -> Iterable[Element]:
    listed = known.facts.block_list if known.entry == "reputation_blocked" else ""
    lines: tuple[str, ...] = ()
    if known.kind is not Kind.DEFERRED or known.entry in _WHILE_RETRIED:
        lines = where(known.receiver, known.entry, reader.locale, block_list=listed)
    if lines:
        yield Title(reader.say("fact.where"))
        yield Bullets(lines)
    if pages := links(house.policy, found, known, reader):
        yield Text("\n".join(pages))


def _next(
    house: House, case: Case, known: Situation, found: Remedy, reader: Reader
) -> Iterable[str]:
    yield found.next
    until = _waited(case, known)
    if until and until > house.now():
        yield reader.say("who.wait_until", at=_told(until, house, reader))
    lasting = case.last_seen - case.opened_at >= _OVER
    if known.kind is Kind.SOFT_BOUNCE and case.times_seen >= _IN_A_ROW and lasting:
        yield reader.say("who.in_a_row", count=case.times_seen)


def _waited(case: Case, known: Situation) -> datetime | None:
    """Until when time alone may mend a refusal: as the server asks, else as experience has it."""
    if known.kind not in {Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE} or known.entry not in _WAIT:
        return None
    asked = known.facts.retry_after if known.entry == "throttled" else None
    return case.last_seen + (asked or _WAIT[known.entry])


def _decided(house: House, case: Case, known: Situation) -> datetime | None:
    """When a deferral ends, a rate is reset, a resend can leave; None once that is past."""
    if case.kind is Kind.DEFERRED and known.entry != "result_lost":
        return case.retried_until()
    if case.kind in CAPS and known.entry == "not_kept":
        return _still_ahead(next_tokyo_day(case.last_seen), house)
    if case.kind in CAPS:
        return next(times_from(house, max(next_tokyo_day(case.last_seen), house.now())))
    if case.kind is Kind.TOO_FREQUENT:
        return _still_ahead(case.last_seen + RATE_RESET, house)
    return None


def _still_ahead(moment: datetime, house: House) -> datetime | None:
    return moment if moment > house.now() else None


def _told(moment: datetime | None, house: House, reader: Reader) -> str:
    if moment is None:
        return ""
    return when(moment, reader.locale, house.zone, now=reader.now, zoned=True)


def _accepted_before(one: Trace, case: Case) -> datetime | None:
    """When a first server may have taken the very mail that a second one refused."""
    bounced = case.kind in {Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE}
    before = one.last_success
    return before if bounced and before and _soon_after(before, case.opened_at) else None


def _soon_after(before: datetime, moment: datetime) -> bool:
    return before <= moment <= before + _AFTERWARDS


def _buttons(one: Trace, case: Case, known: Situation, reader: Reader) -> Iterable[Button]:
    offered = Offer.NONE if one.removal_waits else offer(case, one.membership)
    if offered is not Offer.NONE and reader.may_ask:
        yield offered_button(offered, case, one.case_id, reader)
    if forwardable(one, case, known):
        yield _button("show_text", "forward", Style.PLAIN, case, one.case_id, reader)


def forwardable(one: Trace, case: Case, known: Situation) -> tuple[Letter, ...]:
    """The texts to forward about a case; of one that is over, where to look for the mail."""
    will = is_private(case.kind, case.dropped_by)
    if will or (one.membership and stays_stopped(one.membership)):
        return ()
    if case.state is CaseState.OPEN:
        return letters(known)
    accepted_mail = case.medium is Medium.EMAIL and case.state is CaseState.DELIVERED
    return (JUNK_FOLDER,) if accepted_mail else ()


def offered_button(offered: Offer, case: Case, case_id: str, reader: Reader) -> Button:
    word, verb, style = _OFFERED[offered]
    return _button(word, verb, style, case, case_id, reader)


def _button(word: str, verb: str, style: Style, case: Case, case_id: str, reader: Reader) -> Button:
    label = reader.say(f"button.{word}")
    return Button(
        label=label,
        verb=verb,
        subject=case_id,
        style=style,
        describes=f"{label}: {reader.address(case.recipient)}",
    )
