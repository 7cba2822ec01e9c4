"""Our calls against Slack's stand-in: what is posted, what is known, what went wrong."""

from __future__ import annotations

import socket

import pytest

from bot.slack import client
from bot.slack.client import TRIGGER_DEAD
from handlers.conversation import Ask, File, Form, Message, Note, Text
from handlers.ports import VendorError
from sandbox.slack import seed

CHANNEL = "slack:C0DIGEST1"
ASKER = "slack:U0ADMIN01"
FORM = Form(
    verb="ask_remove",
    subject="case-7",
    title="解除の依頼",
    submit="依頼する",
    cancel="やめる",
    questions=(Ask(key="note", label="申し送り"),),
)


def said(words: str, **more) -> Message:
    return Message(summary=words, elements=(Text(words), Note("9:00まで確認")), **more)


def asked(slack, method: str) -> int:
    return sum(call.url.endswith(f"/api/{method}") for call in slack.calls.newest)


@pytest.fixture
def calls(slack):
    slack.calls.newest.clear()
    return lambda method: asked(slack, method)


@pytest.fixture
def refused():
    def by(act, *args, **more) -> VendorError:
        with pytest.raises(VendorError) as caught:
            act(*args, **more)
        return caught.value

    return by


# Posting.


def test_a_message_is_posted_with_its_fallback(chat, posts):
    ref = chat.post(CHANNEL, said("失敗 3件 <!channel>"))
    (posted,) = posts("C0DIGEST1")
    assert ref == f"slack:C0DIGEST1:{posted['ts']}"
    assert posted["text"] == "失敗 3件 &lt;!channel&gt;"
    assert [block["type"] for block in posted["blocks"]] == ["section", "context"]


def test_a_message_is_posted_into_a_thread(chat, posts):
    first = chat.post(CHANNEL, said("まとめ"))
    chat.post(CHANNEL, said("続き"), thread=first)
    assert f"slack:C0DIGEST1:{posts('C0DIGEST1')[1]['thread_ts']}" == first


def test_a_person_gets_a_direct_message(chat, posts):
    ref = chat.post(ASKER, said("依頼は承認されました"))
    assert ref == f"slack:D0ADMIN01:{posts('D0ADMIN01')[0]['ts']}"


def test_files_follow_their_message(chat, slack, posts):
    file = File(name="email.csv", title="メール", content="宛先\r\n".encode("utf-8-sig"))
    chat.post(ASKER, said("CSVです", files=(file,)))
    words, shown = posts("D0ADMIN01")
    assert (words["text"], shown["files"][0]["title"]) == ("CSVです", "メール")
    assert slack.files[shown["files"][0]["id"]]["content"] == file.content


def test_a_file_that_is_refused_leaves_its_message(chat, slack, posts, refused):
    slack.faults["scopes"].remove("files:write")
    file = File(name="email.csv", title="メール", content=b"x")
    error = refused(chat.post, ASKER, said("CSVです", files=(file,)))
    assert (error.word, error.permanent, error.unanswered) == (
        "missing_scope:files:write",
        True,
        True,
    )
    assert len(posts("D0ADMIN01")) == 1


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("slack:C0ARCHIVE", "is_archived"),
        ("slack:C0NOWHERE", "channel_not_found"),
    ],
)
def test_a_place_that_takes_no_message_is_refused_for_good(chat, refused, place, word):
    error = refused(chat.post, place, said("まとめ"))
    assert (error.word, error.permanent, error.unanswered) == (word, True, False)


def test_a_channel_without_the_bot_is_refused(chat, slack, refused):
    slack.faults["kicked"].append("C0DIGEST1")
    assert refused(chat.post, CHANNEL, said("まとめ")).word == "not_in_channel"


def test_a_revoked_token_is_refused(chat, slack, refused):
    slack.faults["token_revoked"] = True
    assert refused(chat.post, CHANNEL, said("まとめ")).word == "token_revoked"


def test_no_answer_after_a_post_leaves_it_open_and_repeats_nothing(
    connect, slack, posts, refused, monkeypatch
):
    monkeypatch.setattr(client, "_TIMEOUT_SECONDS", 0.2)
    slack.faults["timeout_after_post"] = 1
    error = refused(connect().post, CHANNEL, said("まとめ"))
    assert (error.word, error.unanswered, error.permanent) == ("no_answer", True, False)
    assert len(posts("C0DIGEST1")) == 1


def test_a_post_over_the_rate_says_when_and_repeats_nothing(chat, slack, refused):
    slack.faults["rate_limited"] = 1
    error = refused(chat.post, CHANNEL, said("まとめ"))
    assert (error.word, error.retry_after, error.unanswered) == ("ratelimited", 1.0, False)
    # A repeat would have gone through: the fault is over.
    assert slack.faults["rate_limited"] == 0
    assert slack.messages.get(CHANNEL, []) == []


def test_where_nothing_listens_nothing_was_posted(connect, refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = refused(connect(base_url=f"http://127.0.0.1:{port}/api/").post, CHANNEL, said("x"))
    assert (error.word, error.unanswered, error.permanent) == ("no_connection", False, False)


# Replies.


def reply_to(slack) -> str:
    return f"slack-reply:{slack.new_hook('commands', 'U0ADMIN01', 'C0DIGEST1')}"


def test_a_reply_is_seen_by_the_asker_alone(chat, slack, posts, whispers):
    place = reply_to(slack)
    assert chat.post(place, said("照会の結果")) == place
    assert whispers("U0ADMIN01") == ["照会の結果"]
    assert posts("C0DIGEST1") == []


def test_a_reply_stays_in_its_thread(chat, slack):
    chat.post(reply_to(slack), said("続き"), thread="1700000000.000100")
    assert slack.ephemerals["U0ADMIN01"][0]["thread_ts"] == "1700000000.000100"


def test_a_reply_that_is_concluded_gets_a_follow_up(chat, slack, whispers):
    place = reply_to(slack)
    chat.conclude(chat.post(place, said("確認中")), said("確認しました"))
    assert whispers("U0ADMIN01") == ["確認中", "確認しました"]


def test_a_sixth_reply_is_refused_for_good(chat, slack, refused):
    place = reply_to(slack)
    for _ in range(5):
        chat.post(place, said("回答"))
    error = refused(chat.post, place, said("回答"))
    assert (error.permanent, error.unanswered) == (True, False)


def test_a_reply_carries_no_file(chat, slack, refused):
    file = File(name="a.csv", title="a", content=b"x")
    error = refused(chat.post, reply_to(slack), said("CSV", files=(file,)))
    assert error.word == "no_file_in_a_reply"


# Concluding.


def test_a_posted_message_is_edited_whole(chat, posts):
    chat.conclude(chat.post(CHANNEL, said("依頼")), Message(summary="承認済み", elements=()))
    (posted,) = posts("C0DIGEST1")
    assert (posted["text"], len(posted["blocks"])) == ("承認済み", 1)


def test_an_edit_is_repeated_after_a_short_wait(chat, slack, posts):
    ref = chat.post(CHANNEL, said("依頼"))
    slack.faults["rate_limited"] = 1
    chat.conclude(ref, said("承認済み"))
    assert posts("C0DIGEST1")[0]["text"] == "承認済み"


def test_an_edit_is_not_repeated_for_ever(chat, slack, calls, refused):
    ref = chat.post(CHANNEL, said("依頼"))
    slack.faults["rate_limited"] = 9
    assert refused(chat.conclude, ref, said("承認済み")).word == "ratelimited"
    assert calls("chat.update") == 2


def test_a_message_that_is_gone_is_not_looked_for_twice(chat, calls, refused):
    error = refused(chat.conclude, f"{CHANNEL}:1700000000.000100", said("承認済み"))
    assert (error.word, error.permanent) == ("message_not_found", True)
    assert calls("chat.update") == 1


@pytest.mark.parametrize(("wait", "repeated"), [(3.0, 3.0), (4.0, False), (0.0, True)])
def test_only_a_short_wait_is_waited_for(wait, repeated):
    assert client._worth_repeating(VendorError("ratelimited", retry_after=wait)) == repeated


# People.


def test_people_are_known_by_their_own_language_and_clock(chat):
    emma = chat.profile("slack:U0ENGLISH")
    assert (emma.name, emma.locale, emma.zone.key) == ("Emma Brown", "en", "Europe/London")
    assert chat.profile(ASKER).locale == "ja"


@pytest.mark.parametrize(
    ("person", "outsider"), [("U0MEMBER1", False), ("U0GUEST01", True), ("U0STRANGE", True)]
)
def test_guests_and_strangers_are_outsiders(chat, person, outsider):
    assert chat.profile(f"slack:{person}").outsider == outsider


def test_who_is_hidden_from_us_is_an_outsider(chat):
    assert chat.profile("slack:U0NOBODY0").outsider


def test_a_person_is_asked_for_once_in_five_minutes(connect, calls):
    now = [0.0]
    chat = connect(clock=lambda: now[0])
    for now[0] in (0.0, 299.0, 300.0):
        chat.profile(ASKER)
    assert (calls("users.info"), calls("auth.test")) == (2, 1)


def test_an_unanswered_question_about_a_person_is_asked_again(chat, slack, refused):
    slack.faults["errors"]["users.info"] = "fatal_error"
    error = refused(chat.profile, ASKER)
    assert (error.word, error.unanswered) == ("fatal_error", False)
    slack.faults["errors"].clear()
    assert chat.profile(ASKER).name == "山田 花子"


def test_a_group_is_its_people(chat, calls):
    assert chat.group("slack-group:S0APPROVE") == frozenset({"slack:U0APPROV1"})
    assert chat.group("slack-group:S0APPROVE")
    assert calls("usergroups.users.list") == 1


def test_a_group_without_its_scope_names_the_scope(chat, slack, refused):
    slack.faults["scopes"].remove("usergroups:read")
    assert refused(chat.group, "slack-group:S0APPROVE").word == "missing_scope:usergroups:read"


# Modals.


def test_a_form_opens_once_by_its_trigger(chat, slack, refused):
    trigger = slack.new_trigger("U0ADMIN01")
    chat.open(trigger, FORM, place=CHANNEL, reply_to=ASKER)
    assert slack.modals["U0ADMIN01"][0].view["callback_id"] == "ask_remove"
    error = refused(chat.open, trigger, FORM, place=CHANNEL, reply_to=ASKER)
    assert error.word in TRIGGER_DEAD


# Logs.


def test_what_people_wrote_reaches_no_log(connect, slack, refused, caplog):
    caplog.set_level("DEBUG")
    chat = connect()
    chat.post(CHANNEL, said("a@example.jp"))
    chat.post(reply_to(slack), said("a@example.jp"))
    refused(chat.post, "slack:C0NOWHERE", said("a@example.jp"))
    assert "a@example.jp" not in caplog.text
    assert seed.BOT_TOKEN not in caplog.text
