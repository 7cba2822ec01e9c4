"""LINE WORKS as a chat, and the sender of kept messages."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from bot.lineworks.client import LineWorksChat, LineWorksSender
from bot.lineworks.errors import LineWorksError
from bot.lineworks.kept import cipher
from handlers.conversation import Button, Buttons, File, Heading, Message, Text
from storage.failures import KeptMessage, Kind
from storage.requests import Outcome

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROOM, TALK = "lineworks:0f3c-9a", "lineworks-user:taro@example.co.jp"
HELLO = Message(summary="hello", elements=(Text("hello"),))
LONG = Message(summary="long", elements=(Text("あ" * 1990), Heading("次"), Text("い" * 100)))


@pytest.fixture
def chat(api):
    return LineWorksChat(api, "7001001", "ja", ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (ROOM, "/v1.0/bots/7001001/channels/0f3c-9a/messages"),
        (TALK, "/v1.0/bots/7001001/users/taro@example.co.jp/messages"),
    ],
)
def test_rooms_and_people_are_reached_by_their_own_calls(chat, vendor, place, path):
    chat.post(place, HELLO)
    assert unquote(vendor.calls[0].target) == path
    assert vendor.calls[0].json == {"content": {"type": "text", "text": "hello"}}


def test_a_long_message_is_several_in_order(chat, vendor):
    chat.post(ROOM, LONG)
    assert [call.json["content"]["text"][:1] for call in vendor.calls] == ["あ", "■"]


def test_a_conclusion_follows_in_the_same_place(chat, vendor):
    ref = chat.post(TALK, HELLO)
    chat.conclude(ref, Message(summary="done", elements=(Text("done"),)))
    assert vendor.calls[0].target == vendor.calls[1].target
    assert vendor.calls[1].json["content"]["text"] == "done"


def test_every_posting_has_a_reference_of_its_own(chat):
    assert chat.post(ROOM, HELLO) != chat.post(ROOM, HELLO)


def test_buttons_go_out_with_their_text(chat, vendor):
    button = Button(label="詳細", verb="show", subject="k9")
    chat.post(ROOM, Message(summary="s", elements=(Text("3件"), Buttons((button,)))))
    assert vendor.calls[0].json["content"]["type"] == "button_template"


def test_what_broke_in_the_middle_is_never_called_refused(chat, vendor):
    vendor.will_say(201)
    vendor.will_say(404, {"code": "CHANNEL_NOT_EXIST"})
    with pytest.raises(LineWorksError, match="partly: no_such_id") as caught:
        chat.post(ROOM, LONG)
    assert caught.value.unanswered


def test_a_refusal_at_the_start_is_one(chat, vendor):
    vendor.will_say(404, {"code": "CHANNEL_NOT_EXIST"})
    with pytest.raises(LineWorksError) as caught:
        chat.post(ROOM, LONG)
    assert (caught.value.permanent, caught.value.unanswered) == (True, False)


def test_a_place_of_another_product_is_refused(chat, vendor):
    with pytest.raises(LineWorksError, match="no_such_place"):
        chat.post("slack:C1", HELLO)
    assert not vendor.calls


def test_a_file_is_uploaded_then_posted(chat, vendor):
    upload = {"fileId": "jp1.x", "uploadUrl": f"{vendor.url}/upload/1"}
    vendor.will_say(200, upload)
    chat.post(
        TALK,
        Message(summary="s", elements=(), files=(File(name="a.csv", title="a", content=b"x,y"),)),
    )
    asked, sent, _, posted = vendor.calls
    assert asked.json == {"fileName": "a.csv"}
    assert sent.target == "/upload/1"
    assert sent.header("Authorization") == "Bearer AAA+/="
    assert b'name="FileData"; filename="a.csv"' in sent.body
    assert b"x,y" in sent.body
    assert posted.json == {"content": {"type": "file", "fileId": "jp1.x"}}


def test_nothing_is_posted_when_a_file_cannot_be_uploaded(chat, vendor):
    vendor.will_say(200, {"fileId": "jp1.x"})
    with pytest.raises(LineWorksError, match="attachment_unreadable"):
        chat.post(
            TALK,
            Message(
                summary="s", elements=(Text("t"),), files=(File(name="a", title="a", content=b""),)
            ),
        )
    assert len(vendor.calls) == 1


def test_a_person_reads_the_installations_language(chat):
    profile = chat.profile("lineworks:5b1c")
    assert (profile.name, profile.locale, profile.zone.key) == ("5b1c", "ja", "Asia/Tokyo")


def test_there_are_no_groups(chat):
    assert chat.group("lineworks-group:x") == frozenset()


def kept(sealing, body=b'{"content":{"type":"text","text":"hi"}}', **more):
    return KeptMessage(
        **{
            "id": "k1",
            "bot_id": "7001002",
            "target": "users",
            "recipient": "taro@example.co.jp",
            "body": sealing.encrypt(body),
            "kept_at": NOW,
            "deadline": NOW,
            **more,
        }
    )


def test_a_kept_message_goes_out_as_the_bot_that_it_came_from(api, vendor, sealing):
    sent = LineWorksSender(api, sealing).send(kept(sealing))
    assert sent.outcome is Outcome.SENT
    (call,) = vendor.calls
    assert unquote(call.target) == "/v1.0/bots/7001002/users/taro@example.co.jp/messages"
    assert call.body == b'{"content":{"type":"text","text":"hi"}}'


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            429,
            {"code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"},
            Kind.TOO_FREQUENT,
        ),
        (503, b"", Kind.PROVIDER_DOWN),
        (404, {"code": "USER_NOT_EXIST"}, Kind.NO_SUCH_ID),
    ],
)
def test_a_refused_resend_is_told_and_not_repeated(api, vendor, sealing, status, body, kind):
    vendor.will_say(status, body, "rateLimit-reset: 7")
    sent = LineWorksSender(api, sealing).send(kept(sealing))
    assert (sent.outcome, sent.kind, sent.retry_after) == (Outcome.REFUSED, kind, 7.0)
    assert len(vendor.calls) == 1


def test_a_resend_without_an_answer_may_have_arrived(api, vendor, sealing):
    vendor.will_break_off()
    sent = LineWorksSender(api, sealing).send(kept(sealing))
    assert (sent.outcome, sent.kind) == (Outcome.UNANSWERED, Kind.UNANSWERED)
    assert len(vendor.calls) == 1


def test_a_message_whose_key_is_lost_is_not_sent(api, vendor, sealing, pem):
    sent = LineWorksSender(api, cipher([("A" * 43) + "="])).send(kept(sealing))
    assert (sent.outcome, sent.word) == (Outcome.REFUSED, "payload_key_lost")
    assert not vendor.calls
