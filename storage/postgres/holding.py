"""Locks that live as long as their connection: the one server's, and turns at other work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Error

from storage.postgres.connecting import connect
from storage.postgres.locks import try_lock
from storage.postgres.troubles import busy
from storage.store import StorageBusyError

# So often the connection is asked whether it lives, and while it does not, taken anew.
LOOK_SECONDS = 5.0
_NAME = "serve"


@contextmanager
def holding(url: str, lost: Callable[[], object], refusal: Exception) -> Iterator[None]:
    """Raises `refusal` where another holds it, StorageBusyError where nobody answers.

    `lost` is called once, in a thread, when another took it while we were cut off.
    """
    with busy():
        connection = connect(url)
    keeper = _Keeper(url, connection, lost)
    try:
        with busy():
            if not try_lock(connection, _NAME):
                raise refusal
        keeper.start()
        yield
    finally:
        keeper.stop()


@contextmanager
def turn_tries(url: str, name: str, *, alone: bool) -> Iterator[Callable[[], bool]]:
    """A try at the turn, to be repeated; what it got ends with the connection.

    A turn cannot be taken again behind a lost connection: whoever works goes on without it.
    """
    with busy():
        connection = connect(url)

    def attempt() -> bool:
        with busy():
            return try_lock(connection, f"turn/{name}", shared=not alone)

    try:
        yield attempt
    finally:
        connection.close()


class _Keeper:
    def __init__(self, url: str, connection: Connection[Any], lost: Callable[[], object]) -> None:
        self._url = url
        self._connection = connection
        self._lost = lost
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="holding", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if not self._alive() and not self._taken_again():
                self._lost()
                return

    def _alive(self) -> bool:
        try:
            self._connection.execute("SELECT 1")
        except Error:
            return False
        return True

    def _taken_again(self) -> bool:
        """True as well while the database is away: nobody else can have it then."""
        try:
            with busy():
                fresh = connect(self._url)
                taken = try_lock(fresh, _NAME)
        except StorageBusyError:
            return True
        if taken:
            self._connection.close()
            self._connection = fresh
        else:
            fresh.close()
        return taken
