"""Imported files: their parts wait beside the failures until the whole file has been read."""

from __future__ import annotations

from datetime import datetime

import msgspec

from storage.imports import Import, ImportState, Part
from storage.rows import columns, to_ms, value_of
from storage.verbs.engine import Engine

_PART = msgspec.json.Decoder(Part)


class Imports(Engine):
    def begin_import(self, tenant: str, begun: Import) -> None:
        with self._writing(tenant) as connection:
            self._queries.begin_import(connection, tenant=tenant, **columns(begun))

    def put_part(self, tenant: str, import_id: str, number: int, part: Part, now: datetime) -> bool:
        """False when the file is no longer being read: nothing was kept."""
        with self._writing(tenant) as connection:
            reading: int = self._queries.touch_import(
                connection, tenant=tenant, id=import_id, state=ImportState.READING, now=to_ms(now)
            )
            if reading:
                self._queries.put_part(
                    connection,
                    tenant=tenant,
                    import_id=import_id,
                    number=number,
                    part=msgspec.json.encode(part).decode(),
                )
        return bool(reading)

    def move_import(
        self,
        tenant: str,
        import_id: str,
        expected: ImportState,
        state: ImportState,
        now: datetime,
    ) -> bool:
        with self._writing(tenant) as connection:
            moved: int = self._queries.move_import(
                connection,
                tenant=tenant,
                id=import_id,
                expected=expected,
                state=state,
                now=to_ms(now),
            )
        return bool(moved)

    def next_part(self, tenant: str, import_id: str) -> tuple[int, Part] | None:
        with self._reading() as connection:
            row = self._queries.next_part(connection, tenant=tenant, import_id=import_id)
        return (row["number"], _PART.decode(row["part"])) if row else None

    def part_recorded(
        self,
        tenant: str,
        import_id: str,
        number: int,
        now: datetime,
        *,
        new: int,
        repeated: int,
        people: int,
    ) -> bool:
        """Forget the part and count it; false when somebody else already has."""
        with self._writing(tenant) as connection:
            dropped: int = self._queries.drop_part(
                connection, tenant=tenant, import_id=import_id, number=number
            )
            if dropped:
                self._queries.count_part(
                    connection,
                    tenant=tenant,
                    id=import_id,
                    now=to_ms(now),
                    new=new,
                    repeated=repeated,
                    people=people,
                )
        return bool(dropped)

    def drop_import(self, tenant: str, import_id: str) -> bool:
        """Forget one that is not WHOLE: its parts, or what is remembered of it."""
        with self._writing(tenant) as connection:
            dropped: int = self._queries.drop_import(connection, tenant=tenant, id=import_id)
            if dropped:
                self._queries.drop_parts(connection, tenant=tenant, import_id=import_id)
        return bool(dropped)

    def imports(self, tenant: str, state: ImportState) -> list[Import]:
        """The oldest first."""
        with self._reading() as connection:
            rows = self._queries.imports(connection, tenant=tenant, state=state)
            return [value_of(Import, row) for row in rows]

    def import_of(self, tenant: str, import_id: str) -> Import | None:
        with self._reading() as connection:
            row = self._queries.one_import(connection, tenant=tenant, id=import_id)
        return value_of(Import, row) if row else None
