"""The control of intake: the very rows that a post ends in, made ready before, and `executemany`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.posts import NOW, Post, domain
from bot.sendgrid import events
from storage.failures import Failure
from storage.queries import load
from storage.rows import to_ms
from storage.sqlite.connecting import connect
from storage.verbs.arrivals import HOUR, Known, failure_row
from storage.verbs.retelling import case_row
from storage.weighing import telling_of, weigh

# What anybody would set who wants SQLite to be fast.
_PRAGMAS = ("wal_autocheckpoint = 8000", "cache_size = -64000", "journal_size_limit = 67108864")
_TENANT = "default"
_MEDIUM = "email"

Rows = list[tuple[object, ...]]


class Raw:
    """Rows of the same posts into the same layout, synced as ours; nothing is read or verified."""

    def __init__(self, path: Path, recipients: int) -> None:
        self._db = connect(path)
        for pragma in _PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")
        self._queries: Any = load("sqlite3")
        self._recipients = recipients
        self._row = self._db.execute("SELECT coalesce(max(id), 0) FROM failures").fetchone()[0]

    def ready(self, post: Post) -> list[tuple[str, Rows]]:
        """Statements with their rows, in the order of the layout's own intake."""
        failures = events.parse(post.body, NOW).batch.failures
        told = to_ms(NOW)
        strangers: Rows = []
        rows: Rows = []
        cases: Rows = []
        hours: Counter[tuple[int, str]] = Counter()
        for failure in failures:
            number = int(failure.recipient[4:].partition(".")[0])
            where = domain(number)
            if number >= self._recipients:
                self._recipients = number + 1
                address = failure.recipient
                strangers.append((number + 1, _TENANT, _MEDIUM, address, address, where))
            self._row += 1
            known = Known(number + 1, failure.recipient, failure.medium, where)
            rows.append(
                failure_row(_TENANT, told, failure, known, to_ms(failure.occurred_at), self._row)
            )
            cases.append(self._case(failure, known, told))
            hours[to_ms(failure.occurred_at) // HOUR, where] += 1
        hourly: Rows = [
            (_TENANT, hour, _MEDIUM, where, 0, many, 0, 0) for (hour, where), many in hours.items()
        ]
        return [
            ("insert_recipients", strangers), ("insert_failures", rows), ("put_cases", cases),
            ("count_hours", hourly),
        ]  # fmt: skip

    def _case(self, failure: Failure, known: Known, told: int) -> tuple[object, ...]:
        story = weigh([telling_of(failure, self._row)], None)
        assert story  # noqa: S101 - of one telling
        return (known.id, _TENANT, "0123456789abcdef", _MEDIUM, *case_row(story, told))

    def insert(self, ready: Sequence[tuple[str, Rows]]) -> float:
        """Seconds until it is committed."""
        begun = time.perf_counter()
        self._db.execute("BEGIN IMMEDIATE")
        for name, rows in ready:
            getattr(self._queries, name)(self._db, rows)
        self._db.execute("COMMIT")
        return time.perf_counter() - begun

    def close(self) -> None:
        self._db.close()
