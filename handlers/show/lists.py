"""Which suppression lists hold an address, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.show.reader import Reader
from handlers.wording import listed
from storage.lists import RECIPIENTS_WILL, ListName, Membership


def lists_line(membership: Membership, reader: Reader, *, asking: bool) -> str:
    """From the store with its time, or as the vendor answers now; says what did not answer."""
    said = _on_record(membership, reader) if asking else _now(membership, reader)
    if membership.unanswered and not asking:
        names = named(membership.unanswered, reader)
        missing = reader.say("who.lists_unanswered", lists=names)
        return f"{said}\n{missing}" if said else missing
    return said


def _on_record(membership: Membership, reader: Reader) -> str:
    if membership.read_at is None:
        return reader.say("who.lists_never_read")
    names = named([entry.name for entry in membership.entries], reader)
    key = "who.lists_on_record" if names else "who.no_list_on_record"
    return reader.say(key, lists=names, read_at=reader.when(membership.read_at))


def _now(membership: Membership, reader: Reader) -> str:
    if membership.read_at is None:
        return ""
    names = named([entry.name for entry in membership.entries], reader)
    key = "who.lists_now" if names else "who.no_list_now"
    return reader.say(key, lists=names, read_at=reader.when(membership.read_at))


def named(names: Iterable[ListName], reader: Reader) -> str:
    """The lists' names; those that tell a recipient's will are one for whoever may not know."""
    labels = {
        reader.say("list.stopped_by_recipient")
        if name in RECIPIENTS_WILL and not reader.for_approvers
        else reader.say(f"list.{name}"): None
        for name in names
    }
    return listed(list(labels), reader.locale)
