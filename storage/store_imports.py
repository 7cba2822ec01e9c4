"""What every storage can do with files that people bring in; a part of `storage.store.Store`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from storage.imports import Import, ImportState, Part


class ImportStore(Protocol):
    def begin_import(self, tenant: str, begun: Import) -> None: ...
    def put_part(self, tenant: str, import_id: str, number: int, part: Part, now: datetime) -> bool:
        """Keep a part of a file that is being read."""
        ...

    def move_import(
        self,
        tenant: str,
        import_id: str,
        expected: ImportState,
        state: ImportState,
        now: datetime,
    ) -> bool: ...
    def next_part(self, tenant: str, import_id: str) -> tuple[int, Part] | None: ...
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
    ) -> bool: ...
    def drop_import(self, tenant: str, import_id: str) -> bool: ...
    def imports(self, tenant: str, state: ImportState) -> list[Import]: ...
    def import_of(self, tenant: str, import_id: str) -> Import | None: ...
