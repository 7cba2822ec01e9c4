"""What a storage does in real trouble: nothing half done, a clear word, and on it goes."""

import contextlib
import os
import shutil
import time
from pathlib import Path

import pytest

from storage import open_store
from storage.failures import Medium
from storage.opening import StoreUrlError, hold
from storage.store import StorageBusyError, StorageDamagedError
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce
from tests.storage.faults import (
    cut_short,
    full,
    held,
    limited,
    mounted,
    nobody,
    overwritten,
    remount,
)

MIB = 1024 * 1024
TRIES = 100


@contextlib.contextmanager
def opened(file):
    store = open_store(f"sqlite:///{file}")
    try:
        yield store
    finally:
        store.close()


def told(number, size=0):
    return batch(bounce(source_id=f"{number}", provider_text="x" * size))


def stored(store):
    return {one.source_id for one in store.failures(TENANT, Medium.EMAIL, HANAKO, 9999)}


def fill(file, count=2000):
    with opened(file) as store:
        failures = [bounce(source_id=f"{n}", recipient=f"{n}@example.jp") for n in range(count)]
        store.record(TENANT, batch(*failures), NOW)


def grow(store, size):
    """Write failures of this size until there is no room for one; those said to be stored."""
    done = set()
    for number in range(1000):
        try:
            store.record(TENANT, told(f"{size}-{number}", size), NOW)
        except StorageBusyError:
            return done
        done.add(f"{size}-{number}")
    raise AssertionError("there was room for all")


def says_so(store):
    """Where a whole failure does not fit, a few pages may be left."""
    for _ in range(20):
        try:
            store.ready()
        except StorageBusyError:
            return True
    return False


@pytest.fixture(params=["a small disk", "a limit for files"])
def without_room(request, folder):
    """A context in which nothing may grow: the disk is full, or the process is limited."""
    with contextlib.ExitStack() as stack:
        small = request.param == "a small disk" and stack.enter_context(mounted(folder))
        yield lambda: full(folder) if small else limited(os.getpid(), 2 * MIB)


def test_what_does_not_fit_is_refused_whole_and_fits_when_there_is_room(folder, without_room):
    with opened(folder / "s.db") as store:
        with without_room():
            done = grow(store, 50_000) | grow(store, 0)
            assert says_so(store)
            assert stored(store) == done
        store.ready()
        store.record(TENANT, told("after"), NOW)
        assert stored(store) == done | {"after"}


def test_a_start_without_room_says_so(folder, without_room):
    with mounted(folder) as small:
        if not small:
            pytest.skip("mounting a small disk needs root")
        with full(folder), pytest.raises(StorageBusyError, match="full"), opened(folder / "s.db"):
            pass


def test_how_much_is_left_is_told_before_it_is_too_late(folder):
    with mounted(folder) as small, opened(folder / "s.db") as store:
        health = store.health()
        assert health.size > 0
        assert health.free == shutil.disk_usage(folder).free
        assert not small or health.free < 6 * MIB


def test_a_lock_that_is_held_too_long_refuses_and_its_end_lets_in(folder):
    file = folder / "s.db"
    with opened(file) as store:
        with held(file, "BEGIN IMMEDIATE"), pytest.raises(StorageBusyError, match="locked"):
            store.record(TENANT, told(1), NOW)
        assert stored(store) == set()
        store.record(TENANT, told(1), NOW)
        assert stored(store) == {"1"}


def test_reading_goes_on_under_a_held_lock(folder):
    file = folder / "s.db"
    with opened(file) as store:
        store.record(TENANT, told(1), NOW)
        with held(file, "BEGIN IMMEDIATE"):
            assert stored(store) == {"1"}


def test_a_file_that_we_may_only_read_refuses_the_start_by_name(folder):
    file = folder / "s.db"
    opened(file).__enter__().close()
    file.chmod(0o444)
    with nobody(), pytest.raises(StorageBusyError, match=r"s\.db: Permission denied"):
        open_store(f"sqlite:///{file}")
    with nobody(), pytest.raises(StoreUrlError, match=r"s\.db\.lock cannot be written"):
        hold(f"sqlite:///{file}").__enter__()


def test_a_disk_that_we_may_only_read_refuses_the_start_by_name(folder):
    with mounted(folder) as small:
        if not small:
            pytest.skip("mounting a small disk needs root")
        fill(folder / "s.db", 1)
        remount(folder, "ro")
        with pytest.raises(StorageBusyError, match="Read-only"):
            open_store(f"sqlite:///{folder}/s.db")
        remount(folder, "rw")
        with opened(folder / "s.db") as store:
            assert store.record(TENANT, told(1), NOW).new == 1


def test_rights_that_are_taken_away_hold_from_the_next_start_on(folder):
    folder.chmod(0o777)
    file = folder / "s.db"
    with nobody(), opened(file) as store:
        file.chmod(0o444)
        assert store.record(TENANT, told(1), NOW).new == 1
        assert stored(store) == {"1"}
    with nobody(), pytest.raises(StorageBusyError, match="Permission denied"):
        open_store(f"sqlite:///{file}")


def test_a_copy_that_was_cut_short_refuses_the_start_with_both_sizes(folder):
    file = folder / "s.db"
    fill(file)
    size = file.stat().st_size
    cut_short(file)
    with pytest.raises(StorageDamagedError, match=rf"cut short: {size // 2} of {size} bytes"):
        open_store(f"sqlite:///{file}")
    assert file.stat().st_size == size // 2


def test_a_file_whose_log_holds_the_rest_is_not_cut_short(folder):
    file, copy = folder / "s.db", folder / "copy.db"
    with opened(file) as store:
        store.record(TENANT, told(1, 500_000), NOW)
        for end in ("", "-wal"):
            shutil.copy(f"{file}{end}", f"{copy}{end}")
    with opened(copy) as store:
        assert stored(store) == {"1"}


def test_a_damage_that_is_met_is_said_until_a_sound_copy_takes_its_place(folder):
    file, sound = folder / "s.db", folder / "sound.db"
    fill(file)
    shutil.copy(file, sound)
    overwritten(file)
    with opened(file) as store:
        store.ready()
        with pytest.raises(StorageDamagedError, match="malformed"):
            store.record(TENANT, told(1), NOW)
        with pytest.raises(StorageDamagedError, match="malformed"):
            store.ready()
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    shutil.copy(sound, file)
    with opened(file) as store:
        store.ready()
        assert store.record(TENANT, told(1), NOW).new == 1


def test_a_file_overwritten_from_its_first_page_on_refuses_the_start(folder):
    file = folder / "s.db"
    fill(file, 10)
    overwritten(file, 0)
    with pytest.raises(StorageDamagedError, match="not a database"):
        open_store(f"sqlite:///{file}")


def test_a_folder_that_is_gone_takes_nothing_and_takes_it_when_it_is_back(folder):
    away = folder.with_name(f"{folder.name}-away")
    with opened(folder / "s.db") as store:
        store.record(TENANT, told(1), NOW)
        assert stored(store) == {"1"}
        folder.rename(away)
        try:
            for act in (store.ready, lambda: store.record(TENANT, told(2), NOW)):
                with pytest.raises(StorageBusyError, match="cannot be reached"):
                    act()
            assert stored(store) == {"1"}  # what is open can be read
        finally:
            away.rename(folder)
        store.record(TENANT, told(2), NOW)
        assert stored(store) == {"1", "2"}


def test_whoever_begins_to_read_makes_no_new_file_in_the_place_of_ours(folder):
    file = folder / "s.db"
    with opened(file) as store:
        file.unlink()
        with pytest.raises(StorageBusyError, match="cannot be reached"):
            stored(store)
        assert not file.exists()


def test_a_file_in_the_place_of_ours_is_not_written_behind_its_back(folder):
    file = folder / "s.db"
    with opened(file) as store:
        file.rename(folder / "moved.db")
        opened(file).__enter__().close()
        with pytest.raises(StorageBusyError, match="another file than was opened; restart"):
            store.record(TENANT, told(1), NOW)
    with opened(file) as store:
        assert stored(store) == set()


def test_a_log_that_a_long_reader_lets_grow_is_merged_and_cut_when_it_ends(folder):
    file = folder / "s.db"
    with opened(file) as store:
        store.record(TENANT, told(0), NOW)
        with held(file, "BEGIN"):
            for number in range(1, 151):
                store.record(TENANT, told(number, 600_000), NOW)
            grown = store.health().behind
        assert grown > 80 * MIB
        number = 150
        for _ in range(TRIES):  # it is merged beside the writer, and cut with the next write
            number += 1
            store.record(TENANT, told(number), NOW)
            if store.health().behind <= 64 * MIB:
                break
            time.sleep(0.1)
        assert store.health().behind <= 64 * MIB
        assert len(stored(store)) == number + 1
