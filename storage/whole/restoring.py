"""A backup put in the place of a store: what would be lost, and what must not happen twice."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from storage.rows import from_ms, to_ms
from storage.sqlite.soundness import log_of
from storage.sqlite.store import SqliteStore
from storage.store import NewerSchemaError
from storage.whole.backing_up import BackupError, beside, check, checksum
from storage.whole.sides import Side, Values
from storage.whole.sqlite_side import sqlite_side
from storage.whole.tables import BY_NAME

# What people would miss, by what it is called, with the column that tells when.
_MISSED = {
    "failures": "told_at",
    "requests": "asked_at",
    "corrections": "made_at",
    "audit": "at",
    "postings": "claimed_at",
    "people": "",
    "quarantine": "told_at",
    "inbox": "told_at",
}

_CHECKSUM = re.compile(rb"[0-9A-Fa-f]{64}")


@dataclass(frozen=True)
class Lost:
    """Of one kind of thing: how many there are now and not in the backup; the newest of them."""

    kind: str
    count: int
    newest: datetime | None


def prepared(backup: Path, near: Path) -> Path:
    """A copy beside `near`, brought up to date and ready to take its place.

    Raises BackupError for a file that is damaged, was changed, or was written by a newer version.
    """
    if not backup.is_file():
        raise BackupError(f"there is no file {backup}, or it is no ordinary one")
    note = beside(backup)
    if note.exists() and _noted(note) != checksum(backup):
        raise BackupError(f"{backup} is not what was written: its bytes are not those of {note}")
    copy = near.with_name(f"{near.name}.restoring")
    for one in (copy, log_of(copy)):
        one.unlink(missing_ok=True)
    try:
        # Nobody else's eyes from the first byte on.
        copy.touch(mode=0o600)
        shutil.copyfile(backup, copy)
        check(copy, backup)
        SqliteStore(copy).close()
    except NewerSchemaError as error:
        copy.unlink(missing_ok=True)
        raise BackupError(f"{backup} was {error}; install that version") from error
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _noted(note: Path) -> str:
    first = note.read_bytes().split()[:1]
    if not first or not _CHECKSUM.fullmatch(first[0]):
        raise BackupError(
            f"{note} holds no checksum; copy it again, or remove it to do without the comparison"
        )
    return first[0].decode().lower()


def holds_something(side: Side) -> bool:
    """A store that was only opened has a few facts, and nothing that people would miss."""
    return any(side.count(BY_NAME[name]) for name in _MISSED)


def lost(present: Side, backup: Side) -> Iterator[Lost]:
    """What is there now and is not in the backup, kind by kind."""
    for name, moment in _MISSED.items():
        table = BY_NAME[name]
        columns = [*table.key, *([moment] if moment else [])]
        count, newest = 0, 0
        known = backup.rows(table, table.key)
        for row in _only(present.rows(table, columns), known, len(table.key)):
            count += 1
            newest = max(newest, row[-1]) if moment else 0
        if count:
            yield Lost(kind=name, count=count, newest=from_ms(newest) if moment else None)


def _only(rows: Iterator[Values], known: Iterator[Values], keys: int) -> Iterator[Values]:
    """Those whose key is not known; both come by their keys."""
    other = next(known, None)
    for row in rows:
        while other is not None and other < row[:keys]:
            other = next(known, None)
        if other != row[:keys]:
            yield row


def nothing_twice(copy: Path, now: datetime, last_day: date) -> None:
    """What was due when the backup was taken may have been done since: a person decides.

    Digests up to `last_day` that are not known count as unanswered; messages and resends
    that waited too. The next digest covers the time.
    """
    at = to_ms(now)
    with sqlite_side(copy) as side:
        do = side.connection
        do.execute("BEGIN IMMEDIATE")
        for table in ("notices", "postings"):
            do.execute(
                f"UPDATE {table} SET state = 'unanswered' WHERE state IN ('waiting', 'claimed')"  # noqa: S608 - ours
            )
        do.execute(
            "UPDATE resends SET state = 'unanswered', settled_at = ?, detail = 'restored' "
            "WHERE state IN ('planned', 'sending')",
            [at],
        )
        known = do.execute(
            "SELECT tenant, channel, max(day), max(until) FROM postings GROUP BY tenant, channel"
        ).fetchall()
        do.executemany(
            "INSERT INTO postings (tenant, channel, day, since, until, state, claimed_at, ref, late) "
            "VALUES (?, ?, ?, ?, ?, 'unanswered', ?, '', 0)",
            [
                (tenant, channel, day, until, until, at)
                for tenant, channel, last, until in known
                for day in _days(last, last_day)
            ],
        )
        do.execute("COMMIT")
        do.execute("PRAGMA journal_mode = DELETE")


def _days(last: str, last_day: date) -> Iterator[str]:
    day = date.fromisoformat(last) + timedelta(days=1)
    while day <= last_day:
        yield day.isoformat()
        day += timedelta(days=1)


def take_place(copy: Path, file: Path, now: datetime) -> Path | None:
    """Put it under the store's name; answers where the store that was there is kept."""
    kept = None
    if file.exists():
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = file.with_name(f"{file.name}.before-restore-{stamp}")
        file.replace(kept)
        for name in ("-wal", "-shm"):
            file.with_name(f"{file.name}{name}").unlink(missing_ok=True)
    copy.replace(file)
    return kept
