"""Opens the store that DATABASE_URL names, and keeps a second server away from its file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.sqlite.store import SqliteStore
from storage.store import NewerSchemaError, Store

_SQLITE = "sqlite:///"


class StoreUrlError(ValueError):
    """The URL names no store that we can open; the text says why."""


class StoreHeldError(Exception):
    """Another server works on this store."""


def open_store(url: str) -> Store:
    """The store at `url`, its schema brought up to date.

    Raises StoreUrlError for a URL that cannot be one, StorageBusyError when the
    file cannot be used now.
    """
    path = _path(url)
    try:
        return SqliteStore(path)
    except NewerSchemaError as error:
        raise StoreUrlError(f"{path} was {error}; install that version") from error


@contextmanager
def hold(url: str) -> Iterator[None]:
    """Be the only server on this store; raises StoreHeldError. Readers need not hold it.

    The kernel lets go when the process ends, however it ends.
    """
    beside = Path(f"{_path(url)}.lock")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUrlError(f"{beside} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreHeldError(f"another server works on {beside.with_suffix('')}") from error
        yield
    finally:
        os.close(lock)


def _path(url: str) -> Path:
    scheme, _, _ = url.partition(":")
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not path.name:
        # Only the scheme is repeated: the rest of a URL may hold a password.
        raise StoreUrlError(f"expected {_SQLITE}FILE, got a URL that starts with {scheme!r}")
    if path.is_dir():
        raise StoreUrlError(f"{path} is a folder; expected {_SQLITE}FILE")
    if not path.parent.is_dir():
        raise StoreUrlError(f"there is no folder {path.parent}; make it first")
    return path
