"""Requests, and the messages they send again: every change is conditional on what stood before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.digests import Notice
from storage.failures import fold_recipient
from storage.requests import MOVES, Action, Request, RequestState, Resend, ResendState
from storage.rows import columns, to_ms, value_of
from storage.storable import listed
from storage.verbs.engine import Connection, Engine
from storage.verbs.notices import add_notices


class Requests(Engine):
    def ask(self, tenant: str, request: Request, notices: Sequence[Notice]) -> tuple[Request, bool]:
        folded = fold_recipient(request.subject)
        with self._writing(tenant) as connection:
            row = self._queries.request_under_way(
                connection, tenant=tenant, action=request.action, subject_folded=folded
            )
            if row:
                return value_of(Request, row), False
            if self._queries.request(connection, tenant=tenant, id=request.id):
                raise ValueError(f"there is a request {request.id} already; give it another id")
            self._queries.add_request(
                connection, tenant=tenant, subject_folded=folded, **columns(request)
            )
            add_notices(connection, self._queries, tenant, notices)
        return request, True

    def request(self, tenant: str, request_id: str) -> Request | None:
        with self._reading() as connection:
            row = self._queries.request(connection, tenant=tenant, id=request_id)
        return value_of(Request, row) if row else None

    def requests(
        self, tenant: str, states: Sequence[RequestState], limit: int = 50
    ) -> list[Request]:
        """The oldest first."""
        with self._reading() as connection:
            rows = self._queries.requests_in(
                connection, tenant=tenant, states=listed(states), most=limit
            )
            return [value_of(Request, row) for row in rows]

    def requests_about(self, tenant: str, action: Action, subject: str) -> list[Request]:
        """The newest first."""
        with self._reading() as connection:
            rows = self._queries.requests_about(
                connection, tenant=tenant, action=action, subject_folded=fold_recipient(subject)
            )
            return [value_of(Request, row) for row in rows]

    def watched(self, tenant: str) -> list[Request]:
        """The one whose watch ends first comes first."""
        with self._reading() as connection:
            rows = self._queries.requests_watched(connection, tenant=tenant)
            return [value_of(Request, row) for row in rows]

    def move(
        self,
        tenant: str,
        request_id: str,
        expected: RequestState,
        changed: Request,
        notices: Sequence[Notice] = (),
        resends: Sequence[Resend] = (),
    ) -> bool:
        """Raises ValueError for a move that `MOVES` does not know."""
        if changed.state is not expected and changed.state not in MOVES[expected]:
            raise ValueError(f"a request never goes from {expected} to {changed.state}")
        with self._writing(tenant) as connection:
            moved = self._queries.move_request(
                connection,
                **(columns(changed) | {"tenant": tenant, "id": request_id}),
                expected=expected,
            )
            if moved:
                add_notices(connection, self._queries, tenant, notices)
                add_resends(connection, self._queries, tenant, resends)
        return bool(moved)


class Resends(Engine):
    def resends(self, tenant: str, request_id: str) -> list[Resend]:
        with self._reading() as connection:
            rows = self._queries.resends_of(connection, tenant=tenant, request_id=request_id)
            return [value_of(Resend, row) for row in rows]

    def due_resends(self, tenant: str, now: datetime, limit: int) -> list[Resend]:
        """Planned for now or earlier, the earliest first."""
        with self._reading() as connection:
            rows = self._queries.resends_due(connection, tenant=tenant, now=to_ms(now), most=limit)
            return [value_of(Resend, row) for row in rows]

    def unsettled_resends(self, tenant: str) -> list[Resend]:
        """Marked as leaving: by a process that works on them, or by one that died."""
        with self._reading() as connection:
            rows = self._queries.resends_leaving(connection, tenant=tenant)
            return [value_of(Resend, row) for row in rows]

    def resends_settled(self, tenant: str, since: datetime, until: datetime) -> int:
        with self._reading() as connection:
            row = self._queries.resends_left(
                connection, tenant=tenant, since=to_ms(since), until=to_ms(until)
            )
        return int(row[0])

    def move_resend(
        self, tenant: str, resend_id: str, expected: ResendState, changed: Resend
    ) -> bool:
        with self._writing(tenant) as connection:
            moved = self._queries.move_resend(
                connection,
                **(columns(changed) | {"tenant": tenant, "id": resend_id}),
                expected=expected,
            )
        return bool(moved)


def add_resends(
    connection: Connection, queries: Any, tenant: str, resends: Sequence[Resend]
) -> None:
    queries.add_resend(connection, [columns(one) | {"tenant": tenant} for one in resends])
