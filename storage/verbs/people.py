"""Who is behind an address and an id."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from storage.failures import Medium, fold_recipient
from storage.people import Person
from storage.rows import Column, columns, value_of
from storage.storable import storable
from storage.verbs.engine import Engine
from storage.verbs.patterns import containing


class People(Engine):
    def put_people(self, tenant: str, people: Sequence[Person]) -> int:
        """Insert or replace; answers how many that changed."""
        with self._writing(tenant) as connection:
            return sum(
                self._queries.put_person(connection, tenant=tenant, **_row(person))
                for person in people
            )

    def person_of(self, tenant: str, medium: Medium, recipient: str) -> Person | None:
        """Where several people share an address, the one whose id sorts first."""
        folded = fold_recipient(recipient)
        if not folded:
            return None
        find = {
            Medium.EMAIL: self._queries.person_by_email,
            Medium.LINE_WORKS: self._queries.person_by_line_works_id,
        }[medium]
        with self._reading() as connection:
            row = find(connection, tenant=tenant, folded=folded)
        return value_of(Person, row) if row else None

    def find_people(self, tenant: str, text: str, limit: int = 5) -> list[Person]:
        """By name, id, address or LINE WORKS id: equal ones first, then those that contain it."""
        folded, name = fold_recipient(text), fold_name(text)
        if not name:
            return []
        with self._reading() as connection:
            rows = self._queries.people_like(
                connection,
                tenant=tenant,
                folded=folded,
                name=name,
                pattern=containing(folded),
                name_pattern=containing(name),
                most=limit,
            )
            return [value_of(Person, row) for row in rows]


def fold_name(name: str) -> str:
    """Compared without blanks and widths: people write 山田太郎 and 山田　太郎."""
    return "".join(unicodedata.normalize("NFKC", storable(name)).casefold().split())


def _row(person: Person) -> dict[str, Column]:
    return columns(person) | {
        "id_folded": fold_recipient(person.id),
        "name_folded": fold_name(person.name),
        "email_folded": fold_recipient(person.email),
        "line_works_folded": fold_recipient(person.line_works_id),
    }
