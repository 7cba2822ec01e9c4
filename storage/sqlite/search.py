"""Parts of addresses, found by their groups of three characters."""

from __future__ import annotations

from typing import Any

from storage.failures import Medium
from storage.verbs.engine import Connection, Engine

_GRAM = 3
# More of them narrow a search no further.
_MOST_GRAMS = 4
# Recipients are indexed so many at a time; a search reads those that are not yet.
NOT_INDEXED = 2000


class Search(Engine):
    def _arrived(self, connection: Connection) -> None:
        """Let strangers be found, when enough of them have come."""
        if self._queries.recipients_to_index(connection)[0] >= NOT_INDEXED:
            self._queries.index_recipients(connection)
            self._queries.indexed_recipients(connection)

    def _unfindable(self, connection: Connection, recipients: list[tuple[int, str]]) -> None:
        """A number may be given again: nobody may be found by another's address."""
        self._queries.unindex_recipients(
            connection, [(number, folded, number) for number, folded in recipients]
        )
        self._queries.index_ends(connection)

    def _containing(
        self, connection: Connection, tenant: str, medium: Medium, text: str, most: int
    ) -> list[Any]:
        asked = {"tenant": tenant, "medium": medium, "text": text, "most": most}
        return [
            *self._queries.recipients_with_grams(connection, **asked, grams=_grams(text)),
            *self._queries.recipients_not_indexed(connection, **asked),
        ]


def _grams(text: str) -> str:
    """Every group of three characters, as FTS5 asks for them."""
    starts = range(min(len(text) - _GRAM + 1, _MOST_GRAMS))
    groups = (text[at : at + _GRAM].replace('"', '""') for at in starts)
    return " AND ".join(f'"{group}"' for group in groups)
