"""Small things kept by name: coverage, facts about the installation, half-filled forms."""

from __future__ import annotations

from datetime import datetime

from storage.coverage import Coverage
from storage.rows import columns, to_ms, value_of
from storage.sqlite.engine import Engine


class Small(Engine):
    def cover(self, tenant: str, coverage: Coverage) -> None:
        with self._writing() as connection:
            self._queries.cover(connection, tenant=tenant, **columns(coverage))

    def coverage(self, tenant: str) -> list[Coverage]:
        with self._reading() as connection:
            return [
                value_of(Coverage, row) for row in self._queries.coverage(connection, tenant=tenant)
            ]

    def put_draft(self, tenant: str, person: str, draft: str, now: datetime) -> None:
        with self._writing() as connection:
            self._queries.put_draft(
                connection, tenant=tenant, person=person, draft=draft, put_at=to_ms(now)
            )

    def draft(self, tenant: str, person: str) -> str | None:
        with self._reading() as connection:
            row = self._queries.draft(connection, tenant=tenant, person=person)
        return str(row["draft"]) if row else None

    def drop_draft(self, tenant: str, person: str) -> bool:
        with self._writing() as connection:
            dropped = self._queries.drop_draft(connection, tenant=tenant, person=person)
        return bool(dropped)

    def fact(self, tenant: str, name: str) -> str | None:
        with self._reading() as connection:
            row = self._queries.fact(connection, tenant=tenant, name=name)
        return str(row["value"]) if row else None

    def put_fact(self, tenant: str, name: str, value: str) -> None:
        with self._writing() as connection:
            self._queries.put_fact(connection, tenant=tenant, name=name, value=value)
