"""How a recipient is shown: in clear with a name, or masked."""

from __future__ import annotations

from handlers.house import House
from handlers.show.reader import Reader
from storage.failures import Medium


def shown(house: House, medium: Medium, recipient: str, reader: Reader) -> str:
    """The address; with its owner's name, or for LINE WORKS the name alone, where it is known."""
    person = house.store.person_of(house.tenant, medium, recipient) if reader.clear else None
    if person is None or not person.name:
        return reader.address(recipient)
    if medium is Medium.LINE_WORKS:
        return person.name
    return reader.say("lookup.named", name=person.name, recipient=recipient)
