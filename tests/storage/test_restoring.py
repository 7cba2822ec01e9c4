"""A backup in the store's place: what is lost is said before, and nothing happens twice after."""

from datetime import date, timedelta

import pytest

from storage import open_store
from storage.digests import Posting, PostState
from storage.failures import Medium
from storage.opening import file_of
from storage.requests import ResendState
from storage.whole import restoring
from storage.whole.backing_up import BackupError, back_up
from storage.whole.restoring import Lost, lost, nothing_twice, prepared, take_place
from storage.whole.sqlite_side import sqlite_side
from tests.storage.examples import NOW, TENANT, batch, bounce
from tests.storage.filled import fill, request

pytestmark = pytest.mark.engine("sqlite")
LATER = NOW + timedelta(days=2)
THAT_DAY = LATER.date()


@pytest.fixture
def filled(store):
    fill(store)
    return store


@pytest.fixture
def backup(filled, url, tmp_path):
    file = tmp_path / "backup.db"
    back_up(file_of(url), file, lambda *_: None)
    return file


def losses(url, backup):
    with sqlite_side(file_of(url)) as present, sqlite_side(backup) as kept:
        return list(lost(present, kept))


def restored(backup, url, last_day=THAT_DAY):
    copy = prepared(backup, file_of(url))
    nothing_twice(copy, LATER, last_day)
    kept = take_place(copy, file_of(url), LATER)
    return open_store(url), kept


def test_what_came_since_is_named_with_its_newest(filled, url, backup):
    told = (bounce(source_id=f"l{n}", recipient=f"l{n}@example.jp") for n in range(3))
    filled.record(TENANT, batch(*told), LATER)
    filled.ask(TENANT, request(id="r9", subject="taro@example.jp", asked_at=LATER), [])
    assert losses(url, backup) == [Lost("failures", 3, LATER), Lost("requests", 1, LATER)]


def test_nothing_is_lost_where_nothing_came(filled, url, backup):
    assert losses(url, backup) == []


def test_the_store_is_as_it_was_and_what_was_there_is_kept(filled, url, backup):
    filled.record(TENANT, batch(bounce(recipient="late@example.jp")), LATER)
    filled.close()
    store, kept = restored(backup, url)
    assert store.case(TENANT, Medium.EMAIL, "late@example.jp") is None
    assert store.case(TENANT, Medium.EMAIL, "user1@例え1.jp")
    store.close()
    before = open_store(f"sqlite:///{kept}")
    assert before.case(TENANT, Medium.EMAIL, "late@example.jp")
    before.close()


def test_what_may_have_been_posted_since_waits_for_a_person(filled, url, backup):
    filled.close()
    store, _ = restored(backup, url)
    assert store.due_notices(TENANT, LATER, 9) == []
    assert store.unanswered_notices(TENANT) == 1
    unanswered = store.postings(TENANT, PostState.UNANSWERED)
    assert [one.day for one in unanswered] == [date(2026, 11, 21), date(2026, 11, 22)]
    assert store.covered_until(TENANT, "slack:C0DIGEST") == NOW
    again = Posting(
        channel="slack:C0DIGEST",
        day=date(2026, 11, 22),
        since=NOW,
        until=LATER,
        state=PostState.CLAIMED,
        claimed_at=LATER,
    )
    assert not store.claim_posting(TENANT, again)
    assert store.reopen_posting(TENANT, "slack:C0DIGEST", again.day)
    store.close()


def test_a_digest_that_is_not_due_yet_is_posted_as_ever(filled, url, backup):
    filled.close()
    store, _ = restored(backup, url, last_day=THAT_DAY - timedelta(days=1))
    assert [one.day.day for one in store.postings(TENANT, PostState.UNANSWERED)] == [21]
    store.close()


def test_a_resend_that_was_planned_is_not_sent_by_itself(filled, url, backup):
    filled.close()
    store, _ = restored(backup, url)
    assert store.due_resends(TENANT, LATER, 9) == []
    [resend] = store.resends(TENANT, "r2")
    assert resend.state is ResendState.UNANSWERED
    store.close()


def test_a_file_whose_bytes_changed_is_refused(url, backup):
    with backup.open("r+b") as opened:
        opened.seek(5000)
        opened.write(b"x")
    with pytest.raises(BackupError, match="not what was written"):
        prepared(backup, file_of(url))


def test_a_file_of_a_newer_version_is_refused(url, backup):
    with sqlite_side(backup) as side:
        side.connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('notify-errors', '9999_later', '')"
        )
        side.connection.execute("PRAGMA journal_mode = DELETE")
    restoring.beside(backup).unlink()
    with pytest.raises(BackupError, match=r"newer version .*install that version"):
        prepared(backup, file_of(url))


def test_a_file_that_is_not_there_is_named(url, tmp_path):
    with pytest.raises(BackupError, match=r"there is no file .*/none\.db"):
        prepared(tmp_path / "none.db", file_of(url))


def test_what_is_refused_leaves_no_copy(filled, url, backup):
    backup.write_bytes(b"rubbish")
    restoring.beside(backup).unlink()
    with pytest.raises(BackupError):
        prepared(backup, file_of(url))
    assert not list(file_of(url).parent.glob("*.restoring*"))
