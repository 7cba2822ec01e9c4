"""The shell's commands about readings: what they print, and with which status they end."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from handlers.wordings import wording_of
from storage.corrections import Correction, CorrectionState
from storage.failures import Batch, Cause, Failure, Kind, Medium, Permanence, Reading, Source
from storage.opening import hold, open_store

GIVEN = {
    "SLACK_BOT_TOKEN": "xoxb-made-up",
    "SLACK_SIGNING_SECRET": "made-up",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "ADMINS": "slack:U0ADMIN",
    "APPROVERS": "slack:U0SATO",
}
FULL = "552 5.2.2 <{}>: mailbox full"


def environ(folder):
    given = GIVEN | {"DATABASE_URL": f"sqlite:///{folder}/t.db"}
    return {f"NOTIFY_ERRORS_{name}": value for name, value in given.items()}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def called(*arguments, **more):
        return CliRunner().invoke(main, arguments, env=environ(tmp_path), **more)

    return called


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/t.db")
    yield opened
    opened.close()


def fill(store, count=3, cause=Cause.OTHER):
    for first in range(0, count, 500):
        failures = tuple(
            Failure(
                source=Source.SENDGRID_EVENTS,
                source_id=f"{n}",
                medium=Medium.EMAIL,
                kind=Kind.HARD_BOUNCE,
                recipient=f"taro-{n}@example.jp",
                occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
                provider_text=FULL.format(f"taro-{n}@example.jp"),
                reading=Reading(cause=cause, rule_set="old"),
            )
            for n in range(first, min(first + 500, count))
        )
        store.record("default", Batch(failures=failures), datetime(2026, 11, 20, tzinfo=UTC))


def correct(store, **changes):
    wording = wording_of(FULL.format("x@example.jp"))
    values = {
        "id": "c1",
        "wording": wording.id,
        "words": wording.words,
        "cause": Cause.POLICY_BLOCKED,
        "permanence": Permanence.SOFT,
        "why": "asked",
        "author": "slack:U0ADMIN",
        "made_at": datetime(2026, 11, 20, tzinfo=UTC),
    }
    store.correct("default", Correction(**values | changes))


# explain


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """No settings and no database at all."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **more: CliRunner().invoke(main, arguments, **more)


def test_a_reply_is_explained_without_any_settings(bare, tmp_path):
    ended = bare("explain", FULL.format("taro@example.jp"), "--locale", "en")
    assert ended.exit_code == 0
    for said in ("Cause: Mailbox full", "Whose turn: Recipient", "taro@example.jp"):
        assert said in ended.output
    assert "Not right?" not in ended.output
    assert list(tmp_path.iterdir()) == []


def test_words_need_no_quotes_and_the_language_may_be_set(bare):
    assert "空き容量不足" in bare("explain", "552", "5.2.2", "mailbox", "full").output
    english = bare("explain", "552 5.2.2 full", env={"NOTIFY_ERRORS_LOCALE": "en"})
    assert "Mailbox full" in english.output


def test_standard_input_keeps_its_lines(bare):
    report = (
        "Final-Recipient: rfc822; a@example.jp\nAction: failed\nDiagnostic-Code: smtp; 552 full\n"
    )
    ended = bare("explain", "-", input=report * 2)
    assert ended.output.count("▼ a@example.jp") == 2


def test_machines_get_one_line_for_each_refusal(bare):
    events = [
        {
            "event": "bounce",
            "type": "blocked",
            "email": "a@example.jp",
            "reason": "552 mailbox full",
        },
        {"event": "deferred", "email": "b@example.jp", "response": "450 wait 5 minutes"},
    ]
    lines = bare("explain", "--json", json.dumps(events)).output.splitlines()
    first, second = map(json.loads, lines)
    assert (first["kind"], first["cause"]) == ("soft_bounce", "mailbox_full")
    assert first["rule"]
    assert second["facts"] == {"retry_after": 300.0}


def test_an_answer_of_line_works_has_no_cause_but_a_source(bare):
    ended = bare("explain", "--json", '403 {"code": "FORBIDDEN", "description": "no"}')
    told = json.loads(ended.output)
    assert (told["kind"], told["cause"], told["evidence"]) == ("bot_not_allowed", None, "guessed")
    assert "worksmobile.com" in told["source"]


@pytest.mark.parametrize(("arguments", "given"), [((), ""), (("-",), "\n"), ((" ",), "")])
def test_nothing_to_explain_is_a_wrong_use(bare, arguments, given):
    assert bare("explain", *arguments, input=given).exit_code == 2


# classify


def test_classify_streams_from_standard_input_or_a_file(bare, tmp_path):
    line = json.dumps({"id": "a", "text": "552 5.2.2 mailbox full"})
    (tmp_path / "in.jsonl").write_text(f"{line}\n")
    for ended in (bare("classify", "--jsonl", input=line), bare("classify", "--jsonl", "in.jsonl")):
        assert ended.exit_code == 0
        assert json.loads(ended.output)["cause"] == "mailbox_full"


def test_one_bad_line_is_told_by_the_exit_status(bare):
    good = '{"id": "a", "text": "552 mailbox full"}'
    ended = bare("classify", "--jsonl", input=f"{good}\nbad\n{good}\n")
    assert ended.exit_code == 1
    assert ["error" in line for line in ended.output.splitlines()] == [False, True, False]


def test_the_form_has_to_be_named(bare):
    ended = bare("classify", input="")
    assert ended.exit_code == 2
    assert "--jsonl" in ended.output


def test_the_answer_to_one_line_comes_before_the_next_is_sent():
    command = [sys.executable, "-m", "bot", "classify", "--jsonl"]
    root = Path(__file__).parents[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=root, **pipes) as process:
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": "550 no"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
    assert process.returncode == 0


# reclassify


def test_a_dry_run_shows_and_says_by_its_status_that_something_would_change(run, store):
    fill(store)
    ended = run("reclassify", "--dry-run", "--examples", "2")
    assert ended.exit_code == 3
    first, *examples, last = ended.output.splitlines()
    assert first == "email: other -> mailbox_full: 3"
    assert len(examples) == 2
    assert all("taro" not in line and "t***@example.jp" in line for line in examples)
    assert last.startswith("reclassify: read=3 would_change=3 left=0 rules=")
    assert {one.reading.rule_set for _, one in store.failures_after("default", 0, 9)} == {"old"}


def test_it_is_done_beside_a_running_server_and_then_nothing_is_left(run, store, tmp_path):
    fill(store)
    with hold(f"sqlite:///{tmp_path}/t.db"):
        done = run("reclassify", "--clear")
    assert done.exit_code == 0
    assert "taro-0@example.jp" in done.output
    assert "read=3 changed=3 left=0" in done.output
    case = store.case("default", Medium.EMAIL, "taro-0@example.jp")
    assert case.cause is Cause.MAILBOX_FULL
    again = run("reclassify", "--dry-run")
    assert again.exit_code == 0
    assert "read=0 would_change=0" in again.output
    assert "read=3 changed=0" in run("reclassify", "--all").output


def test_whoever_is_no_terminal_sees_no_progress(run, store):
    fill(store)
    assert "\r" not in run("reclassify").output


def test_killed_in_the_middle_and_run_again_it_ends_as_if_it_had_not_been(run, store, tmp_path):
    fill(store, 6000)
    command = [sys.executable, "-m", "bot", "reclassify"]
    env = os.environ | environ(tmp_path) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not begun(store):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert run("reclassify").exit_code == 0
    found = store.failures_after("default", 0, 9000)
    assert len(found) == 6000
    assert {one.reading.cause for _, one in found} == {Cause.MAILBOX_FULL}
    for n in (0, 3000, 5999):
        case = store.case("default", Medium.EMAIL, f"taro-{n}@example.jp")
        assert case.cause is Cause.MAILBOX_FULL


def begun(store):
    [(_, first)] = store.failures_after("default", 0, 1)
    return first.reading.rule_set != "old"


# corrections and the audit


def test_corrections_are_listed_and_proposed_as_rules(run, store):
    correct(store)
    correct(store, id="c2", wording="w-2", words="no such luck")
    listed = run("corrections", "list").output.splitlines()
    assert [line.split()[:3] for line in listed] == [
        ["c2", "applying", "policy_blocked"],
        ["c1", "applying", "policy_blocked"],
    ]
    rules = tomllib.loads(run("corrections", "propose").output)["rule"]
    assert [rule["words"] for rule in rules] == [["no such luck"], ["mailbox full"]]
    [one] = tomllib.loads(run("corrections", "propose", "c1").output)["rule"]
    assert one["name"] == "correction-c1"


def test_undoing_in_the_shell_is_audited_and_undone_once(run, store):
    correct(store)
    assert "undoing" in run("corrections", "undo", "c1").output
    assert store.correction("default", "c1").state is CorrectionState.UNDOING
    assert run("corrections", "undo", "c1").exit_code == 0
    acts = [line.split()[1:] for line in run("audit", "list").output.splitlines()]
    assert acts == [["shell", "undid", "c1"], ["slack:U0ADMIN", "corrected", "c1"]]
    assert len(run("audit", "list", "--limit", "1").output.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("corrections", "undo", "nothing"), "nothing: no such correction"),
        (("corrections", "undo", "c1"), "c1: a later correction took its place"),
        (("corrections", "propose", "c1"), "c1: no correction that stands"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_mend(run, store, arguments, said):
    correct(store)
    correct(store, id="c2")
    ended = run(*arguments)
    assert ended.exit_code == 1
    assert said in ended.output
    assert ended.output.count("\n") == 1


@pytest.mark.parametrize("command", ["reclassify", "corrections list", "audit list"])
def test_a_store_that_cannot_be_opened_is_one_line(run, tmp_path, command):
    (tmp_path / "t.db").mkdir()
    ended = run(*command.split())
    assert ended.exit_code == 1
    assert ended.output.startswith("Error: NOTIFY_ERRORS_DATABASE_URL")
