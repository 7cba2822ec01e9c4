"""Callbacks: what the bot hears when people write, press, enter and leave."""

import base64
import hashlib
import hmac
import json
import time

import pytest

from sandbox.lineworks import people

ME = people.YAMADA.id


@pytest.fixture
def heard(bot, control):
    """What the chat bot was told so far, of a type or at all; its URL is registered."""
    control("callback", url=bot.url)

    def heard(kind=None):
        told = [json.loads(post.body) for post in bot.posts]
        return [one for one in told if kind in {None, one["type"]}]

    return heard


@pytest.fixture
def offer(send):
    """Sends two buttons to a member or a room."""

    def offer(to=ME, room=None):
        actions = [
            {"type": "message", "label": "承認する", "postback": "v1:yes"},
            {"type": "uri", "label": "開く", "uri": "https://example.com/"},
        ]
        content = {"type": "button_template", "contentText": "?", "actions": actions}
        assert send(content, to=to, room=room).status_code == 201

    return offer


def test_a_callback_is_signed_over_its_raw_bytes_with_the_bots_secret(control, bot, heard):
    assert control("say", user=ME, text="今日")["statuses"] == [204]
    post = bot.posts[-1]
    secret = people.BOTS[people.CHAT_BOT][1].encode()
    expected = base64.b64encode(hmac.digest(secret, post.body, hashlib.sha256)).decode()
    assert post.headers["X-WORKS-Signature"] == expected
    assert post.headers["X-WORKS-BotId"] == str(people.CHAT_BOT)


def test_a_first_word_begins_the_talk_and_a_1_to_1_message_names_no_channel(control, heard):
    control("say", user=ME, text="今日")
    control("say", user=ME, text="昨日")
    begin, first, second = heard()
    assert (begin["type"], first["type"], second["content"]["text"]) == ("begin", "message", "昨日")
    assert begin["source"].keys() == {"userId", "channelId", "domainId"}
    assert first["source"] == {"userId": ME, "domainId": people.DOMAIN}
    assert first["issuedTime"].endswith("Z")


def test_a_word_in_a_room_names_the_room(control, heard):
    control("say", user=ME, room=people.DIGEST_ROOM, text="皆さん")
    [message] = heard()
    assert message["source"]["channelId"] == people.DIGEST_ROOM


def test_the_first_message_of_a_bot_begins_the_talk(send, heard):
    send()
    deadline = time.monotonic() + 5
    while not heard() and time.monotonic() < deadline:
        time.sleep(0.01)
    [begin] = heard()
    assert (begin["type"], begin["source"]["userId"]) == ("begin", people.TANAKA.id)


def test_a_pressed_button_posts_its_label_with_its_postback(control, offer, heard, read):
    control("say", user=ME, text="x")
    offer()
    shown = read()[-1]
    assert [action["label"] for action in shown["actions"]] == ["承認する", "開く"]
    control("press", user=ME, message=shown["id"], action=0)
    said = {"type": "text", "text": "承認する", "postback": "v1:yes"}
    assert heard("message")[-1]["content"] == said
    assert (read()[-1]["from"], read()[-1]["text"]) == (people.YAMADA.name, "承認する")


def test_a_typed_label_carries_no_postback(control, offer, heard):
    offer()
    control("say", user=ME, text="承認する")
    assert heard("message")[-1]["content"] == {"type": "text", "text": "承認する"}


def test_a_button_in_a_room_is_pressed_there_again_and_again(control, offer, heard, read):
    offer(room=people.APPROVAL_ROOM)
    message = read(people.APPROVAL_ROOM)[-1]["id"]
    for _ in range(2):
        control("press", user=people.SATO.id, message=message, action="承認する")
    assert [told["source"]["channelId"] for told in heard()] == [people.APPROVAL_ROOM] * 2


def test_a_link_that_is_pressed_tells_nobody(control, offer, read):
    offer()
    assert control("press", user=ME, message=read()[-1]["id"], action="開く") == {"statuses": []}


def test_a_quick_reply_can_send_a_postback_of_its_own(control, send, heard, read):
    action = {"type": "postback", "label": "はい", "data": "v1:d", "displayText": "はい、です"}
    send({"type": "text", "text": "?", "quickReply": {"items": [{"action": action}]}}, to=ME)
    control("press", user=ME, message=read()[-1]["id"], action="はい")
    [told] = heard("postback")
    assert told["data"] == "v1:d"
    assert told["source"].keys() == {"userId", "channelId", "domainId"}
    assert read()[-1]["text"] == "はい、です"


def test_nobody_presses_in_a_talk_of_others(vendor, offer, read):
    offer()
    wish = {"user": people.SATO.id, "message": read()[-1]["id"], "action": 0}
    assert vendor.client.post("/_control/press", json=wish).status_code == 400


def test_a_bot_enters_and_leaves_a_room(control, heard, send):
    control("join", room="r-1", title="新しい部屋", members=[ME])
    assert send(room="r-1").status_code == 201
    control("leave", room="r-1")
    assert send(room="r-1").status_code == 404
    rooms = [(told["type"], told["source"]["channelId"]) for told in heard()]
    assert rooms == [("join", "r-1"), ("leave", "r-1")]


def test_a_callback_that_fails_is_never_sent_again(control, bot, heard):
    control("say", user=ME, text="x")
    bot.posts.clear()
    bot.answers = [500]
    assert control("say", user=ME, text="今日")["statuses"] == [500]
    assert len(bot.posts) == 1


def test_callbacks_are_noted_without_their_signature(control, heard, calls):
    control("say", user=ME, text="今日")
    noted = calls.newest[-1]
    assert (noted.vendor, noted.direction, noted.status) == ("lineworks", "out", 204)
    assert noted.headers["X-WORKS-Signature"] == "-"
