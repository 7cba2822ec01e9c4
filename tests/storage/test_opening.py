import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_store
from storage.opening import StoreHeldError, StoreUrlError, hold
from storage.sqlite.migrations import STEPS
from storage.store import StorageBusyError
from storage.views import CaseQuery
from tests.storage.examples import NOW, TENANT, batch, bounce, refusal


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store.db"


@pytest.mark.parametrize(
    "named",
    [
        "mysql://user:secret@example.jp/db",
        "postgresql://user:secret@127.0.0.1/db?sslmode_=x",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:/x/",
        "store.db",
        "",
    ],
)
def test_a_url_that_is_none_is_refused_without_repeating_it(named):
    with pytest.raises(StoreUrlError) as refused:
        open_store(named)
    assert "secret" not in str(refused.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreUrlError, match="no folder .*/missing; make it"):
        open_store(f"sqlite:///{tmp_path}/missing/store.db")


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreUrlError, match="is a folder"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_relative_path_is_meant_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///here.db").close()
    assert (tmp_path / "here.db").is_file()


def test_nobody_else_may_read_the_file(file):
    before = os.umask(0)
    try:
        open_store(f"sqlite:///{file}").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_opened_again_remembers(file):
    for expected in (1, 0, 0):
        store = open_store(f"sqlite:///{file}")
        assert store.record(TENANT, batch(bounce()), NOW).new == expected
        store.close()


def test_every_step_of_the_schema_is_applied_once(file):
    for _ in range(3):
        open_store(f"sqlite:///{file}").close()
    connection = sqlite3.connect(file)
    applied = [name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")]
    connection.close()
    assert applied == list(STEPS)


def test_what_was_stored_before_guesses_had_a_column_says_so_in_the_vendors_fields(file):
    store = open_store(f"sqlite:///{file}")
    raw = json.dumps({"status": 403, "evidence": "guessed"})
    store.record(TENANT, batch(refusal(raw=raw), refusal(recipient="proven@example")), NOW)
    store.close()
    connection = sqlite3.connect(file)
    connection.execute("ALTER TABLE failures DROP COLUMN guessed")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0005_guesses'")
    connection.commit()
    connection.close()
    store = open_store(f"sqlite:///{file}")
    told = {case.recipient: case.guessed for case in store.cases(TENANT, CaseQuery())}
    store.close()
    assert told == {refusal().recipient: True, "proven@example": False}


def test_a_schema_from_the_future_is_refused(file):
    open_store(f"sqlite:///{file}").close()
    connection = sqlite3.connect(file)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('notify-errors', '9999_future', '2030')"
    )
    connection.commit()
    connection.close()
    with pytest.raises(StoreUrlError, match="newer version"):
        open_store(f"sqlite:///{file}")


def test_a_file_that_is_no_database_is_said(file):
    file.write_bytes(b"these are not the pages of a database" * 99)
    with pytest.raises(StorageBusyError, match="not a database"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"these")


def test_several_may_open_an_empty_file_at_once(file):
    script = f"from storage import open_store; open_store('sqlite:///{file}').close()"
    root = Path(__file__).parents[2]
    racing = [subprocess.Popen([sys.executable, "-c", script], cwd=root) for _ in range(3)]
    assert [process.wait() for process in racing] == [0, 0, 0]


def test_a_second_server_is_kept_out_until_the_first_is_gone(file):
    url = f"sqlite:///{file}"
    with hold(url), pytest.raises(StoreHeldError, match=r"works on .*store\.db$"), hold(url):
        pass
    with hold(url):
        pass


def test_readers_work_beside_a_server(file):
    url = f"sqlite:///{file}"
    with hold(url):
        serving, beside = open_store(url), open_store(url)
        serving.put_fact(TENANT, "a", "b")
        assert beside.fact(TENANT, "a") == "b"
        serving.close()
        beside.close()
