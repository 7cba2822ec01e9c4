"""What comes to our request URL: signed, broken, old, repeated."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from bot.slack.listeners import bolt_app, handle
from sandbox.slack import delivery, seed

ADMIN, CHANNEL = "U0ADMIN01", "C0DIGEST1"


def signed(body: str, secret: str = seed.SIGNING_SECRET, age: int = 0) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    return {
        "content-type": kind,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
    }


def answer(app: App, body: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    return handle(app, body.encode(), headers)


COMMAND = urlencode(
    {
        "command": "/notify-errors",
        "text": "today",
        "user_id": ADMIN,
        "channel_id": CHANNEL,
        "response_url": "https://example.com/commands/1",
    }
)


def pressed(**without_or_with):
    payload = {
        "type": "block_actions",
        "user": {"id": ADMIN},
        "container": {},
        "actions": [{"action_id": "open", "block_id": "b", "type": "button"}],
        "trigger_id": "1.2",
    } | without_or_with
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.parametrize(
    "body",
    [
        COMMAND.replace("user_id", "user"),
        COMMAND.replace("response_url", "response"),
        pressed(trigger_id=7),
        pressed(actions=[{"block_id": "b", "type": "button"}]),
        pressed(actions=[{"action_id": 7, "block_id": "b", "type": "button"}]),
        pressed(user=None),
        pressed(type="view_submission", view={"callback_id": "x", "private_metadata": "{"}),
    ],
)
def test_a_signed_payload_that_slack_does_not_document_is_a_bad_request(app, body):
    status, _, said = answer(app, body, signed(body))
    assert (status, said) == (400, b"the payload is none that we know")


@pytest.mark.parametrize("value", [7, 10**30, "x", "", None, True, [], [7], [[]], {}, {"id": 7}])
@pytest.mark.parametrize(
    "part", ["type", "user", "container", "actions", "trigger_id", "team", "channel", "view"]
)
@pytest.mark.parametrize("kind", ["block_actions", "view_submission", "message_action", "shortcut"])
def test_whatever_stands_in_a_payload_is_no_fault_of_ours(app, kind, part, value):
    body = pressed(**{"type": kind, part: value})
    assert answer(app, body, signed(body))[0] in {200, 400, 404}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-slack-signature", "v0=é"),
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", "9" * 5000),
        ("x-slack-request-timestamp", "１２"),
    ],
)
def test_a_signature_that_cannot_be_one_is_refused_and_is_no_fault_of_ours(app, name, value):
    assert answer(app, COMMAND, signed(COMMAND) | {name: value})[0] == 401


@pytest.mark.usefixtures("app")
def test_slack_finds_the_request_url(slack):
    assert delivery.connect(slack, slack.events_url)["verified"]


def test_an_acknowledgement_is_private_and_whole(app, desk):
    status, headers, body = answer(app, COMMAND, signed(COMMAND))
    assert (status, headers["content-type"]) == (200, "application/json;charset=utf-8")
    assert json.loads(body)["response_type"] == "ephemeral"
    assert json.loads(body)["blocks"][0]["text"]["text"] == "3件"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(signed(COMMAND, secret="another"), id="wrong secret"),
        pytest.param(signed(COMMAND, age=301), id="too old"),
        pytest.param(signed(f"{COMMAND}&text=week"), id="changed body"),
        pytest.param({"content-type": "application/x-www-form-urlencoded"}, id="unsigned"),
    ],
)
def test_what_slack_did_not_sign_just_now_is_refused(app, desk, headers):
    assert answer(app, COMMAND, headers)[0] == 401
    assert desk.heard == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="no end"),
        pytest.param('["a"]', id="a list"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param("payload=%7B", id="a payload without end"),
        pytest.param("payload=1", id="a payload that is a number"),
    ],
)
def test_a_broken_body_is_refused_plainly(app, desk, body):
    kind = "application/json" if body[0] in "{[" else "application/x-www-form-urlencoded"
    status, _, words = answer(app, body, {**signed(body), "content-type": kind})
    assert (status, words.decode()) == (400, "the body is neither a form nor a JSON object")


def test_a_body_in_another_encoding_is_refused_plainly(app):
    assert handle(app, b"text=\xff", {})[0] == 400


def test_a_payload_without_its_parts_fails_without_a_word_of_it(app, desk, caplog):
    body = urlencode(
        {
            "payload": json.dumps(
                {"type": "block_actions", "actions": [{"action_id": "a@example.jp"}]}
            )
        }
    )
    with capture_logs() as logs:
        assert answer(app, body, signed(body))[0] == 400
    assert logs[0]["error"] == "ValidationError"
    assert "example.jp" not in str(logs) + caplog.text


@pytest.mark.parametrize("retry", ["", "1", "3"])
def test_an_event_does_nothing_however_often_it_comes(app, desk, retry):
    event = {"type": "app_mention", "user": ADMIN, "text": "a@example.jp", "channel": CHANNEL}
    body = json.dumps({"type": "event_callback", "team_id": seed.TEAM, "event": event})
    assert answer(app, body, {**signed(body), "x-slack-retry-num": retry})[0] == 404
    assert desk.heard == []


def test_another_apps_settings_in_the_environment_change_nothing(
    chat, desk, pool, monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "another-apps")
    other = bolt_app(seed.SIGNING_SECRET, chat, desk, pool)
    assert answer(other, COMMAND, signed(COMMAND))[0] == 200
    assert list(tmp_path.iterdir()) == []


def test_a_refused_body_reaches_no_log(app, caplog):
    caplog.set_level("DEBUG")
    body = f"{COMMAND}+a%40example.jp"
    answer(app, body, signed(body, secret="another"))
    assert "example.jp" not in caplog.text
