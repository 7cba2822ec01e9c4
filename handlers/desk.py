"""Where both chat products bring what people say: typed words, presses, filled forms."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from handlers import asking, commands, correcting, digests, lookups
from handlers.conversation import Command, Filled, Message, Mistakes, Press, Reply
from handlers.groups import key_of
from handlers.house import House
from handlers.people import Role, profile, roles
from handlers.show import helping, refusals
from handlers.show.reader import Reader
from handlers.wording import say
from storage.digests import PostState
from storage.store import StorageBusyError


def command(house: House, asked: Command) -> Message:
    try:
        return commands.answer(house, asked)
    except StorageBusyError:
        return _busy(house, asked.person)


def press(house: House, pressed: Press) -> Reply | None:
    """One answer for the person who pressed; a button that we do not know says so."""
    act = _PRESSES.get(pressed.verb)
    if act is None:
        return helping.plain(say("stale.unknown", profile(house, pressed.person).locale))
    try:
        return act(house, pressed, reader_of(house, pressed))
    except StorageBusyError:
        return _busy(house, pressed.person)


def fill(house: House, filled: Filled) -> Message | Mistakes:
    reader = reader_of(house, filled)
    act = _FILLS.get(filled.verb)
    try:
        return act(house, filled, reader) if act else helping.plain(reader.say("stale.unknown"))
    except StorageBusyError:
        return _busy(house, filled.person)


def _busy(house: House, person: str) -> Message:
    return helping.plain(say("trouble.busy", profile(house, person).locale))


def reader_of(house: House, act: Press | Filled) -> Reader:
    """What this person may read where they are."""
    held = roles(house, act.person, act.place)
    shared = isinstance(act, Press) and act.shared
    return Reader(
        locale=profile(house, act.person).locale,
        zone=house.zone,
        now=house.now(),
        clear=bool(held & {Role.ADMIN, Role.APPROVER}) and not shared,
        for_approvers=Role.APPROVER in held and not shared,
        may_ask=Role.ADMIN in held,
    )


def trouble(house: House, person: str) -> tuple[Message, str]:
    """Our own fault, said plainly; second, the number that the log line carries too."""
    number = secrets.token_hex(3)
    locale = profile(house, person).locale
    return helping.plain(say("trouble.ours", locale, reference=number)), number


def too_late(house: House, person: str) -> Message:
    """A form could not be opened in time."""
    return helping.plain(say("trouble.form_not_opened", profile(house, person).locale))


def _list(house: House, pressed: Press, reader: Reader) -> Message:
    text, _, offset = pressed.subject.partition("@")
    key = key_of(text)
    if key is None or not (offset or "0").isdecimal():
        return helping.plain(reader.say("stale.unknown"))
    if not roles(house, pressed.person, pressed.place):
        return helping.plain(reader.say("no_role.open_list"))
    removable = pressed.verb == "removable"
    return lookups.listing(house, key, int(offset or 0), reader, removable=removable)


def _open(house: House, pressed: Press, reader: Reader) -> Message:
    return lookups.open_case(house, pressed.subject, pressed.person, reader, pressed.reply_to)


def _forward(house: House, pressed: Press, reader: Reader) -> Message:
    if pressed.shared:
        return helping.plain(reader.say("trouble.talk_only"))
    return lookups.forward(house, pressed.subject, pressed.person, reader)


def _post_again(house: House, pressed: Press, reader: Reader) -> Message:
    if Role.ADMIN not in roles(house, pressed.person):
        return helping.no_role(house, reader.locale)
    channel, _, day = pressed.subject.rpartition("/")
    posting = digests.post_again(house, channel, day)
    if posting is None:
        return helping.plain(reader.say("stale.unknown"))
    waits = posting.state is PostState.WAITING
    key = "stale.posted_soon" if waits else "stale.posted"
    return helping.plain(reader.say(key, at=reader.when(posting.claimed_at)))


@dataclass(frozen=True)
class _Guarded:
    """An act that may be refused: the refusal becomes a sentence."""

    act: Callable[[House, Press, Reader], Reply]

    def __call__(self, house: House, pressed: Press, reader: Reader) -> Reply:
        try:
            return self.act(house, pressed, reader)
        except asking.RefusedError as refusal:
            return refusals.message(house, refusal, reader)


def _filled(
    act: Callable[[House, Filled, Reader], Message | Mistakes],
) -> Callable[[House, Filled, Reader], Message | Mistakes]:
    def guarded(house: House, filled: Filled, reader: Reader) -> Message | Mistakes:
        try:
            return act(house, filled, reader)
        except asking.RefusedError as refusal:
            return refusals.message(house, refusal, reader)

    return guarded


_PRESSES: dict[str, Callable[[House, Press, Reader], Reply]] = {
    "list": _list,
    "removable": _list,
    "open": _open,
    "forward": _forward,
    "ask_remove": _Guarded(asking.removal_form),
    "ask_resend": _Guarded(asking.resend_of_case),
    "resend_group": _Guarded(asking.resend_of_group),
    "resend_again": _Guarded(asking.resend_again),
    "resend_leave": _Guarded(asking.resend_leave),
    "approve": _Guarded(asking.approve),
    "decline": _Guarded(asking.decline_form),
    "withdraw": _Guarded(asking.withdraw),
    "post_again": _post_again,
    "details": _Guarded(asking.details),
    "not_right": _Guarded(correcting.form),
    "undo_correction": _Guarded(correcting.undo),
}
_FILLS: dict[str, Callable[[House, Filled, Reader], Message | Mistakes]] = {
    "ask_remove": _filled(asking.removal),
    "decline": _filled(asking.decline),
    "not_right": _filled(correcting.correct),
}
