"""Failures as they were told, looked up by recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.failures import Failure, KeptMessage, Kind, Medium, Source, fold_recipient
from storage.rows import to_ms, value_of
from storage.storable import listed
from storage.verbs.arrivals import known_of
from storage.verbs.engine import Connection, Engine
from storage.verbs.retelling import put_stories, stories_of
from storage.verbs.shapes import failure_of


class Failures(Engine):
    def failures(
        self, tenant: str, medium: Medium, recipient: str, limit: int = 50
    ) -> list[Failure]:
        """The newest first."""
        with self._reading() as connection:
            found = self._queries.recipient(
                connection, tenant=tenant, medium=medium, folded=fold_recipient(recipient)
            )
            if not found:
                return []
            rows = self._queries.failures_of(connection, recipient_id=found["id"], most=limit)
            return [failure_of(row) for row in rows]

    def refusals(
        self, tenant: str, source: Source, kinds: Sequence[Kind], since: datetime, limit: int
    ) -> list[Failure]:
        """The oldest first."""
        with self._reading() as connection:
            rows = self._queries.failures_of_source(
                connection,
                tenant=tenant,
                medium=Medium.LINE_WORKS,
                source=source,
                kinds=listed(kinds),
                since=to_ms(since),
                most=limit,
            )
            return [failure_of(row) for row in rows]

    def relabel(
        self,
        tenant: str,
        kind: Kind,
        new_kind: Kind,
        since: datetime,
        until: datetime,
        *,
        guessed: bool = False,
    ) -> int:
        """Give LINE WORKS failures of [since, until) another kind; answers how many."""
        with self._writing(tenant) as connection:
            rows = self._queries.failures_of_kind(
                connection,
                tenant=tenant,
                medium=Medium.LINE_WORKS,
                kind=kind,
                since=to_ms(since),
                until=to_ms(until),
            )
            return self._rename(connection, tenant, list(rows), new_kind, guessed=guessed)

    def relabel_told(
        self,
        tenant: str,
        source: Source,
        told: Sequence[tuple[str, str]],
        kind: Kind,
        new_kind: Kind,
        *,
        guessed: bool = False,
    ) -> int:
        with self._writing(tenant) as connection:
            rows = self._queries.failures_told(
                connection,
                tenant=tenant,
                medium=Medium.LINE_WORKS,
                source=source,
                told=listed([(fold_recipient(one), source_id) for one, source_id in told]),
                kind=kind,
            )
            return self._rename(connection, tenant, list(rows), new_kind, guessed=guessed)

    def told_before(
        self, tenant: str, source: Source, failures: Sequence[Failure]
    ) -> dict[str, str]:
        if not failures:
            return {}
        told = [(one.medium, fold_recipient(one.recipient), one.source_id) for one in failures]
        with self._reading() as connection:
            rows = self._queries.raws_told(
                connection, tenant=tenant, source=source, told=listed(told)
            )
            return dict(tuple(row) for row in rows)

    def _rename(
        self,
        connection: Connection,
        tenant: str,
        rows: Sequence[Any],
        new_kind: Kind,
        *,
        guessed: bool,
    ) -> int:
        self._queries.set_kind(
            connection,
            [{"id": row[0], "kind": str(new_kind), "guessed": int(guessed)} for row in rows],
        )
        known = {one.id: one for one in (known_of(Medium.LINE_WORKS, *r[1:]) for r in rows)}
        stories = stories_of(connection, self._queries, known.values())
        # Nothing was learnt: what was known has another name.
        put_stories(connection, self._queries, tenant, 0, known, stories)
        return len(rows)

    def kept(self, tenant: str, kept_id: str) -> KeptMessage | None:
        with self._reading() as connection:
            row = self._queries.kept_message(connection, tenant=tenant, id=kept_id)
        return value_of(KeptMessage, row) if row else None

    def forget_kept(self, tenant: str, before: datetime) -> int:
        """Forget bodies kept before this, unless they are about to leave."""
        with self._writing(tenant) as connection:
            forgotten: int = self._queries.forget_messages(
                connection, tenant=tenant, before=to_ms(before)
            )
        return forgotten

    def resendable(
        self,
        tenant: str,
        kinds: Sequence[Kind],
        since: datetime,
        until: datetime,
        recipient: str = "",
    ) -> list[tuple[Failure, KeptMessage]]:
        """Failures of [since, until), the oldest deadline first."""
        with self._reading() as connection:
            rows = self._queries.resendable_messages(
                connection,
                tenant=tenant,
                medium=Medium.LINE_WORKS,
                kinds=listed(kinds),
                since=to_ms(since),
                until=to_ms(until),
                folded=fold_recipient(recipient),
            )
            failures = [failure_of(row) for row in rows]
            ids = listed([one.kept_message for one in failures])
            kept = {
                row["id"]: value_of(KeptMessage, row)
                for row in self._queries.kept_messages_of(connection, tenant=tenant, ids=ids)
            }
        # Between the two statements a body may have been forgotten.
        return [(one, kept[one.kept_message]) for one in failures if one.kept_message in kept]
