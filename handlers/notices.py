"""Delivers notices: claimed, worded from the state of now, posted at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers import correcting
from handlers.alarming import alarm
from handlers.conversation import Message
from handlers.house import House, chat_of
from handlers.ports import VendorError
from handlers.requests import amend
from handlers.show import alarms, cases, requests
from handlers.telling import locale_in
from storage.digests import Notice, PostState
from storage.requests import Request

MAX_ATTEMPTS = 10
_FIRST_PAUSE = timedelta(seconds=5)
# The answer to one command can be completed for half an hour (Slack's response_url).
_ANSWER_LIVES = timedelta(minutes=29)


@dataclass(frozen=True)
class Delivery:
    """What leaves: posted anew, or concluding `ref`; `thread` is where it hangs."""

    message: Message
    ref: str = ""
    thread: str = ""


def deliver(house: House, waiting: Notice) -> None:
    """Tell one notice. A message that may be there already is never posted again by itself."""
    if not house.store.claim_notice(house.tenant, waiting.id):
        return
    notice = replace(waiting, attempts=waiting.attempts + 1)
    try:
        delivery = _worded(house, notice)
    except Exception:
        # Nothing has left: it may be worded anew, as often as a refusal is tried.
        house.store.settle_notice(house.tenant, _later(house, notice, 0))
        raise
    if delivery is None or not _in_time(house, notice):
        house.store.settle_notice(house.tenant, replace(notice, state=PostState.REFUSED))
        return
    try:
        ref = _leave(house, notice, delivery)
    except VendorError as error:
        _after_error(house, notice, delivery, error)
        return
    house.store.settle_notice(house.tenant, replace(notice, state=PostState.POSTED, ref=ref))
    if notice.topic == "card":
        amend(house, notice.subject, lambda request: replace(request, card=ref))


def _leave(house: House, notice: Notice, delivery: Delivery) -> str:
    chat = chat_of(house, notice.place)
    if delivery.ref:
        chat.conclude(delivery.ref, delivery.message)
        return delivery.ref
    return chat.post(notice.place, delivery.message, thread=delivery.thread)


def _in_time(house: House, notice: Notice) -> bool:
    return not notice.place.startswith("slack-reply:") or (
        house.now() - notice.due_at < _ANSWER_LIVES
    )


def _after_error(house: House, notice: Notice, delivery: Delivery, error: VendorError) -> None:
    """An edit may always be repeated; a post only when it certainly is not there."""
    if error.unanswered and not delivery.ref:
        settled = replace(notice, state=PostState.UNANSWERED)
    elif error.permanent:
        settled = replace(notice, state=PostState.REFUSED)
    else:
        settled = _later(house, notice, error.retry_after)
    house.store.settle_notice(house.tenant, settled)
    if notice.topic == "card" and settled.state is not PostState.WAITING:
        _tell_admins(house, settled, error.word)


def _later(house: House, notice: Notice, seconds: float) -> Notice:
    if notice.attempts >= MAX_ATTEMPTS:
        return replace(notice, state=PostState.REFUSED)
    pause = max(_FIRST_PAUSE * 2**notice.attempts, timedelta(seconds=seconds))
    return replace(notice, state=PostState.WAITING, due_at=house.now() + pause)


def _tell_admins(house: House, card: Notice, word: str) -> None:
    """Nobody would decide on a request whose card is not there."""
    alarm(
        house,
        f"card_{card.state}",
        house.now(),
        but=card.place if card.state is PostState.REFUSED else "",
        once=card.subject,
        place=card.place,
        word=word,
    )


def _worded(house: House, notice: Notice) -> Delivery | None:
    """None when there is nothing to say any more."""
    if notice.topic == "alarm":
        return Delivery(alarms.message(house, notice.subject, locale_in(house, notice.place)))
    if notice.topic == "lists":
        return _maybe(cases.lists_now(house, notice.subject))
    if notice.topic == "correction":
        return _maybe(_correction(house, notice))
    request = house.store.request(house.tenant, notice.subject.partition("/")[0])
    return _ABOUT_REQUESTS[notice.topic](house, request, notice) if request else None


def _maybe(message: Message | None) -> Delivery | None:
    return Delivery(message) if message else None


def _correction(house: House, notice: Notice) -> Message | None:
    """None where it has been moved on since: then another notice tells of that."""
    correction_id, _, state = notice.subject.partition("/")
    one = house.store.correction(house.tenant, correction_id)
    return correcting.ended(house, one) if one and one.state == state else None


def _card(house: House, request: Request, notice: Notice) -> Delivery:
    return Delivery(requests.card(house, request, locale_in(house, notice.place)))


def _card_end(house: House, request: Request, notice: Notice) -> Delivery | None:
    """A card that is not posted yet will say by itself what became of it."""
    if not request.card:
        return None
    return Delivery(requests.card(house, request, locale_in(house, notice.place)), ref=request.card)


def _told(house: House, request: Request, notice: Notice) -> Delivery:
    return Delivery(requests.told(house, request, notice.topic, notice.place))


def _verdict_card(house: House, request: Request, notice: Notice) -> Delivery:
    message = requests.told(house, request, "verdict", notice.place)
    return Delivery(message, thread=request.card)


_ABOUT_REQUESTS: dict[str, Callable[[House, Request, Notice], Delivery | None]] = {
    "card": _card,
    "card_end": _card_end,
    "decided": _told,
    "planned": _told,
    "cap_again": _told,
    "outcome": _told,
    "verdict": _told,
    "verdict_card": _verdict_card,
}


def settle_after_crash(house: House) -> int:
    """A notice that was leaving when the process died may be there."""
    claimed = house.store.claimed_notices(house.tenant)
    for notice in claimed:
        house.store.settle_notice(house.tenant, replace(notice, state=PostState.UNANSWERED))
    return len(claimed)
