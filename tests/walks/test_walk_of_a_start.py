"""What stops a start: one line that names the setting and the mend."""

import socket
from datetime import UTC, datetime

import pytest

from sandbox.process import Bot, BotDiedError
from sandbox.stage import stage


@pytest.fixture(scope="module")
def made():
    with stage(datetime(2026, 11, 18, tzinfo=UTC)) as one:
        yield one


def refused(made, **changes):
    with pytest.raises(BotDiedError) as died:
        Bot(made.settings | changes, made.folder)
    lines = [line for line in str(died.value).splitlines() if line.startswith("Error:")]
    assert "Traceback" not in str(died.value)
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_SIGNING_SECRET": ""}, "NOTIFY_ERRORS_SLACK_SIGNING_SECRET missing"),
        ({"SENDGRID_WEBHOOK_PUBLIC_KEY": "garbage"}, "NOTIFY_ERRORS_SENDGRID_WEBHOOK_PUBLIC_KEY"),
        ({"LINEWORKS_PRIVATE_KEY": "garbage"}, "NOTIFY_ERRORS_LINEWORKS_PRIVATE_KEY"),
        ({"PAYLOAD_KEY": "short"}, "NOTIFY_ERRORS_PAYLOAD_KEY"),
        ({"TIMEZONE": "Mars/Olympus"}, "NOTIFY_ERRORS_TIMEZONE"),
        ({"DIGEST_AT": "25:00"}, "NOTIFY_ERRORS_DIGEST_AT"),
        ({"DIGEST_CHANEL": "slack:C1"}, "did you mean NOTIFY_ERRORS_DIGEST_CHANNEL?"),
        (
            {"SENDGRID_API_URL": "https://api.sendgrid.com"},
            "NOTIFY_ERRORS_SENDGRID_API_URL is not on this machine",
        ),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "NOTIFY_ERRORS_DATABASE_URL"),
        ({"APPROVERS": ""}, "NOTIFY_ERRORS_APPROVERS"),
        ({"RULES_FILE": "/nowhere/rules.toml"}, "NOTIFY_ERRORS_RULES_FILE /nowhere/rules.toml"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(made, changes, named):
    assert named in refused(made, **changes)


def test_a_mistake_in_the_operators_rules_is_named_with_file_line_and_field(made):
    file = made.folder / "rules.toml"
    file.write_text('[[line_works]]\nstatus = 429\nkind = "cap"\n', encoding="utf-8")
    assert f"NOTIFY_ERRORS_RULES_FILE {file}, line 3: kind must be one of" in refused(
        made, RULES_FILE=str(file)
    )


def test_a_taken_port_is_named(made):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"NOTIFY_ERRORS_PORT {port}" in refused(made, PORT=port)


def test_a_second_serve_on_one_file_is_refused(made):
    first = Bot(made.settings, made.folder)
    try:
        assert "NOTIFY_ERRORS_DATABASE_URL" in refused(made)
    finally:
        assert first.stop() == 0
