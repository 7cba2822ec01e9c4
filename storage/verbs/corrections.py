"""Corrections with the wordings they are made of, and the audit that tells of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from storage.audit import Act, Audited
from storage.corrections import MOVES, Correction, CorrectionState, Wording
from storage.digests import Notice
from storage.rereading import Reread
from storage.rows import columns, to_ms, value_of
from storage.storable import listed
from storage.verbs.engine import Connection, Engine
from storage.verbs.notices import add_notices
from storage.verbs.rereading import keep


class _OvertakenError(Exception):
    """Somebody else moved it first; the transaction must leave nothing."""


class Corrections(Engine):
    def keep_wording(self, tenant: str, wording: Wording, now: datetime) -> None:
        with self._writing(tenant) as connection:
            self._queries.keep_wording(
                connection, tenant=tenant, kept_at=to_ms(now), **columns(wording)
            )

    def wording(self, tenant: str, wording_id: str) -> Wording | None:
        with self._reading() as connection:
            row = self._queries.wording(connection, tenant=tenant, id=wording_id)
        return value_of(Wording, row) if row else None

    def forget_wordings(self, tenant: str, before: datetime) -> int:
        """Forget those that nobody corrected in time."""
        with self._writing(tenant) as connection:
            forgotten: int = self._queries.forget_wordings(
                connection, tenant=tenant, before=to_ms(before)
            )
        return forgotten

    def correct(self, tenant: str, correction: Correction) -> None:
        acts = [_act(correction, Act.CORRECTED, correction.id)]
        with self._writing(tenant) as connection:
            row = self._queries.correction_standing(
                connection, tenant=tenant, wording=correction.wording
            )
            if row:
                self._queries.replace_correction(connection, tenant=tenant, id=row["id"])
                acts.insert(0, _act(correction, Act.REPLACED, row["id"]))
            self._queries.add_correction(connection, tenant=tenant, **columns(correction))
            add_acts(connection, self._queries, tenant, acts)

    def correction(self, tenant: str, correction_id: str) -> Correction | None:
        with self._reading() as connection:
            row = self._queries.correction(connection, tenant=tenant, id=correction_id)
        return value_of(Correction, row) if row else None

    def corrections(
        self, tenant: str, states: Sequence[CorrectionState] = tuple(CorrectionState)
    ) -> list[Correction]:
        """The newest first."""
        with self._reading() as connection:
            rows = self._queries.corrections_in(connection, tenant=tenant, states=listed(states))
            return [value_of(Correction, row) for row in rows]

    def standing_corrections(self, tenant: str) -> frozenset[str]:
        with self._reading() as connection:
            rows = self._queries.standing_corrections(connection, tenant=tenant)
            return frozenset(row["id"] for row in rows)

    def corrections_of(self, tenant: str, wordings: Collection[str]) -> list[Correction]:
        with self._reading() as connection:
            rows = self._queries.corrections_of(
                connection, tenant=tenant, wordings=listed(sorted(wordings))
            )
            return [value_of(Correction, row) for row in rows]

    def move_correction(
        self,
        tenant: str,
        expected: Correction,
        changed: Correction,
        rereads: Sequence[Reread] = (),
        notices: Sequence[Notice] = (),
        acts: Sequence[Audited] = (),
    ) -> bool:
        """Raises ValueError for a move that `MOVES` does not know."""
        if changed.state is not expected.state and changed.state not in MOVES[expected.state]:
            raise ValueError(f"a correction never goes from {expected.state} to {changed.state}")
        try:
            with self._writing(tenant) as connection:
                count = keep(connection, self._queries, tenant, rereads)
                counted = replace(changed, relabelled=changed.relabelled + count)
                self._move(connection, tenant, expected, counted)
                add_notices(connection, self._queries, tenant, notices)
                add_acts(connection, self._queries, tenant, acts)
        except _OvertakenError:
            return False
        return True

    def _move(
        self, connection: Connection, tenant: str, expected: Correction, changed: Correction
    ) -> None:
        moved = self._queries.move_correction(
            connection,
            tenant=tenant,
            id=expected.id,
            expected=expected.state,
            seen=expected.cursor,
            state=changed.state,
            cursor=changed.cursor,
            relabelled=changed.relabelled,
            undone_by=changed.undone_by,
            undone_at=columns(changed)["undone_at"],
        )
        if not moved:
            raise _OvertakenError

    def audited(self, tenant: str, limit: int = 50) -> list[Audited]:
        """The newest first."""
        with self._reading() as connection:
            rows = self._queries.acts(connection, tenant=tenant, most=limit)
            return [value_of(Audited, row) for row in rows]


def _act(correction: Correction, act: Act, about: str) -> Audited:
    return Audited(at=correction.made_at, who=correction.author, act=act, about=about)


def add_acts(connection: Connection, queries: Any, tenant: str, acts: Sequence[Audited]) -> None:
    queries.add_act(connection, [columns(one) | {"tenant": tenant} for one in acts])
