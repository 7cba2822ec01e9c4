"""Parts of addresses, found by PostgreSQL's own groups of three characters."""

from __future__ import annotations

from typing import Any

from storage.failures import Medium
from storage.verbs.engine import Connection, Engine
from storage.verbs.patterns import containing


class Search(Engine):
    def _arrived(self, connection: Connection) -> None:
        """The index keeps itself."""

    def _unfindable(self, connection: Connection, recipients: list[tuple[int, str]]) -> None:
        """Nor does what is deleted stay in it."""

    def _containing(
        self, connection: Connection, tenant: str, medium: Medium, text: str, most: int
    ) -> list[Any]:
        return list(
            self._queries.recipients_containing(
                connection, tenant=tenant, medium=medium, pattern=containing(text), most=most
            )
        )
