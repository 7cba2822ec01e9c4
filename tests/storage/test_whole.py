"""A store taken whole: copied as it stands in one moment, beside whoever goes on writing."""

import sqlite3
import threading
from contextlib import closing

import psycopg
import pytest

from storage import open_store
from storage.failures import Medium
from storage.opening import file_of, is_database
from storage.whole import backing_up
from storage.whole.backing_up import BackupError, back_up, beside, check, checksum
from storage.whole.filling import fill as fill_database
from storage.whole.postgres_side import postgres_side
from storage.whole.sides import differing
from storage.whole.sqlite_side import sqlite_side
from storage.whole.tables import TABLES
from tests.storage.examples import NOW, TENANT, batch, bounce
from tests.storage.filled import TENANTS, fill

DERIVED = {"hours", "recipient_grams", "indexed_recipients"}
OF_ENGINES = {"_sqlite_migrations", "sqlite_sequence", "schema_steps"}


@pytest.fixture
def filled(store):
    fill(store)
    return store


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kept" / "backup.db"


@pytest.fixture(autouse=True)
def _folder(file):
    file.parent.mkdir()


def side_of(url):
    if is_database(url):
        return postgres_side(url, one_moment=True)
    return sqlite_side(file_of(url), one_moment=True)


def backed_up(url, file, tell=lambda *_: None):
    if not is_database(url):
        return back_up(file_of(url), file, tell)
    with side_of(url) as source:
        return back_up(source, file, tell)


def tables_of(url):
    if is_database(url):
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
    else:
        with closing(sqlite3.connect(file_of(url))) as connection:
            rows = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
    return {name for (name,) in rows if not name.startswith("recipient_grams_")}


def test_no_table_is_forgotten(store, url):
    assert {table.name for table in TABLES} == tables_of(url) - DERIVED - OF_ENGINES


def test_something_of_everything_is_in_the_example(filled, url):
    with side_of(url) as side:
        assert [table.name for table in TABLES if not side.count(table)] == []


def test_a_backup_holds_what_the_store_held(filled, url, file):
    told = []
    digest = backed_up(url, file, lambda done, whole: told.append((done, whole)))
    with side_of(url) as source, sqlite_side(file) as copy:
        assert list(differing(source, copy)) == []
    assert told[-1][0] == told[-1][1] > 0
    assert (checksum(file), beside(file).read_text().split()[0]) == (digest, digest)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in file.parent.iterdir()) == ["backup.db", "backup.db.sha256"]


def test_a_backup_opens_as_a_store_and_gives_the_same_answers(filled, url, file):
    backed_up(url, file)
    copy = open_store(f"sqlite:///{file}")
    for tenant in TENANTS:
        for name in ("user1@例え1.jp", "user3@例え0.jp"):
            found = [one.case(tenant, Medium.EMAIL, name) for one in (filled, copy)]
            assert found[0] == found[1]
        sums = [one.totals(tenant, NOW, NOW.replace(hour=9)) for one in (filled, copy)]
        assert sums[0] == sums[1] != {}
        assert copy.similar(tenant, "user1") == filled.similar(tenant, "user1") != []
        assert copy.kept(tenant, "k1") == filled.kept(tenant, "k1")
    copy.close()


def test_whoever_writes_meanwhile_is_not_kept_waiting_and_is_not_in_it(filled, url, file):
    def write(done, whole):
        if not met:
            met.append(filled.record(TENANT, batch(bounce(recipient="late@example.jp")), NOW))

    met = []
    backed_up(url, file, write)
    assert met[0].new == 1
    copy = open_store(f"sqlite:///{file}")
    assert copy.case(TENANT, Medium.EMAIL, "late@example.jp") is None
    assert filled.case(TENANT, Medium.EMAIL, "late@example.jp")
    copy.close()


def test_a_backup_under_a_burst_is_of_one_moment(store, url, file):
    """Each batch tells of three people: a moment in the middle would hold fewer of some."""
    stop = threading.Event()

    def burst():
        number = 0
        while not stop.is_set():
            number += 1
            told = (bounce(source_id=f"{number}", recipient=f"{n}@example.jp") for n in range(3))
            store.record(TENANT, batch(*told), NOW)

    writer = threading.Thread(target=burst)
    writer.start()
    try:
        backed_up(url, file)
    finally:
        stop.set()
        writer.join()
    copy = open_store(f"sqlite:///{file}")
    counts = {len(copy.failures(TENANT, Medium.EMAIL, f"{n}@example.jp", 99_999)) for n in range(3)}
    assert len(counts) == 1
    copy.close()


def test_a_backup_that_breaks_off_leaves_nothing_and_the_old_one(filled, url, file, monkeypatch):
    backed_up(url, file)
    before = checksum(file)

    def full(part, _called):
        raise OSError(28, "No space left on device", str(part))

    monkeypatch.setattr(backing_up, "check", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(url, file)
    assert checksum(file) == before
    assert len(list(file.parent.iterdir())) == 2


@pytest.mark.engine("sqlite")
def test_a_damaged_file_is_no_backup(filled, url, file):
    backed_up(url, file)
    check(file, file)
    for spoilt in (b"x" * 100, file.read_bytes()[: file.stat().st_size // 2], b""):
        other = file.with_name("other.db")
        other.write_bytes(spoilt)
        with pytest.raises(BackupError, match=r"cannot be read|damaged|no backup"):
            check(other, other)


@pytest.mark.engine("postgres")
def test_a_database_is_filled_at_once_and_its_numbers_go_on(filled, url, file, postgres):
    backed_up(url, file)
    other = postgres.database()
    try:
        store = open_store(other)
        store.record(TENANT, batch(bounce(recipient="gone@example.jp")), NOW)
        fill_database(file, other, lambda *_: None)
        with side_of(url) as source, side_of(other) as target:
            assert list(differing(source, target)) == []
        assert store.case(TENANT, Medium.EMAIL, "gone@example.jp") is None
        assert store.record(TENANT, batch(bounce(recipient="new@example.jp")), NOW).new == 1
        assert store.totals(TENANT, NOW, NOW.replace(hour=9))[Medium.EMAIL].failed == 41
        store.close()
    finally:
        postgres.drop(other)
