"""Whoever must not work at the same time as others of its kind, and waits for so long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import TypeAlias

from storage.store import StorageBusyError

# What is worked on, whether nobody else may meanwhile or only nobody `alone`, and how long
# to wait for it. StorageBusyError where that is not long enough.
Turns: TypeAlias = Callable[[str, bool, float], AbstractContextManager[None]]


@contextmanager
def turn(lock: Lock, seconds: float, trouble: str) -> Iterator[None]:
    """Raises StorageBusyError with `trouble` where the lock is held for longer than that."""
    if not lock.acquire(timeout=seconds):
        raise StorageBusyError(trouble)
    try:
        yield
    finally:
        lock.release()


def in_process() -> Turns:
    """Among the threads of this process, each alone; `opening.turn_at` reaches further."""
    locks: dict[str, Lock] = defaultdict(Lock)
    return lambda name, _alone, seconds: turn(locks[name], seconds, f"{name} is in use")
