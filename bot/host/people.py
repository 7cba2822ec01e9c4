"""`POST /people`: who is behind an address and a LINE WORKS id, and who has none on purpose."""

from __future__ import annotations

from dataclasses import dataclass

from bot.host.wire import Fields, PushError, Verdict, each, elements
from storage.people import Person

NAMES = ("id", "name", "email", "no_address", "line_works_id", "tag")


@dataclass(frozen=True, kw_only=True)
class PushedPeople:
    """One body: whom to store, and what each of its elements is told if they are stored."""

    people: tuple[Person, ...]
    verdicts: tuple[Verdict, ...]


def parse(raw_body: bytes) -> PushedPeople:
    """PushError for a body that cannot be read at all; a bad element spoils no other."""
    told = list(each(elements(raw_body), read, NAMES))
    return PushedPeople(
        people=tuple(person for _, person in told if person),
        verdicts=tuple(verdict for verdict, _ in told),
    )


def read(fields: Fields) -> tuple[Person, str]:
    person = Person(
        id=fields.needed("id", "send the id that the person has in your system"),
        name=fields.text("name"),
        email=fields.text("email"),
        no_address=fields.flag("no_address"),
        line_works_id=fields.text("line_works_id"),
        tag=fields.text("tag"),
    )
    if person.email and person.no_address:
        mend = "send an address, or no_address: true, not both"
        raise PushError("is given although there is none on purpose", field="email", mend=mend)
    if not (person.email or person.no_address or person.line_works_id):
        mend = "send an address; for a person without one on purpose, no_address: true"
        raise PushError("is missing", field="email", mend=mend)
    if person.email and "@" not in person.email:
        raise PushError("is no address", field="email", mend="send it as name@example.jp")
    return person, ""
