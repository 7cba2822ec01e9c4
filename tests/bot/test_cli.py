"""The command line: a wrong setting is one line, and the files are what people read."""

import json
import socket
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bot.cli import main
from storage.failures import Batch, Failure, Kind, Medium, Source
from storage.opening import hold, open_store


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "ADMINS": "slack:U0ADMIN",
        "APPROVERS": "slack:U0SATO",
        "DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
    }

    def called(*arguments, **more):
        environ = {f"NOTIFY_ERRORS_{name}": value for name, value in {**given, **more}.items()}
        return CliRunner().invoke(main, arguments, env=environ)

    return called


def bounce(path):
    store = open_store(f"sqlite:///{path}")
    failure = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="1",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient="taro@example.jp",
        occurred_at=datetime.now(UTC),
    )
    store.record("default", Batch(failures=(failure,)), datetime.now(UTC))
    store.close()


def test_a_wrong_setting_stops_the_start_with_one_line(run):
    ended = run("serve", SENDGRID_API_KEY="SG.half")
    assert ended.exit_code == 1
    assert ended.output.startswith("Error: NOTIFY_ERRORS_SENDGRID_DELETE_API_KEY")
    assert ended.output.count("\n") == 1


def test_a_taken_port_is_named(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run("serve", PORT=port)
    assert ended.exit_code == 1
    assert f"NOTIFY_ERRORS_PORT {port}" in ended.output


def test_an_address_of_another_machine_is_named(run):
    ended = run("serve", PORT="0", HOST="192.0.2.1")
    assert ended.output.startswith("Error: NOTIFY_ERRORS_HOST 192.0.2.1: ")
    assert ended.output.endswith("; use an address of this machine\n")


def test_a_second_server_on_one_file_is_refused(run, tmp_path):
    with hold(f"sqlite:///{tmp_path}/t.db"):
        ended = run("serve", PORT="0")
    assert ended.exit_code == 1
    assert "stop the other process" in ended.output


def test_a_database_that_is_none_is_named(run):
    ended = run("serve", PORT="0", DATABASE_URL="mysql://somewhere")
    assert "NOTIFY_ERRORS_DATABASE_URL" in ended.output


def test_the_export_writes_one_file_per_medium(run, tmp_path):
    bounce(tmp_path / "t.db")
    ended = run("export", "week", "--output", "out")
    assert ended.exit_code == 0, ended.output
    assert "taro@example.jp" in (tmp_path / "out/email.csv").read_text(encoding="utf-8-sig")
    assert (tmp_path / "out/line_works.csv").exists()


def test_the_export_works_beside_a_running_server(run, tmp_path):
    bounce(tmp_path / "t.db")
    with hold(f"sqlite:///{tmp_path}/t.db"):
        assert run("export", "week", "--output", "out").exit_code == 0


def test_raw_files_have_machine_names_and_no_mark(run, tmp_path):
    bounce(tmp_path / "t.db")
    run("export", "week", "--raw", "--output", "out")
    assert (tmp_path / "out/email.csv").read_bytes().startswith(b"occurred_at,person,recipient")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("someday", "2026-11-20..2026-11-22"),
        ("2026-11-26..2026-11-20", 'Did you mean "2026-11-20..2026-11-26"?'),
        ("2020-01-01..2026-11-20", "a period of 400 days at most"),
        ("2999-01-01", "2999-01-01 is still to come"),
    ],
)
def test_a_period_that_is_none_says_why_and_what_would_be(run, typed, said):
    ended = run("export", typed, "--output", "out", LOCALE="en")
    assert ended.exit_code == 1
    assert said in ended.output
    assert ended.output.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "NOTIFY_ERRORS_DATABASE_URL"),
        ({}, "t.db"),
    ],
)
def test_an_export_that_cannot_be_written_is_one_line(run, tmp_path, given, named):
    (tmp_path / "t.db").touch()
    ended = run("export", "--output", str(tmp_path / "t.db" / "out"), **given)
    assert ended.exit_code == 1
    assert named in ended.output
    assert ended.output.count("\n") == 1


OWN_RULE = """
[[rule]]
name = "our-gateway"
cause = "policy_blocked"
words = ["gate says no"]
examples = ["550 gate says no"]
not_examples = ["550 sorry"]
source = "our gateway's manual"
"""


def test_the_built_in_rules_have_nothing_to_mend(run):
    shown = run("rules", "check")
    assert shown.exit_code == 0
    assert shown.output.endswith("nothing to mend\n")


def test_an_operators_rules_are_checked_with_the_built_in_ones(run, tmp_path):
    (tmp_path / "own.toml").write_text(OWN_RULE)
    assert run("rules", "check", "own.toml").exit_code == 0
    (tmp_path / "own.toml").write_text(OWN_RULE.replace('"550 gate says no"', '"550 sorry"'))
    shown = run("rules", "check", "own.toml")
    assert shown.exit_code == 1
    assert (
        "own.toml, line 2 (our-gateway): examples: '550 sorry' is read by no rule" in shown.output
    )


def test_an_operators_rules_are_used_in_the_shell_too(run, tmp_path):
    (tmp_path / "own.toml").write_text(OWN_RULE)
    said = run("explain", "--json", "--rules", "own.toml", "550 the gate says no")
    assert json.loads(said.output)["rule"] == "our-gateway"
    (tmp_path / "in.jsonl").write_text('{"id": 1, "text": "550 the gate says no"}\n')
    said = run("classify", "--jsonl", "in.jsonl", RULES_FILE="own.toml")
    assert json.loads(said.output)["rule"] == "our-gateway"


def test_rows_for_line_works_are_checked_too(run, tmp_path):
    row = '[[line_works]]\nstatus = 429\nkind = "daily_cap"\nevidence = "measured"\n'
    (tmp_path / "own.toml").write_text(OWN_RULE + row)
    assert run("rules", "check", "own.toml").exit_code == 0
    (tmp_path / "own.toml").write_text(OWN_RULE + row + row)
    shown = run("rules", "check", "own.toml")
    assert shown.exit_code == 1
    assert "own.toml, line 13: this row can never win" in shown.output


def test_a_table_that_nobody_reads_is_refused(run, tmp_path):
    (tmp_path / "own.toml").write_text("[[rules]]\n")
    assert (
        "own.toml: rules: unknown; use line_works, provider"
        in run("rules", "check", "own.toml").output
    )


def test_a_file_of_rules_that_cannot_be_read_is_one_line(run, tmp_path):
    (tmp_path / "own.toml").write_text(OWN_RULE.replace("policy_blocked", "policy"))
    shown = run("rules", "check", "own.toml")
    assert shown.exit_code == 1
    assert shown.output.startswith("Error: own.toml, line 2: cause: is 'policy'; use one of")
    assert len(shown.output.splitlines()) == 1
