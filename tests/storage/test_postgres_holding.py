"""The one server on a database: the lock outlives a lost connection, or is known to be lost."""

import threading
import time

import psycopg
import pytest

from storage.opening import StoreHeldError, hold
from storage.postgres import holding
from storage.postgres.connecting import connect
from storage.postgres.locks import number_of, try_lock

pytestmark = pytest.mark.engine("postgres")
LONGEST = 20  # seconds


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(holding, "LOOK_SECONDS", 0.02)


@pytest.fixture
def other(url):
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


# Whoever holds an advisory lock of this database; with `waited`, only if somebody waits for one.
_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (NOT %s OR EXISTS (SELECT 1 FROM pg_locks AS w WHERE locktype = 'advisory' AND NOT granted))
"""


def cut_holder(other, *, waited=False):
    """Tries until there is one."""
    until = time.monotonic() + LONGEST
    while not other.execute(_CUT, (waited,)).fetchone()[0]:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_second_server_is_refused(url):
    refused = pytest.raises(StoreHeldError, match="another server works on the database")
    with hold(url), refused, hold(url):
        pass
    with hold(url):
        pass


def test_a_hold_that_was_cut_off_is_taken_again(url, other):
    lost = []
    with hold(url, lambda: lost.append("lost")):
        for _ in range(3):
            cut_holder(other)
    assert lost == []


def test_whoever_lost_the_hold_to_another_is_told_so(url, other):
    lost = threading.Event()
    with psycopg.connect(url, autocommit=True) as faster, hold(url, lost.set):
        taking = threading.Thread(
            target=faster.execute, args=("SELECT pg_advisory_lock(%s)", (number_of("serve"),))
        )
        taking.start()
        cut_holder(other, waited=True)
        taking.join(LONGEST)
        assert try_lock(faster, "serve")
        assert lost.wait(LONGEST)


def test_a_database_that_is_away_is_no_loss(url, postgres):
    lost = threading.Event()
    with hold(url, lost.set):
        with postgres.stopped():
            assert not lost.wait(0.3)
        time.sleep(0.3)
        assert not lost.is_set()
        with pytest.raises(StoreHeldError), hold(url):
            pass


def test_the_server_soon_notices_that_our_machine_has_died(url):
    """A cable cannot be pulled on loopback: asked is what the server has set on its socket."""
    with connect(url) as connection:
        idle, interval, count = (
            int(connection.execute(f"SHOW {name}").fetchone()[0])
            for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
        )
    assert 0 < idle + interval * count <= 60
