"""Whether the file is all there, and still the one that was opened."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

from storage.health import Health
from storage.store import StorageBusyError, StorageDamagedError

# https://www.sqlite.org/fileformat.html, The Database Header
_MAGIC, _HEADER = b"SQLite format 3\0", 100
_PAGE_SIZE, _PAGES = slice(16, 18), slice(28, 32)
_LARGEST_PAGE = 65536  # stands there as 1


# The user version of a file whose rows live elsewhere now; "moved" in letters.
MOVED = 0x6D6F7665


class Identity(NamedTuple):
    device: int
    number: int


def identity(path: Path) -> Identity:
    """Raises OSError where there is none."""
    found = path.stat()
    return Identity(found.st_dev, found.st_ino)


def same_file(path: Path, opened: Identity) -> None:
    """A file that was deleted or moved takes writes as before, and they end in nothing."""
    try:
        found = identity(path)
    except OSError as error:
        raise StorageBusyError(f"{path} cannot be reached: {error.strerror}") from error
    if found != opened:
        raise StorageBusyError(f"{path} is another file than was opened; restart to use it")


def all_there(path: Path) -> None:
    """A copy that was cut short opens well, and fails at its first missing page.

    Its log may hold what the file lacks; then SQLite knows better.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if not header.startswith(_MAGIC) or _size_of(log_of(path)):
        return
    page = int.from_bytes(header[_PAGE_SIZE], "big")
    told = int.from_bytes(header[_PAGES], "big") * (_LARGEST_PAGE if page == 1 else page)
    if size < told:
        raise StorageDamagedError(f"{path} is cut short: {size} of {told} bytes")


def log_of(path: Path) -> Path:
    """Where SQLite puts what was committed and not merged yet."""
    return path.with_name(f"{path.name}-wal")


def health(path: Path, schema: str) -> Health:
    return Health(
        schema=schema,
        size=_size_of(path),
        behind=_size_of(log_of(path)),
        free=shutil.disk_usage(path.parent).free,
    )


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def refuse_when_moved(connection: sqlite3.Connection) -> None:
    """Whoever tells us tells again, and by then we work on the other store."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == MOVED:
        raise StorageBusyError("everything was moved to another store; restart with its URL")
