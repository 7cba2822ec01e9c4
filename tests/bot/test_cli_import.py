"""`import` in the shell: shown first, then all or nothing, whoever dies in between."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from storage.imports import ImportState
from storage.opening import open_store
from storage.views import CaseQuery

ROOT = Path(__file__).parents[2]
HEADERS = "日時,宛先,エラー,原因\n"
ROW = "2026/11/20 9:05,{},ソフトバウンス,満杯\n"


@pytest.fixture
def environ(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
        "ADMINS": "slack:U0ADMIN",
        "APPROVERS": "slack:U0SATO",
        "DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
    }
    return {f"NOTIFY_ERRORS_{name}": value for name, value in given.items()}


@pytest.fixture
def run(environ):
    def called(*arguments, typed=None):
        return CliRunner().invoke(main, ["import", *arguments], env=environ, input=typed)

    return called


@pytest.fixture
def stored(tmp_path):
    @contextlib.contextmanager
    def opened():
        store = open_store(f"sqlite:///{tmp_path}/t.db")
        yield store
        store.close()

    return opened


@pytest.fixture
def cases(stored):
    def counted():
        with stored() as store:
            query = CaseQuery(fresh=False, limit=10**6)
            return sorted(one.recipient for one in store.cases("default", query))

    return counted


def screen(path, *recipients, bad=""):
    path.write_text(HEADERS + "".join(map(ROW.format, recipients)) + bad, encoding="cp932")
    return str(path)


@pytest.fixture
def file(tmp_path):
    return screen(tmp_path / "メール.csv", "a@example.jp", "b@example.jp")


BAD = "きのう,c@example.jp,bounce,\n"


def test_a_file_is_shown_asked_about_and_brought_in(run, file, cases):
    ended = run(file, typed="y\n")
    assert ended.exit_code == 0, ended.output
    assert "(screen-email), by its name" in ended.output
    assert "bring in 2 rows? [y/N]" in ended.output
    assert ended.output.endswith("import: new=2 repeated=0 people=0 left_out=0\n")
    assert cases() == ["a@example.jp", "b@example.jp"]


def test_a_second_time_everything_is_a_repetition(run, file, cases):
    run(file, "--yes")
    assert "new=0 repeated=2" in run(file, "--yes").output
    assert len(cases()) == 2


def test_whoever_says_no_gets_nothing(run, file, cases, stored):
    for typed in ("n\n", ""):
        assert run(file, typed=typed).exit_code == 1
    assert cases() == []
    with stored() as store:
        assert [store.imports("default", state) for state in ImportState] == [[], [], []]


def test_a_dry_run_touches_nothing(run, file, cases):
    ended = run(file, "--dry-run")
    assert ended.exit_code == 0
    assert ended.output.endswith("dry run: nothing was stored\n")
    assert cases() == []


@pytest.mark.parametrize("how", [("--yes",), ("--dry-run",)])
def test_rows_that_are_not_understood_let_nothing_in(run, tmp_path, cases, how):
    ended = run(screen(tmp_path / "mail.csv", "a@example.jp", bad=BAD), *how)
    assert ended.exit_code == 1
    assert "line 3: occurred_at: 'きのう' is no time" in ended.output
    assert "mend these rows, or say --leave-out" in ended.output
    assert cases() == []


def test_the_rest_comes_in_when_that_is_said(run, tmp_path, cases):
    ended = run(screen(tmp_path / "mail.csv", "a@example.jp", bad=BAD), "--yes", "--leave-out")
    assert ended.exit_code == 0
    assert ended.output.endswith("import: new=1 repeated=0 people=0 left_out=1\n")
    assert cases() == ["a@example.jp"]


@pytest.mark.parametrize("rows", [(), (BAD,)])
def test_a_file_with_no_good_row_at_all_lets_nothing_in(run, tmp_path, rows):
    path = screen(tmp_path / "mail.csv", bad="".join(rows))
    assert run(path, "--yes", "--leave-out").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no.csv",), "does not exist"),
        (("odd.csv",), "odd.csv has no headers in its first 10 lines"),
        (("odd.csv", "--as", "nothing"), "--as nothing: use one of export-email"),
        (("odd.csv", "--encoding", "utf-9"), "--encoding utf-9: there is no such encoding"),
        (("odd.csv", "--encoding", "base64"), "--encoding base64: there is no such encoding"),
        (("odd.csv", "--encoding", "undefined"), "--encoding undefined: there is no such"),
        (("odd.csv", "--encoding", "utf-16"), "odd.csv is not utf-16 in line 1: say another"),
        (("list.csv",), "say --as sendgrid-bounces or --as sendgrid-blocks"),
    ],
)
def test_a_file_that_cannot_be_read_is_2_and_says_the_mend(run, tmp_path, arguments, said):
    (tmp_path / "odd.csv").write_text("x,y\n")
    (tmp_path / "list.csv").write_text(
        "status,reason,email,created\n5.1.1,no,a@example.jp,1795133100\n"
    )
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert said in ended.output


def test_a_pipe_is_no_file_and_nobody_waits_for_it(run, tmp_path):
    os.mkfifo(tmp_path / "63")
    ended = run("63", "--yes")
    assert ended.exit_code == 2
    assert ended.output == "Error: 63 is no ordinary file: save it to a file first\n"


def test_a_person_may_say_what_it_is(run, tmp_path):
    (tmp_path / "list.csv").write_text(
        "status,reason,email,created\n5.1.1,no,a@example.jp,1795133100\n"
    )
    ended = run("list.csv", "--as", "sendgrid-blocks", "--yes")
    assert "soft_bounce 1" in ended.output
    assert ended.exit_code == 0


def test_people_are_brought_in_too(run, tmp_path, stored):
    (tmp_path / "people.csv").write_text("氏名,メールアドレス\n山田,taro@example.jp\n", "utf-16")
    assert run("people.csv", "--yes").output.endswith("new=0 repeated=0 people=1 left_out=0\n")
    with stored() as store:
        assert [one.name for one in store.find_people("default", "taro@example.jp")] == ["山田"]


def test_what_is_exported_can_be_brought_in_elsewhere(run, environ, tmp_path, file, cases):
    run(file, "--yes")
    before = cases()
    period = "2026-11-20..2026-11-20"
    ended = CliRunner().invoke(main, ["export", period, "--raw", "--output", "out"], env=environ)
    assert ended.exit_code == 0, ended.output
    environ["NOTIFY_ERRORS_DATABASE_URL"] = f"sqlite:///{tmp_path}/other.db"
    assert "export-email" in run("out/email.csv", "--yes").output
    (tmp_path / "t.db").unlink()
    (tmp_path / "other.db").rename(tmp_path / "t.db")
    assert cases() == before


MANY = 40_000


@pytest.fixture
def many(tmp_path):
    return screen(tmp_path / "mail.csv", *(f"{n}@example.jp" for n in range(MANY)))


@pytest.fixture
def started(environ, tmp_path):
    """The command as a process of its own, in a terminal or not."""
    found = []

    def run(*arguments, **streams):
        command = [sys.executable, "-m", "bot", "import", *arguments]
        env = {**os.environ, **environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=tmp_path, env=env, **streams)
        found.append(process)
        return process

    yield run
    for process in found:
        process.kill()
        process.wait()


def seen(stored, look):
    """Wait until the store shows it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with stored() as store:
            if look(store):
                return
        time.sleep(0.02)
    raise AssertionError("not seen in time")


def first(store, state):
    return next(iter(store.imports("default", state)), None)


def killed_while(started, stored, many, look):
    process = started(many, "--yes", stdout=subprocess.DEVNULL)
    seen(stored, look)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_while_it_reads_nothing_of_it_is_there_and_again_all_is(
    run, started, stored, many, cases
):
    def reading(store):
        one = first(store, ImportState.READING)
        return one and store.next_part("default", one.id)

    killed_while(started, stored, many, reading)
    assert cases() == []
    assert f"new={MANY} repeated=0" in run(many, "--yes").output
    assert len(cases()) == MANY


def test_killed_while_it_brings_in_the_next_command_goes_on(
    run, started, stored, many, cases, file
):
    def half(store):
        one = first(store, ImportState.WHOLE)
        return one and one.new

    killed_while(started, stored, many, half)
    assert 0 < len(cases()) < MANY
    ended = run(file, "--yes")
    assert ended.output.startswith("mail.csv: was cut short, goes on\n")
    assert len(cases()) == MANY + 2
    with stored() as store:
        assert first(store, ImportState.WHOLE) is None
        seen_twice = CaseQuery(fresh=False, limit=10**6)
        assert {one.times_seen for one in store.cases("default", seen_twice)} == {1}


def test_an_empty_database_is_no_excuse_for_news(run, stored, file):
    run(file, "--yes")
    with stored() as store:
        assert store.cases("default", CaseQuery()) == []
        assert store.due_notices("default", datetime.now(UTC) + timedelta(days=1), 9) == []


def test_on_a_terminal_there_is_a_bar_and_elsewhere_none(started, many, tmp_path):
    shown, ours = pty.openpty()
    process = started(many, "--dry-run", stdout=subprocess.PIPE, stderr=ours)
    process.communicate(timeout=60)
    os.close(ours)
    assert b"reading" in os.read(shown, 4096)
    os.close(shown)
    silent = started(many, "--dry-run", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert silent.communicate(timeout=60)[1] == b""
