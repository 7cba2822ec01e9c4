"""From every schema that there was to today's, with data in it: tried on a copy, whole or not at all."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import open_store
from storage.failures import Medium, Source
from storage.opening import StoreUrlError
from storage.sqlite import trying
from storage.sqlite.migrations import MIGRATIONS, STEPS, pending_in
from storage.sqlite.schema_folding import teach
from storage.sqlite.trying import StepFailedError
from storage.store import StorageBusyError
from storage.whole.sqlite_side import sqlite_side
from storage.whole.tables import TABLES
from tests.storage.examples import NOW, TENANT, batch, bounce
from tests.storage.filled import TENANTS, fill

PEOPLE = [f"user{n}@例え{n % 3}.jp" for n in range(40)]
# Steps in the order in which they were released; what each file lacks is all behind its own.
NAMES = list(STEPS)
MADE_LATER = {
    "case_hours",
    "case_news",
    "domains",
    "inbox",
    "stretches",
    "quarantine",
    "tallies",
}


@pytest.fixture(scope="module")
def today(tmp_path_factory):
    file = tmp_path_factory.mktemp("today") / "store.db"
    store = open_store(f"sqlite:///{file}")
    fill(store)
    yield store, file
    store.close()


@pytest.fixture
def old(today, tmp_path):
    """`old(step)`: a file as that step left it, with the rows of today's in the shape of then."""

    def make(step):
        file = tmp_path / f"{step}.db"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            teach(connection)
            behind = NAMES.index(step) + 1
            stop = {"stop_before": NAMES[behind]} if behind < len(NAMES) else {}
            MIGRATIONS.apply(Database(connection, execute_plugins=False), **stop)
            with sqlite_side(today[1]) as source:
                for table in TABLES:
                    _put(connection, source, table)
            if {"set_aside"} & _tables(connection):
                connection.execute(
                    "INSERT INTO set_aside (tenant, source, body, reason, told_at) "
                    "VALUES (?, ?, 'odd', 'odd', 1)",
                    [TENANT, Source.SENDGRID_EVENTS],
                )
        return file

    return make


def _tables(connection):
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def _put(connection, source, table):
    if table.name not in _tables(connection):
        return
    then = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
    columns = [name for name in source.columns(table) if name in then]
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - ours
        source.rows(table, columns),
    )


def applied(file):
    return [name for name in NAMES if name not in pending_in(file)]


@pytest.mark.parametrize("step", NAMES)
def test_every_answer_is_todays_whatever_schema_it_was_told_to(old, today, step):
    file = old(step)
    assert applied(file) == NAMES[: NAMES.index(step) + 1]
    store = open_store(f"sqlite:///{file}")
    for tenant in TENANTS:
        for address in PEOPLE:
            then, now = (one.case(tenant, Medium.EMAIL, address) for one in (store, today[0]))
            assert then == now
        asked = (tenant, NOW, NOW.replace(hour=9))
        assert store.totals(*asked) == today[0].totals(*asked)
        assert len(store.similar(tenant, "user1", 50)) == len(today[0].similar(tenant, "user1", 50))
        assert store.domains_reached(tenant, Medium.EMAIL, ["例え0.jp"])
    assert store.record(TENANT, batch(bounce(source_id="e1", recipient=PEOPLE[1])), NOW).repeated
    store.close()


@pytest.mark.parametrize("step", NAMES)
def test_no_row_is_lost_and_none_dangles(old, today, step):
    file = old(step)
    with sqlite_side(file) as side:
        before = {
            one.name: side.count(one) for one in TABLES if one.name in _tables(side.connection)
        }
    open_store(f"sqlite:///{file}").close()
    with sqlite_side(file) as side:
        after = {one.name: side.count(one) for one in TABLES}
        [told] = side.connection.execute("PRAGMA integrity_check").fetchone()
        assert (told, side.connection.execute("PRAGMA foreign_key_check").fetchall()) == ("ok", [])
    grown = {name for name, count in before.items() if after[name] != count}
    assert grown <= MADE_LATER
    assert all(after[name] >= count for name, count in before.items())
    assert not list(file.parent.glob("*trying*"))


def test_what_was_set_aside_then_is_in_quarantine_now(old):
    store = open_store(f"sqlite:///{old('0007_corrections')}")
    assert [one.body for one in store.quarantined(TENANT, 0, 9)] == [b"odd"]
    store.close()


KILLED = """
import os, signal, sys
from storage import open_store
from storage.sqlite import engine
real = engine.bring_up_to_date
def killing(connection):
    real(connection)
    os.kill(os.getpid(), signal.SIGKILL)
engine.bring_up_to_date = killing
open_store(sys.argv[1])
"""
OPENED = "import sys; from storage import open_store; open_store(sys.argv[1]).close()"


def run(script, file):
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", script, f"sqlite:///{file}"], cwd=root)


def test_killed_in_the_middle_the_file_is_as_it_was_and_opens_the_next_time(old):
    file = old("0004_rule_sets")
    assert run(KILLED, file).wait(60) < 0
    assert applied(file) == NAMES[:4]
    store = open_store(f"sqlite:///{file}")
    assert store.case(TENANT, Medium.EMAIL, PEOPLE[1])
    assert applied(file) == NAMES
    store.close()


def test_who_opens_an_old_file_waits_for_whoever_works_on_it(old):
    file = old("0004_rule_sets")
    other = sqlite3.connect(file, check_same_thread=False)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN IMMEDIATE")
    ending = threading.Timer(0.3, other.close)
    ending.start()
    open_store(f"sqlite:///{file}").close()
    ending.join()
    assert applied(file) == NAMES


def test_two_that_open_it_at_once_bring_it_up_to_date_once(old):
    file = old("0004_rule_sets")
    both = [run(OPENED, file) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert applied(file) == NAMES


def test_a_step_that_fails_on_the_copy_never_touches_the_file(old, monkeypatch):
    file = old("0004_rule_sets")
    before = file.read_bytes()

    def failing(connection):
        connection.execute("SELECT nothing_such()")

    monkeypatch.setattr(trying, "bring_up_to_date", failing)
    with pytest.raises(StepFailedError, match=r"did not work on a copy .* is as it was, the copy"):
        open_store(f"sqlite:///{file}")
    assert applied(file) == NAMES[:4]
    assert file.read_bytes()[100:] == before[100:]
    [copy] = file.parent.glob(f"{file.name}.trying-*[0-9]")
    assert copy.stat().st_mode & 0o777 == 0o600


def test_without_room_for_a_copy_nothing_is_begun(old, monkeypatch):
    file = old("0004_rule_sets")
    usage = shutil.disk_usage(file.parent)._replace(free=1)
    monkeypatch.setattr(trying.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StorageBusyError, match=r"make \d+ bytes of room, 1 are free"):
        open_store(f"sqlite:///{file}")
    assert applied(file) == NAMES[:4]


def test_what_a_newer_version_wrote_is_not_tried(old):
    file = old(NAMES[-1])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('notify-errors', '9999_later', '')"
        )
    with pytest.raises(StoreUrlError, match="newer version"):
        open_store(f"sqlite:///{file}")
