"""The texts to forward, each set apart so that it can be copied whole."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation import Element, Heading, Message, Passage, Text
from handlers.findings import Trace
from handlers.forwarding import JUNK_FOLDER, Letter, written
from handlers.house import House
from handlers.show.lists import named
from handlers.show.reader import Reader
from handlers.situations import Situation
from storage.cases import Case
from storage.failures import Mender


def shown(
    house: House, one: Trace, case: Case, known: Situation, chosen: Sequence[Letter], reader: Reader
) -> Message:
    """For whom each text is, and by which way it must travel."""
    heading = reader.say("forward.heading")
    elements: list[Element] = [Heading(heading)]
    entries = one.membership.entries if one.membership else ()
    lists = named([entry.name for entry in entries], reader) if entries else ""
    for each in chosen:
        elements.append(Text(_to_whom(each, case, reader)))
        text = written(
            each,
            case,
            known,
            house.policy,
            locale=reader.locale,
            zone=house.zone,
            now=house.now(),
            reach=one.reach,
            lists=lists,
        )
        elements.append(Passage(text))
    return Message(summary=heading, elements=tuple(elements))


def _to_whom(chosen: Letter, case: Case, reader: Reader) -> str:
    if chosen == JUNK_FOLDER:
        return reader.say("forward.to_who_cannot_find_it")
    if chosen.to is Mender.RECIPIENT:
        return reader.say("forward.to_recipient", address=reader.address(case.recipient))
    return reader.say("forward.to", mender=reader.say(f"mender.{chosen.to}"))
