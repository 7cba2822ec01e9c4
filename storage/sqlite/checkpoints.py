"""Moves what was committed from the write-ahead log into the file, beside the writer.

A writer that does it itself makes every fifth post of a burst wait for thousands of
pages. Its own automatic checkpoint stays as the log's upper bound.
"""

from __future__ import annotations

import sqlite3
import threading

# Pages. Past this the writer helps, so that a burst cannot fill the disk with its log.
LONGEST_LOG = 32_000
_EVERY_SECONDS = 0.3
_MOST_TURNS = 10
_LITTLE = 100


class Checkpoints:
    """One thread, started by the first commit.

    `connection` is opened by whoever knows that the file is the right one, and closed here.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._committed = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def committed(self) -> None:
        """Call it in the writer's turn."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()
        self._committed.set()

    def close(self) -> None:
        self._ending.set()
        self._committed.set()
        if self._thread:
            self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._ending.wait(_EVERY_SECONDS):
            self._committed.wait()
            self._committed.clear()
            if not self._ending.is_set():
                _catch_up(self._connection)


def _catch_up(connection: sqlite3.Connection) -> None:
    """As far as no reader needs the log; trouble with the file is the writer's to tell.

    Again at once while much was moved: only when nothing is left at the start of a write
    does the log begin anew, and what comes meanwhile takes less time to move each time.
    """
    moved = 0
    try:
        for _ in range(_MOST_TURNS):
            before = moved
            _busy, _pages, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if moved - before < _LITTLE:
                return
    except sqlite3.DatabaseError:
        return
