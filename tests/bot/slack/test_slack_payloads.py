"""What people did, read from Slack's payloads."""

from __future__ import annotations

import msgspec
import pytest

from bot.slack.payloads import command, pressed
from handlers.conversation import Command, Press

TYPED = {
    "command": "/notify-errors",
    "text": "today",
    "user_id": "U0ADMIN01",
    "team_id": "T0NOTIFY1",
    "channel_id": "C0DIGEST1",
    "response_url": "https://example.com/commands/1",
    "trigger_id": "1.2.3",
}
CLICKED = {
    "type": "block_actions",
    "user": {"id": "U0ADMIN01", "team_id": "T0NOTIFY1"},
    "container": {"type": "message", "message_ts": "1700000000.000100", "channel_id": "C0DIGEST1"},
    "channel": {"id": "C0DIGEST1", "name": "通知エラー"},
    "actions": [{"type": "button", "action_id": "open", "block_id": "b", "value": "case-7"}],
    "response_url": "https://example.com/actions/1",
    "trigger_id": "1.2.3",
}


def clicked(**container) -> dict:
    return {**CLICKED, "container": {**CLICKED["container"], **container}}


def test_a_typed_command_is_answered_to_the_asker_alone():
    assert command(TYPED) == Command(
        person="slack:U0ADMIN01",
        text="today",
        place="slack:C0DIGEST1",
        reply_to="slack-reply:https://example.com/commands/1",
        shared=False,
    )


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("who <mailto:a@example.jp|a@example.jp>", "who a@example.jp"),
        ("who &lt;<mailto:a@example.jp|a@example.jp>&gt;", "who <a@example.jp>"),
        ("explain 550 &lt;a@b&gt; &amp;amp; &lt;", "explain 550 <a@b> &amp; <"),
        ("who <@U0ADMIN01|yamada>", "who slack:U0ADMIN01"),
        ("subscribe <#C0DIGEST1|>", "subscribe slack:C0DIGEST1"),
        ("explain see <https://example.jp/x|example.jp/x>", "explain see https://example.jp/x"),
        ("  今日 ", "  今日 "),
    ],
)
def test_what_slack_escaped_reads_as_it_was_typed(sent, meant):
    assert command({**TYPED, "text": sent}).text == meant


def test_a_pressed_button_says_where_it_stood():
    assert pressed(CLICKED).press == Press(
        person="slack:U0ADMIN01",
        verb="open",
        subject="case-7",
        place="slack:C0DIGEST1",
        message="slack:C0DIGEST1:1700000000.000100",
        reply_to="slack-reply:https://example.com/actions/1",
        shared=False,
    )


def test_a_button_in_a_thread_names_it():
    assert pressed(clicked(thread_ts="1699999999.000100")).thread == "1699999999.000100"


def test_a_button_of_an_ephemeral_message_names_no_message():
    press = pressed(clicked(is_ephemeral=True)).press
    assert (press.place, press.message) == ("slack:C0DIGEST1", "")


def test_a_button_outside_messages_is_answered_directly():
    in_view = {**CLICKED, "container": {"type": "view", "view_id": "V1"}}
    press = pressed(
        {k: v for k, v in in_view.items() if k not in {"channel", "response_url"}}
    ).press
    assert (press.place, press.reply_to, press.message) == ("slack:U0ADMIN01",) * 2 + ("",)


def test_a_button_without_a_subject_has_an_empty_one():
    bare = [{"type": "button", "action_id": "open#2"}]
    press = pressed({**CLICKED, "actions": bare}).press
    assert (press.verb, press.subject) == ("open", "")


@pytest.mark.parametrize("lacking", ["user", "actions", "trigger_id"])
def test_a_press_without_its_parts_is_not_read(lacking):
    with pytest.raises(msgspec.ValidationError, match=lacking):
        pressed({key: value for key, value in CLICKED.items() if key != lacking})


def test_a_press_of_nothing_is_not_read():
    with pytest.raises(msgspec.ValidationError):
        pressed({**CLICKED, "actions": []})
