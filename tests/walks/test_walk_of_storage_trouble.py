"""A running bot in real trouble: 503, nothing half done, and on it goes without a restart."""

import contextlib
import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sandbox.process import Bot, BotDiedError
from sandbox.stage import stage, until
from storage.failures import Batch, Failure, Kind, Medium, Source
from storage.opening import open_store
from tests.storage.faults import cut_short, full, held, limited, mounted, overwritten

NOW = datetime(2026, 11, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def made():
    with stage(NOW) as one:
        yield one


class Running:
    """A bot on a file of its own, to which a host tells its failures."""

    def __init__(self, made, folder):
        self.file = folder / "n.db"
        self.settings = made.settings | {"DATABASE_URL": f"sqlite:///{self.file}"}
        self.bot = Bot(self.settings, made.folder)
        self.headers = {"Authorization": f"Bearer {made.settings['PUSH_TOKEN']}"}

    def tell(self, name, size=10):
        told = {
            "id": name,
            "medium": "email",
            "recipient": f"{name}@example.jp",
            "occurred_at": NOW.isoformat(),
            "kind": "soft_bounce",
            "text": "x" * size,
        }
        url = f"{self.bot.url}/failures"
        return httpx.post(url, json=told, headers=self.headers, timeout=60).status_code

    def ready(self):
        answer = httpx.get(f"{self.bot.url}/readyz", timeout=60)
        return answer.status_code, answer.json()["storage"]

    def stored(self, name):
        store = open_store(f"sqlite:///{self.file}")
        found = store.failures("default", Medium.EMAIL, f"{name}@example.jp")
        store.close()
        return [one.times_seen for one in found]


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def running(made, folder):
    with contextlib.ExitStack() as stack:

        def start():
            one = Running(made, folder)
            stack.callback(one.bot.stop)
            return one

        yield start


def recovered(one, *names):
    """Told again it is taken, and stored once."""
    for name in names:
        assert one.tell(name) in {200, 207}
        assert one.stored(name) == [1]
    assert one.ready() == (200, "ok")


@contextlib.contextmanager
def read_from(file):
    """Somebody reads what was there; so long the log must keep what came since."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM failures").fetchone()
        yield


def without_room(one):
    """Tell until the log has to grow for it: a log that began anew has room of its own."""
    log = one.file.with_name("n.db-wal")
    size = log.stat().st_size
    for number in range(50):
        if log.stat().st_size > size:
            break
        assert one.tell(f"more-{number}", 60_000) == 200
    return log.stat().st_size


def test_a_full_disk(running, folder):
    with mounted(folder, 16 * 1024 * 1024) as small:
        one = running()
        with read_from(one.file):
            assert one.tell("before") == 200
            limit = without_room(one) + 4096
            with full(folder) if small else limited(one.bot._process.pid, limit):
                answers = {one.tell(f"during-{n}", 60_000) for n in range(5)}
                assert answers == {503}
                assert one.ready() == (503, "busy")
                assert httpx.get(f"{one.bot.url}/healthz").status_code == 200
        recovered(one, "during-0", "before")
        assert "disk is full" in one.bot.said() or "disk I/O error" in one.bot.said()
        one.bot.stop()


def test_a_limit_that_the_bots_own_log_meets_too(running):
    one = running()
    with limited(one.bot._process.pid, 1):
        assert {one.tell(f"during-{n}") for n in range(3)} == {503}
    recovered(one, "during-0")


def test_a_lock_held_by_another_program(running):
    one = running()
    with held(one.file, "BEGIN IMMEDIATE"):
        assert one.tell("during") == 503
        assert one.ready() == (503, "busy")
    assert one.stored("during") == []
    recovered(one, "during")


def test_the_admins_hear_of_what_was_refused_when_it_is_over(running, made):
    one = running()
    with held(one.file, "BEGIN IMMEDIATE"):
        assert [one.tell("during") for _ in range(2)] == [503, 503]
    recovered(one, "during")
    assert "受け取れませんでした" not in str(made.slack.state()["messages"])
    made.turn(made.clock.now() + timedelta(minutes=3))
    told = until(
        "the admins hear of it",
        lambda: [text for text in texts(made) if "受け取れませんでした" in text],
    )
    assert "2回" in told[0]


def texts(made):
    return [str(one) for told in made.slack.state()["messages"].values() for one in told]


def test_a_folder_that_is_gone_for_a_while(running, folder):
    one = running()
    away = folder.with_name(f"{folder.name}-away")
    folder.rename(away)
    try:
        assert one.tell("during") == 503
        assert one.ready() == (503, "busy")
    finally:
        away.rename(folder)
    assert one.stored("during") == []
    recovered(one, "during")


def prepared(file):
    """Enough of the past for damage to have something to hit."""
    store = open_store(f"sqlite:///{file}")
    failures = tuple(
        Failure(
            source=Source.HOST_PUSH,
            source_id=f"{n}",
            medium=Medium.EMAIL,
            kind=Kind.SOFT_BOUNCE,
            recipient=f"p{n}@example.jp",
            occurred_at=NOW,
        )
        for n in range(3000)
    )
    store.record("default", Batch(failures=failures), NOW)
    store.close()


def test_a_damaged_file(running, folder):
    prepared(folder / "n.db")
    one = running()
    overwritten(one.file)
    assert one.tell("during") == 503
    assert one.ready() == (503, "damaged")
    assert "malformed" in one.bot.said()


def test_a_copy_that_was_cut_short_stops_the_start_with_one_line(running, folder):
    prepared(folder / "n.db")
    cut_short(folder / "n.db")
    with pytest.raises(BotDiedError, match="cut short") as died:
        running()
    assert "Error: NOTIFY_ERRORS_DATABASE_URL" in str(died.value)
    assert "Traceback" not in str(died.value)
