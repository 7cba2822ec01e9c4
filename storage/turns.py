"""Whoever must not work at the same time as others of its kind, and waits for so long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from storage.store import StorageBusyError


@contextmanager
def turn(lock: Lock, seconds: float, trouble: str) -> Iterator[None]:
    """Raises StorageBusyError with `trouble` where the lock is held for longer than that."""
    if not lock.acquire(timeout=seconds):
        raise StorageBusyError(trouble)
    try:
        yield
    finally:
        lock.release()
