"""backup, restore, move, migrate in the operator's shell: each changes all or nothing, and says so."""

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import load
from bot.keeping import planned
from storage.failures import Batch, Failure, Kind, Medium, Source
from storage.opening import hold, open_store
from storage.whole import moving
from tests.bot.test_cli_running import environ

NOW = datetime.now(UTC)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # Whatever is asked is answered with no, unless a test says otherwise.
    return lambda *words, answer="n\n", **more: CliRunner().invoke(
        main, [*map(str, words)], env=environ(tmp_path, **more), input=answer
    )


def url_of(tmp_path):
    return f"sqlite:///{tmp_path}/t.db"


def tell(url, *names):
    store = open_store(url)
    failures = (
        Failure(
            source=Source.SENDGRID_EVENTS,
            source_id=name,
            medium=Medium.EMAIL,
            kind=Kind.HARD_BOUNCE,
            recipient=f"{name}@example.jp",
            occurred_at=NOW,
        )
        for name in names
    )
    store.record("default", Batch(failures=tuple(failures)), NOW)
    store.close()


def known(url, name):
    store = open_store(url)
    found = store.case("default", Medium.EMAIL, f"{name}@example.jp")
    store.close()
    return found is not None


@pytest.fixture
def told(tmp_path):
    tell(url_of(tmp_path), "before")
    return url_of(tmp_path)


def test_a_backup_is_made_beside_a_server_and_put_back_without_one(run, told, tmp_path):
    with hold(told):
        made = run("backup", "b.db")
        assert made.exit_code == 0, made.output
        assert made.output.startswith("backup: b.db (")
        assert "another server works on" in run("restore", "b.db", "--replace", "--yes").output
    tell(told, "after")
    done = run("restore", "b.db", "--replace", "--yes")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("lost: 1 failures, the newest of ")
    assert ".before-restore-" in lines[-2]
    assert (known(told, "before"), known(told, "after")) == (True, False)
    assert "after@" not in done.output


def test_a_store_that_holds_something_is_not_replaced_by_mistake(run, told, tmp_path):
    run("backup", "b.db")
    tell(told, "after")
    refused = run("restore", "b.db", "--yes")
    assert (refused.exit_code, "say --replace" in refused.output) == (1, True)
    assert run("restore", "b.db", "--replace", answer="n\n").exit_code == 1
    assert known(told, "after")
    assert not list(tmp_path.glob("*restor*"))


def test_an_empty_place_needs_no_leave(run, told, tmp_path):
    run("backup", "b.db")
    fresh = f"sqlite:///{tmp_path}/fresh.db"
    done = run("restore", "b.db", answer="y\n", DATABASE_URL=fresh)
    assert done.exit_code == 0, done.output
    assert known(fresh, "before")


def test_a_backup_never_writes_over_another_by_itself(run, told):
    assert run("backup", "b.db").exit_code == 0
    again = run("backup", "b.db")
    assert (again.exit_code, "say --replace" in again.output) == (1, True)
    assert run("backup", "b.db", "--replace").exit_code == 0


@pytest.mark.parametrize("name", ["t.db", "t.db-wal", "./t.db.lock", "linked.db"])
def test_a_backup_writes_over_nothing_that_the_store_stands_on(run, told, tmp_path, name):
    (tmp_path / "linked.db").hardlink_to(tmp_path / "t.db")
    with hold(told):
        before = sorted(tmp_path.iterdir())
        refused = run("backup", name, "--replace")
    assert refused.output.endswith("is the store's own file; name one elsewhere\n")
    assert sorted(tmp_path.iterdir()) == before


def test_a_backup_replaces_files_alone(run, told, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused = run("backup", "pipe", "--replace")
    assert refused.output == "Error: pipe is no ordinary file; name another one\n"
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("note", [b"", b"\n", b"\xff\xfe", b"not a checksum  b.db\n"])
def test_a_checksum_that_says_nothing_is_no_comparison(run, told, tmp_path, note):
    run("backup", "b.db")
    (tmp_path / "b.db.sha256").write_bytes(note)
    refused = run("restore", "b.db", "--replace", "--yes")
    assert refused.output.startswith("Error: b.db.sha256 holds no checksum; copy it again")
    (tmp_path / "b.db.sha256").unlink()
    assert run("restore", "b.db", "--replace", "--yes").exit_code == 0


def test_a_database_is_restored_from_a_place_of_its_own(run, told, tmp_path, postgres):
    run("backup", "b.db")
    empty = postgres.database()
    settings = load(environ(tmp_path, DATABASE_URL=empty))
    try:
        with planned(settings, tmp_path / "b.db") as plan:
            assert tmp_path not in plan.copy.parents
            modes = [one.stat().st_mode & 0o77 for one in (plan.copy, plan.copy.parent)]
            assert modes == [0, 0]
        assert not plan.copy.parent.exists()
    finally:
        postgres.drop(empty)


@pytest.mark.parametrize(
    ("words", "told_so"),
    [
        (("backup", "missing/b.db"), "Error: missing/b.db.part: No such file or directory"),
        (("restore", "none.db", "--yes"), "there is no file none.db"),
        (("restore", "pyproject.toml", "--yes"), "Error: pyproject.toml cannot be read: "),
        (("move", "--to", "postgresql://u@127.0.0.1:1/d"), "Error: --to: connection failed"),
        (("move", "--to", "postgresql://[::1/d"), "Error: --to: the database is not named"),
        (("move", "--to", "sqlite:///x.db"), "moves to postgresql"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, told, tmp_path, words, told_so):
    (tmp_path / "pyproject.toml").write_text("[none of ours]" * 99)
    ended = run(*words)
    assert ended.exit_code == 1
    assert ended.output.count("\n") == 1
    assert told_so in ended.output


def test_without_a_store_there_is_nothing_to_back_up(run):
    assert "there is no store" in run("backup", "b.db").output


# PostgreSQL


@pytest.fixture
def database(postgres):
    fresh = postgres.database()
    yield fresh
    postgres.drop(fresh)


def test_a_store_moves_and_the_old_one_says_where_to_look(run, told, database):
    done = run("move", "--to", database)
    assert done.exit_code == 0, done.output
    assert "both sides are equal" in done.output
    assert known(database, "before")
    assert "moved to another store; restart with its URL" in run("status").output
    assert "moved to another store; restart with its URL" in run("backup", "b.db").output
    assert "moved to another store" in run("move", "--to", database).output


@pytest.fixture
def broken_off(run, told, database, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(moving, "_catch_up", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run("move", "--to", database).exit_code != 0
    return database


@pytest.mark.parametrize("words", [("serve",), ("status",), ("backup", "b.db"), ("migrate",)])
def test_on_the_target_of_a_broken_off_move_nothing_works_but_a_move(run, broken_off, words):
    refused = run(*words, DATABASE_URL=broken_off)
    assert refused.exit_code != 0
    assert "`notify-errors move` that has not ended; run that again" in refused.output
    assert refused.output.count("\n") == 1
    assert run("move", "--to", broken_off).exit_code == 0
    assert run("status", DATABASE_URL=broken_off).exit_code == 0
    assert known(broken_off, "before")


def test_a_move_that_was_broken_off_at_its_very_end_is_ended(run, told, database, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(moving, "drop_mark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert run("move", "--to", database).exit_code != 0
    assert "moved to another store; restart with its URL" in run("status").output
    assert "has not ended" in run("status", DATABASE_URL=database).output
    done = run("move", "--to", database)
    assert done.exit_code == 0, done.output
    assert "moved by an earlier try: " in done.output
    assert known(database, "before")


def test_a_moved_file_touches_no_other_database(run, told, database, postgres):
    run("move", "--to", database)
    empty = postgres.empty_database()
    try:
        assert "moved to another store" in run("move", "--to", empty).output
        assert "pending: 0001_base" in run("migrate", "--dry-run", DATABASE_URL=empty).output
    finally:
        postgres.drop(empty)


def test_a_database_is_backed_up_into_a_file_and_put_back(run, told, database):
    run("move", "--to", database)
    assert run("backup", "b.db", DATABASE_URL=database).exit_code == 0
    tell(database, "after")
    done = run("restore", "b.db", "--replace", "--yes", DATABASE_URL=database)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("lost: 1 failures")
    assert (known(database, "before"), known(database, "after")) == (True, False)


# migrate


def test_pending_steps_are_named_and_done_once(run, tmp_path):
    assert "pending: 0001_intake" in run("migrate", "--dry-run").output
    assert not (tmp_path / "t.db").exists()
    assert run("migrate").exit_code == 0
    assert run("migrate").output == "nothing is pending\n"
    assert run("migrate", "--dry-run").exit_code == 0


def test_a_database_has_steps_too(run, postgres):
    empty = postgres.empty_database()
    try:
        dry = run("migrate", "--dry-run", DATABASE_URL=empty)
        assert (dry.exit_code, dry.output) == (3, "pending: 0001_base\npending: 0002_inbox\n")
        assert run("migrate", DATABASE_URL=empty).output == "done: 0001_base\ndone: 0002_inbox\n"
    finally:
        postgres.drop(empty)


@pytest.mark.parametrize("words", [("migrate",), ("migrate", "--dry-run")])
def test_nothing_is_pending_only_where_a_store_can_be_opened(run, told, tmp_path, words):
    with sqlite3.connect(tmp_path / "t.db") as file:
        file.execute("UPDATE _sqlite_migrations SET name = '9999_future' WHERE name LIKE '0016%'")
    file.close()
    refused = run(*words)
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "t.db was written by a newer version (it has 9999_future)" in refused.output
    (tmp_path / "t.db").write_bytes(b"these are not the pages of a database" * 99)
    assert run(*words).output == "Error: NOTIFY_ERRORS_DATABASE_URL: file is not a database\n"


@pytest.mark.parametrize("words", [("serve",), ("status",), ("migrate",), ("doctor",)])
def test_a_url_that_names_no_database_is_refused_in_one_line(run, words):
    refused = run(*words, DATABASE_URL="postgresql://user:secret@[::1/d")
    assert "the database is not named by this URL" in refused.output
    assert isinstance(refused.exception, SystemExit)
    assert "secret" not in refused.output


def test_a_bar_is_for_terminals(run, told, tmp_path):
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "backup", f"{tmp_path}/b.db"],
        cwd=root,
        env=environ(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stderr == ""
    assert ended.stdout.startswith("backup: ")
