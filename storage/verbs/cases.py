"""Cases and their groups, as a period and a few filters choose them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from storage.cases import Case
from storage.failures import Cause, DroppedBy, Kind, Medium, fold_recipient
from storage.rows import Column, from_ms, to_ms
from storage.storable import listed
from storage.verbs.arrivals import HOUR
from storage.verbs.engine import Connection, Engine
from storage.verbs.shapes import case_of_row
from storage.views import Alike, CaseQuery, Group

# People can edit what a button says.
_CASE_ID = re.compile(r"[0-9a-f]{1,15}-[0-9a-f]{16}")
_BEFORE_EVERYTHING = 0
_AFTER_EVERYTHING = 2**62
_NO_LIMIT = 2**62


class Cases(Engine):
    def case(self, tenant: str, medium: Medium, recipient: str) -> Case | None:
        with self._reading() as connection:
            found = self._queries.recipient(
                connection, tenant=tenant, medium=medium, folded=fold_recipient(recipient)
            )
            row = found and self._queries.case_of(connection, recipient_id=found["id"])
        return case_of_row(row) if row else None

    def case_ids(self, tenant: str, cases: Sequence[Case]) -> list[str]:
        """A row's number with its random token, so that finding it needs no further index."""
        folded: dict[Medium, list[str]] = defaultdict(list)
        for case in cases:
            folded[case.medium].append(fold_recipient(case.recipient))
        ids = {}
        with self._reading() as connection:
            for medium, wanted in folded.items():
                for row in self._queries.case_ids_of(
                    connection, tenant=tenant, medium=medium, folded=listed(wanted)
                ):
                    ids[medium, row["folded"]] = f"{row['recipient_id']:x}-{row['token']}"
        return [ids[case.medium, fold_recipient(case.recipient)] for case in cases]

    def case_by_id(self, tenant: str, case_id: str) -> Case | None:
        if not _CASE_ID.fullmatch(case_id):
            return None
        number, _, token = case_id.partition("-")
        recipient_id = int(number, 16)
        with self._reading() as connection:
            found = self._queries.case_token(connection, tenant=tenant, recipient_id=recipient_id)
            if not found or found["token"] != token:
                return None
            return case_of_row(self._queries.case_of(connection, recipient_id=recipient_id))

    def cases(self, tenant: str, query: CaseQuery) -> list[Case]:
        """The last seen first."""
        with self._reading() as connection:
            rows = self._rows(connection, tenant, query, query.offset + query.limit)
            return [case_of_row(row) for row in islice(rows, query.offset, None)]

    def each_case(self, tenant: str, query: CaseQuery) -> Iterator[Case]:
        """All of them, limit or not, as they stood when the first was read."""
        with self._lasting_reader() as connection:
            yield from map(case_of_row, self._rows(connection, tenant, query, None))

    def _rows(
        self, connection: Connection, tenant: str, query: CaseQuery, most: int | None
    ) -> Iterator[Any]:
        """The first `most` that are asked for, or all of them."""
        filters = _filters(tenant, query)
        if query.learnt:
            limit = _NO_LIMIT if most is None else most
            yield from self._queries.cases_learnt(connection, **filters, most=limit)
            return
        # Hour by hour, so that a page of the newest need not sort what came before them.
        rows = (
            row
            for hour in self._hours(connection, tenant, query.since)
            for row in self._queries.cases_of_hour(
                connection, **filters, hour=hour, most=_NO_LIMIT if most is None else most
            )
        )
        yield from islice(rows, most)

    def _hours(self, connection: Connection, tenant: str, since: datetime | None) -> Iterator[int]:
        """The hours in which somebody failed, the newest first, down to that of `since`."""
        first = _ms(since, _BEFORE_EVERYTHING) // HOUR
        hour = _AFTER_EVERYTHING
        while True:
            (hour,) = self._queries.hour_before(connection, tenant=tenant, hour=hour)
            if hour is None or hour < first:
                return
            yield hour

    def groups(self, tenant: str, query: CaseQuery) -> list[Group]:
        """The largest first, whatever the query's limit."""
        with self._reading() as connection:
            return [
                Group(
                    medium=Medium(row["medium"]),
                    kind=Kind(row["kind"]),
                    dropped_by=DroppedBy(row["dropped_by"]) if row["dropped_by"] else None,
                    cause=Cause(row["cause"]),
                    count=row["count"],
                    new=row["new"],
                    oldest=from_ms(row["oldest"]),
                    newest=from_ms(row["newest"]),
                )
                for row in self._queries.groups_where(
                    connection,
                    **_filters(tenant, query),
                    **_new_from(query),
                    learnt=int(query.learnt),
                )
            ]

    def alike(self, tenant: str, query: CaseQuery, began: datetime | None = None) -> list[Alike]:
        if query.until is None:
            raise ValueError("days are counted back from the end of the query: give it `until`")
        with self._reading() as connection:
            return [
                Alike(
                    medium=Medium(row["medium"]),
                    kind=Kind(row["kind"]),
                    dropped_by=DroppedBy(row["dropped_by"]) if row["dropped_by"] else None,
                    cause=Cause(row["cause"]),
                    domain=row["domain"],
                    days_ago=row["days_ago"],
                    count=row["count"],
                    reached=row["reached"],
                    first_at=from_ms(row["first_at"]),
                    last_at=from_ms(row["last_at"]),
                    example=row["example"],
                )
                for row in self._queries.alike_where(
                    connection,
                    **_filters(tenant, query),
                    learnt=int(query.learnt),
                    began=_ms(began, _BEFORE_EVERYTHING),
                    days_end=to_ms(query.until),
                    most=query.limit,
                )
            ]


def _new_from(query: CaseQuery) -> dict[str, Column]:
    since = _ms(query.since, _BEFORE_EVERYTHING)
    opened, known = (_BEFORE_EVERYTHING, since) if query.learnt else (since, _BEFORE_EVERYTHING)
    return {"opened_since": opened, "known_since": known}


def _filters(tenant: str, query: CaseQuery) -> dict[str, Column]:
    asked = _ms(query.since, _BEFORE_EVERYTHING), _ms(query.until, _AFTER_EVERYTHING)
    always = _BEFORE_EVERYTHING, _AFTER_EVERYTHING
    seen, learnt = (always, asked) if query.learnt else (asked, always)
    return {
        "tenant": tenant,
        "since": seen[0],
        "until": seen[1],
        "learnt_since": learnt[0],
        "learnt_until": learnt[1],
        "medium": query.medium or "",
        "state": query.state or "",
        "kinds": listed(query.kinds),
        "dropped_by": listed(query.dropped_by),
        "causes": listed(query.causes),
        "fresh": int(query.fresh),
    }


def _ms(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else to_ms(moment)
