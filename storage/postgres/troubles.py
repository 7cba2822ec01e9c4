"""Which of PostgreSQL's errors are trouble with the server, and which a fault of the statement.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error, InterfaceError, OperationalError
from psycopg_pool import PoolClosed, PoolTimeout

from storage.store import StorageBusyError, StorageDamagedError

# Classes: connection, read-only and other states, resources, operator, system, deadlock.
_TROUBLE = ("08", "25", "53", "57", "58", "40", "55")
_DAMAGE = ("XX001", "XX002")  # data_corrupted, index_corrupted


@contextmanager
def busy() -> Iterator[None]:
    """Trouble becomes StorageBusyError; a wrong statement stays what it is."""
    try:
        yield
    except (PoolTimeout, PoolClosed) as error:
        raise StorageBusyError("no connection to the database is free") from error
    except Error as error:
        state = error.sqlstate or ""
        if state in _DAMAGE:
            raise StorageDamagedError(_told(error)) from error
        # Without a state the connection was lost, or never came about.
        lost = isinstance(error, OperationalError | InterfaceError) and not state
        if lost or state[:2] in _TROUBLE:
            raise StorageBusyError(_told(error)) from error
        raise


def _told(error: Error) -> str:
    """In one line; the server's detail may hold what was stored."""
    return str(error.diag.message_primary or error).strip().partition("\n")[0]
