"""SQLite to PostgreSQL while intake goes on: everything that was answered is there once."""

import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from storage import open_store
from storage.failures import Medium
from storage.opening import StoreUrlError, file_of, prepare_target
from storage.postgres.mark import marked
from storage.sqlite import connecting
from storage.store import StorageBusyError
from storage.whole import moving
from storage.whole.moving import MoveError, NotFreedError, move
from storage.whole.postgres_side import postgres_side
from storage.whole.sides import differing
from storage.whole.sqlite_side import sqlite_side
from tests.storage.examples import NOW, TENANT, batch, bounce
from tests.storage.filled import fill

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
def there(postgres):
    fresh = postgres.database()
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
def filled(store):
    fill(store)
    return store


def moved(url, there, tell=lambda *_: None):
    return move(file_of(url), there, tell)


def same(url, there):
    with sqlite_side(file_of(url)) as one, postgres_side(there, one_moment=True) as other:
        return list(differing(one, other)) == []


def told(store, number, **more):
    one = bounce(source_id=f"m{number}", recipient=f"m{number}@example.jp", **more)
    return store.record(TENANT, batch(one), NOW)


def test_everything_is_there_and_the_file_takes_no_more(filled, url, there):
    seen = []
    result = moved(url, there, lambda done, whole: seen.append((done, whole)))
    assert same(url, there)
    assert seen[-1] == (result.rows, result.rows)
    with pytest.raises(StorageBusyError, match="moved to another store"):
        told(filled, 1)
    with pytest.raises(StorageBusyError, match="restart with its URL"):
        open_store(url)
    store = open_store(there)
    assert store.case(TENANT, Medium.EMAIL, "user1@例え1.jp")
    assert told(store, 1).new == 1
    assert store.record(
        TENANT, batch(bounce(source_id="e1", recipient="user1@例え1.jp")), NOW
    ).repeated
    store.close()


def test_what_is_told_meanwhile_comes_along(filled, url, there):
    numbers = iter(range(999))

    def write(done, whole):
        number = next(numbers)
        told(filled, number)
        told(filled, number, each_telling_counts=True)
        filled.put_fact(TENANT, f"fact{number}", "value")
        filled.drop_import(TENANT, "i")

    result = moved(url, there, write)
    assert result.changes > 0
    assert same(url, there)
    assert next(numbers) > 10


def erased(url, address):
    with sqlite_side(file_of(url)) as side:
        do = side.connection.execute
        do("BEGIN IMMEDIATE")
        [key] = do("SELECT id FROM recipients WHERE address = ?", [address]).fetchone()
        do("DELETE FROM cases WHERE recipient_id = ?", [key])
        do("DELETE FROM failures WHERE recipient_id = ?", [key])
        do("DELETE FROM recipients WHERE id = ?", [key])
        do("COMMIT")


def test_who_is_erased_while_notes_are_read_goes_with_all_that_is_theirs(
    filled, url, there, monkeypatch
):
    told(filled, 1)
    last_note, rounds = moving._last_note, iter(range(999))

    def tell(*_):
        with sqlite_side(file_of(url)) as side:
            side.connection.execute("UPDATE recipients SET address = address")

    def then_erased(noting):
        last = last_note(noting)
        if not next(rounds):
            erased(url, "m1@example.jp")
        return last

    monkeypatch.setattr(moving, "_last_note", then_erased)
    moved(url, there, tell)
    assert next(rounds) > 1
    assert same(url, there)
    store = open_store(there)
    assert store.case(TENANT, Medium.EMAIL, "m1@example.jp") is None
    store.close()


def test_of_a_burst_everything_that_was_answered_is_there_once(filled, url, there):
    answered, stop = [], threading.Event()

    def burst():
        number = 0
        while not stop.is_set():
            number += 1
            with suppress(StorageBusyError):
                told(filled, number)
                answered.append(number)

    writer = threading.Thread(target=burst)
    writer.start()
    try:
        moved(url, there)
    finally:
        stop.set()
        writer.join()
    store = open_store(there)
    for number in answered:
        assert len(store.failures(TENANT, Medium.EMAIL, f"m{number}@example.jp")) == 1
    assert answered
    store.close()


def test_a_database_with_rows_is_left_alone(filled, url, there):
    store = open_store(there)
    told(store, 1)
    store.close()
    with pytest.raises(MoveError, match="has rows already"):
        moved(url, there)
    assert told(filled, 2).new == 1


def test_sides_that_differ_stop_it_and_the_file_goes_on(filled, url, there, monkeypatch):
    monkeypatch.setattr(moving, "_carry", lambda *_: 0)
    with pytest.raises(MoveError, match=r"both sides differ after all: .*recipients"):
        moved(url, there, lambda done, whole: told(filled, done))
    assert told(filled, 999_999).new == 1
    assert "moving" not in names(url)


def names(url):
    with sqlite_side(file_of(url)) as side:
        rows = side.connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'moving%'")
        return " ".join(name for (name,) in rows)


KILLED = """
import os, signal, sys
from pathlib import Path
from storage.whole.moving import move
def tell(done, whole):
    if done >= whole * float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
move(Path(sys.argv[1]), sys.argv[2], tell)
"""


def killed(url, there, share, script=KILLED):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(file_of(url)), there, share]
    ended = subprocess.run(command, cwd=root, timeout=60, check=False)
    assert ended.returncode < 0


@pytest.mark.parametrize("share", ["0", "0.5", "1"])
def test_killed_on_the_way_nothing_has_changed_and_a_second_try_ends_well(
    filled, url, there, share
):
    killed(url, there, share)
    assert told(filled, 1).new == 1
    moved(url, there)
    assert same(url, there)
    assert names(url) == ""


@pytest.mark.parametrize("share", ["0", "0.5", "1"])
def test_a_target_that_is_not_whole_is_opened_by_nobody(filled, url, there, share):
    killed(url, there, share)
    with pytest.raises(StoreUrlError, match="run that again, or name an empty database"):
        open_store(there)
    prepare_target(there)
    moved(url, there)
    open_store(there).close()


KILLED_IN_THE_END = """
import os, signal, sys
from pathlib import Path
from storage.whole import moving
end = moving._end
def armed(*given):
    setattr(moving, sys.argv[3], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    return end(*given)
moving._end = armed
moving.move(Path(sys.argv[1]), sys.argv[2], lambda *_: None)
"""


def test_killed_before_the_file_lets_go_it_alone_takes_writes(filled, url, there):
    killed(url, there, "_forget_notes", KILLED_IN_THE_END)
    assert told(filled, 1).new == 1
    with pytest.raises(StoreUrlError, match="has not ended"):
        open_store(there)
    assert not moved(url, there).before
    assert same(url, there)
    open_store(there).close()


def test_killed_after_the_file_let_go_neither_takes_writes_and_a_second_try_ends_it(
    filled, url, there
):
    killed(url, there, "drop_mark", KILLED_IN_THE_END)
    with pytest.raises(StorageBusyError, match="moved to another store"):
        told(filled, 1)
    with pytest.raises(StoreUrlError, match="has not ended"):
        open_store(there)
    done = moved(url, there)
    assert done.before
    assert done.rows
    assert same(url, there)
    store = open_store(there)
    assert told(store, 1).new == 1
    store.close()
    with pytest.raises(MoveError, match="moved to another store"):
        moved(url, there)


def test_a_second_try_frees_no_database_that_differs(filled, url, there):
    killed(url, there, "drop_mark", KILLED_IN_THE_END)
    with postgres_side(there) as side:
        side.connection.execute("DELETE FROM facts")
    with pytest.raises(MoveError, match="both sides differ after all: facts"):
        moved(url, there)
    with pytest.raises(StoreUrlError, match="has not ended"):
        open_store(there)


def test_a_file_that_was_moved_frees_no_other_database(filled, url, there, postgres):
    other = postgres.database()
    killed(url, other, "_forget_notes", KILLED_IN_THE_END)
    killed(url, there, "drop_mark", KILLED_IN_THE_END)
    assert same(url, other)
    with pytest.raises(MoveError, match="moved to another store"):
        moved(url, other)
    with pytest.raises(StoreUrlError, match="has not ended"):
        open_store(other)
    assert moved(url, there).before
    postgres.drop(other)


def test_a_database_that_goes_away_at_the_very_end_is_freed_by_a_second_try(
    filled, url, there, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(
            moving, "drop_mark", lambda connection: connection.close() or marked(connection)
        )
        with pytest.raises(NotFreedError, match="everything is moved"):
            moved(url, there)
    assert moved(url, there).before
    open_store(there).close()


def notes(url):
    with sqlite_side(file_of(url)) as side:
        return side.connection.execute("SELECT count(*) FROM moving").fetchone()[0]


def lapse(url):
    with sqlite_side(file_of(url)) as side:
        side.connection.execute("UPDATE moving_lease SET until = unixepoch()")


def test_what_a_killed_try_leaves_notes_nothing_once_its_lease_has_passed(filled, url, there):
    killed(url, there, "0.5")
    told(filled, 1)
    noted = notes(url)
    assert noted > 0
    lapse(url)
    told(filled, 2)
    assert notes(url) == noted
    moved(url, there)
    assert same(url, there)
    assert names(url) == ""


@pytest.mark.parametrize("at", ["copying", "catching up"])
def test_a_lease_that_passed_is_no_move(filled, url, there, monkeypatch, at):
    if at == "copying":
        monkeypatch.setattr(moving, "_RENEWED_EVERY_SECONDS", 0)
    steps = iter(range(999))
    with pytest.raises(MoveError, match="stood still for too long"):
        moved(url, there, lambda *_: next(steps) or lapse(url))
    if at == "copying":
        assert next(steps) == 1
    assert names(url) == ""
    assert told(filled, 1).new == 1


@contextmanager
def held(url):
    with sqlite_side(file_of(url)) as side:
        side.connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.1)


@pytest.mark.usefixtures("_impatient")
def test_a_file_that_is_held_hides_no_error(filled, url, there):
    def tell(*_):
        stack.enter_context(held(url))
        raise MoveError("the first")

    with ExitStack() as stack, pytest.raises(MoveError, match="the first"):
        moved(url, there, tell)
    moved(url, there)
    assert same(url, there)
    assert names(url) == ""


@pytest.mark.usefixtures("_impatient")
def test_a_move_that_came_about_says_so_whoever_holds_the_file_then(
    filled, url, there, monkeypatch
):
    end = moving._end

    def then_held(*sides):
        carried = end(*sides)
        stack.enter_context(held(url))
        return carried

    monkeypatch.setattr(moving, "_end", then_held)
    with ExitStack() as stack:
        assert moved(url, there).rows
    assert same(url, there)
    assert names(url) == ""


def test_a_long_copy_renews_its_lease(filled, url, there, monkeypatch):
    monkeypatch.setattr(moving, "_RENEWED_EVERY_SECONDS", 0)
    monkeypatch.setattr(moving, "_LEASE_SECONDS", 30)
    left = []

    def shorten(*_):
        with sqlite_side(file_of(url)) as side:
            [until] = side.connection.execute(
                "SELECT until - unixepoch() FROM moving_lease"
            ).fetchone()
            left.append(until)
            side.connection.execute("UPDATE moving_lease SET until = until - 20")

    moved(url, there, shorten)
    assert len(left) > 2
    assert min(left[1:]) > 20
    assert same(url, there)
