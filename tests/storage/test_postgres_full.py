"""PostgreSQL on a disk that is really full: of its data, and of its write-ahead log."""

import contextlib
import os
import time

import psycopg
import pytest

from storage import open_store
from storage.failures import Medium
from storage.store import StorageBusyError
from tests.postgres import ours
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce
from tests.storage.faults import full, mounted, within

MIB = 1024 * 1024
COUNT = 20


@contextlib.contextmanager
def small_disk(folder):
    with mounted(folder, 160 * MIB) as small:
        if not small:
            pytest.skip("mounting a small disk needs root")
        yield


@contextlib.contextmanager
def served(folder, *options):
    """A server of its own in this folder, and a store on it that holds one failure."""
    with ours(folder, *options) as server:
        store = open_store(server.empty_database())
        try:
            store.record(TENANT, batch(bounce(source_id="before")), NOW)
            yield server, store
        finally:
            store.close()


def told(size):
    """A batch whose first failure is small; the texts of the others cannot be compressed."""
    texts = ["", *(os.urandom(size // 2).hex() for _ in range(COUNT - 1))]
    return batch(*(bounce(source_id=f"{n}", provider_text=text) for n, text in enumerate(texts)))


def stored(store):
    return sorted(one.source_id for one in store.failures(TENANT, Medium.EMAIL, HANAKO, 9999))


def next_log_file(server):
    """What is written from now on needs a new file of 16 MiB in the write-ahead log."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")


def gone(server):
    """It goes down by itself, in seconds."""
    until = time.monotonic() + 20
    while server.lives() and time.monotonic() < until:
        time.sleep(0.05)
    return not server.lives()


def assert_stored_once(store, events):
    """The batch that was refused; whoever is not sure tells it again."""
    assert within(20, lambda: stored(store)) == ["before"]
    assert within(20, lambda: store.record(TENANT, events, NOW)).new == COUNT
    again = store.record(TENANT, events, NOW)
    assert (again.new, again.repeated) == (0, COUNT)
    assert stored(store) == sorted(["before", *map(str, range(COUNT))])


def assert_back_after_a_start(server, store, events):
    assert gone(server)
    for act in (store.ready, lambda: stored(store)):
        with pytest.raises(StorageBusyError):
            act()
    server.start()
    assert_stored_once(store, events)


def test_what_does_not_fit_is_refused_whole_and_fits_when_there_is_room(folder):
    events = told(50_000)
    with small_disk(folder), served(folder) as (server, store):
        next_log_file(server)
        store.ready()  # the log has a new file now, and room for the whole test
        with full(folder):
            for _ in range(3):
                with pytest.raises(StorageBusyError, match="No space left"):
                    store.record(TENANT, events, NOW)
                with pytest.raises(StorageBusyError, match="No space left"):
                    store.ready()
                assert stored(store) == ["before"]
            assert server.lives()
        store.ready()
        assert_stored_once(store, events)


def test_a_start_without_room_says_so(folder):
    with small_disk(folder), served(folder) as (_, store):
        with full(folder), pytest.raises(StorageBusyError, match="No space left"):
            open_store(store._url)
        open_store(store._url).close()


def test_a_full_disk_that_stops_the_log_too_brings_the_server_down_until_it_is_started(folder):
    events = told(50_000)
    with small_disk(folder), served(folder) as (server, store):
        with full(folder):
            next_log_file(server)
            with pytest.raises(StorageBusyError):
                store.record(TENANT, events, NOW)
            assert gone(server)
        assert_back_after_a_start(server, store, events)


def test_a_batch_whose_log_is_half_written_is_not_stored_after_the_start(folder):
    events = told(MIB)  # more than one file of the log
    disk = folder / "disk"
    disk.mkdir()
    with small_disk(disk), served(folder, f"--waldir={disk}/log") as (server, store):
        with full(disk):
            with pytest.raises(StorageBusyError):
                store.record(TENANT, events, NOW)
            assert gone(server)
        assert_back_after_a_start(server, store, events)
