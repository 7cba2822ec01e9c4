"""Opens the store that DATABASE_URL names, and keeps a second server away from it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from storage.sqlite.migrations import STEPS, pending_in
from storage.sqlite.store import SqliteStore
from storage.store import NewerSchemaError, StorageBusyError, Store, UnfitStoreError

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")
_LOOK_SECONDS = 0.05


class StoreUrlError(ValueError):
    """The URL names no store that we can open; the text says why, and repeats no password."""


class StoreHeldError(Exception):
    """Another server works on this store."""


def open_store(url: str) -> Store:
    """The store at `url`, its schema brought up to date.

    Raises StoreUrlError for a URL that cannot be one, StorageBusyError when what it
    names cannot be used now.
    """
    with _refused_in_words(url):
        if is_database(url):
            from storage.postgres.store import PostgresStore  # noqa: PLC0415 - an extra

            return PostgresStore(url)
        return SqliteStore(file_of(url))


def pending_steps(url: str) -> list[str]:
    """The steps of the schema that the next opening would apply. Raises as `open_store`."""
    with _refused_in_words(url):
        if is_database(url):
            from storage.postgres.migrations import pending  # noqa: PLC0415 - an extra

            return pending(url)
        path = file_of(url)
        return pending_in(path) if path.exists() else list(STEPS)


def prepare_target(url: str) -> None:
    """The schema of a database that a move will fill, or has half filled. Raises as `open_store`."""
    with _refused_in_words(url):
        from storage.postgres.migrations import bring_up_to_date  # noqa: PLC0415 - an extra

        bring_up_to_date(url, for_move=True)


@contextmanager
def _refused_in_words(url: str) -> Iterator[None]:
    try:
        yield
    except NewerSchemaError as error:
        raise StoreUrlError(f"{_named(url)} was {error}; install that version") from error
    except UnfitStoreError as error:
        raise StoreUrlError(f"{_named(url)} {error}") from error
    except ModuleNotFoundError as error:
        if error.name not in {"psycopg", "psycopg_pool"}:
            raise
        told = "PostgreSQL needs its driver: pip install 'notify-errors[postgres]'"
        raise StoreUrlError(told) from error


@contextmanager
def hold(url: str, lost: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Be the only server on this store; raises StoreHeldError. Readers need not hold it.

    A file's lock ends with the process, however it ends. A database may lose it with
    its connection: it is taken again, and where another was faster `lost` is called.
    """
    with _held_database(url, lost) if is_database(url) else _held_file(url):
        yield


@contextmanager
def _held_database(url: str, lost: Callable[[], object]) -> Iterator[None]:
    held = StoreHeldError(f"another server works on {_named(url)}")
    with ExitStack() as stack:
        with _refused_in_words(url):
            from storage.postgres.holding import holding  # noqa: PLC0415 - an extra

            stack.enter_context(holding(url, lost, held))
        yield


@contextmanager
def _held_file(url: str) -> Iterator[None]:
    with _lock_file(url, "lock", StoreUrlError) as lock:
        if not _flocked(lock, fcntl.LOCK_EX):
            raise StoreHeldError(f"another server works on {file_of(url)}")
        yield


@contextmanager
def turn_at(url: str, name: str, alone: bool, seconds: float) -> Iterator[None]:
    """Work on what `name` stands for while nobody is `alone` with it, or while nobody else is.

    It holds among all processes on this store, and ends with the process however it ends;
    on a database with the connection too. Raises StorageBusyError after `seconds`.
    """
    until = time.monotonic() + seconds
    with _tries(url, name, alone=alone) as attempt:
        while not attempt():
            if time.monotonic() >= until:
                raise StorageBusyError(f"{name} is in use")
            time.sleep(_LOOK_SECONDS)
        yield


@contextmanager
def _tries(url: str, name: str, *, alone: bool) -> Iterator[Callable[[], bool]]:
    if is_database(url):
        from storage.postgres.holding import turn_tries  # noqa: PLC0415 - an extra

        with turn_tries(url, name, alone=alone) as attempt:
            yield attempt
        return
    with _lock_file(url, f"{name}-lock", StorageBusyError) as lock:
        yield lambda: _flocked(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)


@contextmanager
def _lock_file(url: str, end: str, refused: type[Exception]) -> Iterator[int]:
    """Beside the store; it may stay, for its lock ends with the process."""
    beside = Path(f"{file_of(url)}.{end}")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise refused(f"{beside} cannot be written: {error.strerror}") from error
    try:
        yield lock
    finally:
        os.close(lock)


def _flocked(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(url: str) -> str:
    """What may be shown of it."""
    return "the database" if is_database(url) else url.removeprefix(_SQLITE)


def is_database(url: str) -> bool:
    """Whether it names a PostgreSQL database; otherwise it names a SQLite file."""
    return url.startswith(_POSTGRES)


def files_of(url: str) -> tuple[Path, ...]:
    """The SQLite file with all that stands beside it while it is in use. Raises as `file_of`."""
    file = file_of(url)
    return file, *(Path(f"{file}{end}") for end in ("-wal", "-shm", "-journal", ".lock"))


def file_of(url: str) -> Path:
    """The SQLite file that it names; raises StoreUrlError for what cannot be one."""
    scheme, _, _ = url.partition(":")
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not path.name:
        # Only the scheme is repeated: the rest of a URL may hold a password.
        raise StoreUrlError(
            f"expected {_SQLITE}FILE or {_POSTGRES[0]}..., got a URL that starts with {scheme!r}"
        )
    if path.is_dir():
        raise StoreUrlError(f"{path} is a folder; expected {_SQLITE}FILE")
    if not path.parent.is_dir():
        raise StoreUrlError(f"there is no folder {path.parent}; make it first")
    return path
