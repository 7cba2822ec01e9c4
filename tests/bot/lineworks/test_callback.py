"""Only what the bot's secret signed a moment ago counts, and only a postback is a press."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.callback import Began, CallbackError, Ignored, Pressed, Said, parse, verify
from bot.lineworks.postbacks import Filled, Pushed, Step

PAYLOADS = Path(__file__).parents[2] / "payloads" / "lineworks"
NOW = datetime(2026, 11, 23, 0, 13, tzinfo=UTC)
PERSON = "lineworks:5b1c0f6e-3d52-4a53-9c1e-2f1f0a9d7c11"
TALK = PERSON.replace("lineworks", "lineworks-user")
ROOM = "lineworks:0f3c9a5e-1b2d-4c6f-8e90-aa11bb22cc33"
NAMES = ["通知エラーBot", "通知エラー", "notify-errors"]


def payload(name, **content):
    told = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    if content:
        told["content"] |= content
    return json.dumps(told).encode()


def parsed(name, **content):
    return parse(payload(name, **content), NOW, NAMES)


def signature(body, secret):
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def refused(*args):
    with pytest.raises(CallbackError) as caught:
        verify(*args)
    return caught.value.status


BODY = b'{"type":"x"}\r\n'


@pytest.mark.parametrize("secret", ["new", "old"])
@pytest.mark.parametrize("name", ["X-WORKS-Signature", "x-works-signature", "X-Works-SIGNATURE"])
def test_both_secrets_of_a_change_and_any_case_of_header_are_taken(secret, name):
    verify(BODY, {name: signature(BODY, secret), "X-WORKS-botId": "7"}, ["new", "old"], "7")


@pytest.mark.parametrize("given", ["", "x", "é", signature(BODY, "other"), signature(b"x", "new")])
def test_a_missing_or_wrong_signature_is_refused(given):
    assert refused(BODY, {"X-WORKS-Signature": given, "X-WORKS-BotId": "7"}, ["new"], "7") == 401


def test_another_bots_callback_is_refused():
    headers = {"X-WORKS-Signature": signature(BODY, "new"), "X-WORKS-BotId": "8"}
    assert refused(BODY, headers, ["new"], "7") == 403


def test_words_in_a_talk_are_said_there():
    assert parsed("text_in_talk") == Said(person=PERSON, place=TALK, shared=False, text="今日")


def test_words_in_a_room_are_said_there_when_the_bot_is_addressed():
    said = parsed("text_in_room")
    assert said == Said(person=PERSON, place=ROOM, shared=True, text="今日", addressed=True)


@pytest.mark.parametrize(
    "text",
    [
        "/notify-errors 今日",
        "／notify-errors 今日",
        "/Notify-Errors　今日",
        "@通知エラーBot 今日",
        "＠通知エラー、今日",
        "notify-errors: 今日",
        " 通知エラー 今日 ",
    ],
)
def test_the_bot_listens_in_a_room_when_called(text):
    assert parsed("text_in_room", text=text).text == "今日"


@pytest.mark.parametrize(
    "text", ["今日は暑い", "あとで /notify-errors", "通知エラーが多い", "/notify-errorsx", ""]
)
def test_people_talking_among_themselves_are_left_alone(text):
    assert parsed("text_in_room", text=text) == Ignored(why="not_addressed")


def test_the_command_alone_asks_for_help():
    assert parsed("text_in_room", text="/notify-errors").text == ""


def test_a_press_is_told_by_its_postback():
    assert parsed("press_in_room") == Pressed(
        person=PERSON,
        place=ROOM,
        shared=True,
        label="承認",
        postback=Pushed(verb="approve", subject="r7Qm2"),
    )


def test_a_press_in_a_talk_has_no_channel():
    pressed = parsed("press_in_talk")
    assert (pressed.place, pressed.shared) == (TALK, False)
    assert pressed.postback == Filled(form="n1", at=0, step=Step.PICK, value="checked")


def test_a_typed_label_is_no_press():
    assert isinstance(parsed("typed_label"), Said)


def test_the_opening_of_a_talk_is_answered_in_the_talk():
    assert parsed("begin") == Began(person=PERSON, place=TALK)


@pytest.mark.parametrize("name", ["join", "joined", "sticker", "start_button"])
def test_what_is_not_for_us_is_left_alone(name):
    assert isinstance(parsed(name), Ignored)


@pytest.mark.parametrize(("minutes", "taken"), [(-4.9, True), (4.9, True), (-6, False), (6, False)])
def test_an_old_callback_is_refused(minutes, taken):
    issued = datetime(2026, 11, 23, 0, 12, 31, tzinfo=UTC)
    now = issued + timedelta(minutes=minutes)
    if taken:
        assert isinstance(parse(payload("press_in_talk"), now, NAMES), Pressed)
    else:
        with pytest.raises(CallbackError, match="5 minutes"):
            parse(payload("press_in_talk"), now, NAMES)


def test_a_time_without_a_zone_is_utc():
    told = payload("text_in_talk").replace(b".204Z", b"")
    assert isinstance(parse(told, NOW, NAMES), Said)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ((b'"type": "message"', b'"kind": "message"'), "type is missing"),
        ((b'"issuedTime"', b'"time"'), "issuedTime is no ISO 8601 time"),
        ((b'"source"', b'"sources"'), "source is missing"),
        ((b'"userId"', b'"user"'), "source.userId is missing"),
        ((b'"content"', b'"contents"'), "content is missing"),
    ],
)
def test_what_is_missing_is_named(change, complaint):
    with pytest.raises(CallbackError, match=complaint) as caught:
        parse(payload("text_in_talk").replace(*change), NOW, NAMES)
    assert caught.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(CallbackError) as caught:
        parse(body, NOW, NAMES)
    assert caught.value.status == 400


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["message", "begin", "x"]) | anything},
        optional={
            "source": st.fixed_dictionaries(
                {}, optional={"userId": anything, "channelId": anything}
            ),
            "content": st.fixed_dictionaries(
                {"type": st.just("text")}, optional={"text": anything, "postback": anything}
            ),
        },
    )
)
def test_no_event_is_too_strange(told):
    body = json.dumps({"issuedTime": NOW.isoformat(), **told}).encode()
    with contextlib.suppress(CallbackError):
        assert parse(body, NOW, NAMES)
