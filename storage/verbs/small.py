"""Small things kept by name: facts about the installation, half-filled forms."""

from __future__ import annotations

from datetime import datetime

from storage.rows import to_ms
from storage.verbs.engine import Engine


class Small(Engine):
    def put_draft(self, tenant: str, person: str, draft: str, now: datetime) -> None:
        with self._writing(tenant) as connection:
            self._queries.put_draft(
                connection, tenant=tenant, person=person, draft=draft, put_at=to_ms(now)
            )

    def draft(self, tenant: str, person: str) -> str | None:
        with self._reading() as connection:
            row = self._queries.draft(connection, tenant=tenant, person=person)
        return str(row["draft"]) if row else None

    def drop_draft(self, tenant: str, person: str) -> bool:
        with self._writing(tenant) as connection:
            dropped = self._queries.drop_draft(connection, tenant=tenant, person=person)
        return bool(dropped)

    def fact(self, tenant: str, name: str) -> str | None:
        with self._reading() as connection:
            row = self._queries.fact(connection, tenant=tenant, name=name)
        return str(row["value"]) if row else None

    def put_fact(self, tenant: str, name: str, value: str) -> None:
        with self._writing(tenant) as connection:
            self._queries.put_fact(connection, tenant=tenant, name=name, value=value)
