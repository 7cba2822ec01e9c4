"""A backup: one file in SQLite's format, whichever engine it was taken of, whole or not there."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage.sqlite.connecting import busy, connect
from storage.sqlite.soundness import refuse_when_moved
from storage.sqlite.store import SqliteStore
from storage.whole.sides import Side, in_chunks
from storage.whole.sqlite_side import sqlite_side
from storage.whole.tables import TABLES

# Told so: how much of how much, in whatever the copy is counted in.
Tell = Callable[[int, int], object]

_PAGES = 2000
_BLOCK = 1024 * 1024


class BackupError(Exception):
    """It could not be made, or is not whole; the text says which and what to do."""


def written(file: Path) -> tuple[Path, ...]:
    """All that a backup into `file` writes over."""
    part = _part(file)
    return file, beside(file), part, beside(part)


def back_up(source: Path | Side, file: Path, tell: Tell) -> str:
    """Write `file`, and its checksum beside it; answers the checksum.

    `source` is a SQLite file, read beside whoever works on it, or another store's rows
    from one moment. Nothing stands under the name before it is whole and on the disk.
    """
    part = _part(file)
    part.unlink(missing_ok=True)
    try:
        # Before the store is asked: what is wrong with this name is not its trouble.
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with busy():
            if isinstance(source, Path):
                _copy_file(source, part, tell)
            else:
                _copy_rows(source, part, tell)
        check(part, file)
        digest = checksum(part)
        _keep(part, file, digest)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return digest


def _copy_file(source: Path, part: Path, tell: Tell) -> None:
    with closing(connect(source)) as reader, closing(sqlite3.connect(part)) as writer:
        # A moment that stays: the copy need not begin anew whenever somebody writes.
        reader.execute("BEGIN")
        # What was stored after a move would be missing.
        refuse_when_moved(reader)
        reader.backup(writer, pages=_PAGES, progress=lambda _, left, all_: tell(all_ - left, all_))
        writer.execute("PRAGMA journal_mode = DELETE")


def _copy_rows(source: Side, part: Path, tell: Tell) -> None:
    SqliteStore(part).close()
    count = sum(source.count(table) for table in TABLES)
    done = 0
    with sqlite_side(part) as target:
        target.connection.execute("PRAGMA foreign_keys = OFF")
        for table in TABLES:
            columns = target.columns(table)
            for chunk in in_chunks(source.rows(table, columns)):
                target.connection.execute("BEGIN")
                target.fill(table, columns, chunk)
                target.connection.execute("COMMIT")
                done += len(chunk)
                tell(done, count)
        target.index()
        target.connection.execute("PRAGMA journal_mode = DELETE")


def check(file: Path, called: Path) -> None:
    """Raises BackupError, with the name that people know, for one that is damaged or none of ours."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            [told] = connection.execute("PRAGMA integrity_check(1)").fetchone()
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
            ours = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'failures'"
            ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{called} cannot be read: {error}") from error
    if told != "ok" or dangling:
        raise BackupError(
            f"{called} is damaged: {told if told != 'ok' else 'rows without their own'}"
        )
    if not ours:
        raise BackupError(f"{called} is no backup of this program")


def checksum(file: Path) -> str:
    """SHA-256 of its bytes, as `sha256sum` tells it."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _part(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _keep(part: Path, file: Path, digest: str) -> None:
    """On the disk, then under its name."""
    for one in (part, _noted(part, f"{digest}  {file.name}\n")):
        with one.open("rb") as opened:
            os.fsync(opened.fileno())
    beside(part).replace(beside(file))
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _noted(part: Path, text: str) -> Path:
    note = beside(part)
    note.write_text(text, encoding="utf-8")
    return note
