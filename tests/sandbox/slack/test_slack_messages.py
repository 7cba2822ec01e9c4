"""Messages, ephemeral ones, threads and files; channels and people."""

import httpx
import pytest


def test_a_message_is_kept_with_the_names_that_slack_gives_its_blocks(web, state):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*3* 件"}}]
    sent = web.chat_postMessage(channel="C0DIGEST1", text="3 件", blocks=blocks)
    kept = state()["messages"]["C0DIGEST1"][0]
    assert kept == sent["message"]
    assert kept["blocks"][0]["block_id"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE", "channel_not_found"), ("C0ARCHIVE", "is_archived"), ("", "invalid_arguments")],
)
def test_a_message_to_the_wrong_place_is_refused(web, refusal, channel, error):
    assert refusal(web.chat_postMessage, channel=channel, text="hi")["error"] == error


@pytest.mark.parametrize(
    ("channel", "error"), [("C0DIGEST1", "not_in_channel"), ("C0APPROVE", "channel_not_found")]
)
def test_a_bot_that_was_removed_cannot_write(web, control, refusal, channel, error):
    control("faults", kicked=[channel])
    assert refusal(web.chat_postMessage, channel=channel, text="hi")["error"] == error


def test_a_channel_can_be_archived_under_the_bot(web, control, refusal):
    control("faults", archived=["C0DIGEST1"])
    answer = refusal(web.chat_postMessage, channel="C0DIGEST1", text="hi")
    assert answer["error"] == "is_archived"
    assert web.conversations_info(channel="C0DIGEST1")["channel"]["is_archived"]


def section(words):
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


def test_blocks_that_are_too_long_together_are_refused_by_name(web, refusal):
    blocks = [section("x" * 3000)] * 5
    answer = refusal(web.chat_postMessage, channel="C0DIGEST1", text="x", blocks=blocks)
    assert answer["error"] == "msg_blocks_too_long"


def test_a_refusal_says_what_and_where(web, refusal):
    blocks = [section("")]
    answer = refusal(web.chat_postMessage, channel="C0DIGEST1", text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == ["must be more than 0 characters [json-pointer:/blocks/0/text/text]"]


def test_a_message_needs_words_or_blocks(web, refusal):
    answer = refusal(lambda: web.api_call("chat.postMessage", json={"channel": "C0DIGEST1"}))
    assert answer["error"] == "no_text"


def test_an_update_changes_the_message_and_nothing_else(web, state, actions):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="ask", blocks=[actions])["ts"]
    web.chat_update(channel="C0DIGEST1", ts=ts, text="done", blocks=[{"type": "divider"}])
    (kept,) = state()["messages"]["C0DIGEST1"]
    assert (kept["ts"], kept["text"], kept["blocks"][0]["type"]) == (ts, "done", "divider")


def test_an_update_of_more_than_4000_characters_is_too_long(web, refusal):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="x" * 4001)["ts"]
    answer = refusal(web.chat_update, channel="C0DIGEST1", ts=ts, text="x" * 4001)
    assert answer["error"] == "msg_too_long"


def test_what_is_not_there_cannot_be_updated(web, refusal):
    answer = refusal(web.chat_update, channel="C0DIGEST1", ts="1.000000", text="x")
    assert answer["error"] == "message_not_found"


def test_what_a_person_wrote_cannot_be_updated(slack, web, refusal):
    ts = slack.post("C0DIGEST1", text="mine", blocks=[], user="U0MEMBER1")["ts"]
    answer = refusal(web.chat_update, channel="C0DIGEST1", ts=ts, text="x")
    assert answer["error"] == "cant_update_message"


def test_a_reply_stands_in_its_thread_and_has_a_link(web):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="digest")["ts"]
    reply = web.chat_postMessage(channel="C0DIGEST1", text="reply", thread_ts=ts)
    link = web.chat_getPermalink(channel="C0DIGEST1", message_ts=reply["ts"])["permalink"]
    assert reply["message"]["thread_ts"] == ts
    assert link.endswith(f"?thread_ts={ts}&cid=C0DIGEST1")


def test_a_reply_to_nothing_is_refused(web, refusal):
    answer = refusal(web.chat_postMessage, channel="C0DIGEST1", text="x", thread_ts="1.000000")
    assert answer["error"] == "cannot_reply_to_message"


def test_an_ephemeral_message_is_for_one_person_and_no_history(web, state):
    web.chat_postEphemeral(channel="C0DIGEST1", user="U0MEMBER1", text="psst")
    assert [each["text"] for each in state()["ephemerals"]["U0MEMBER1"]] == ["psst"]
    assert state()["messages"]["C0DIGEST1"] == []


def test_an_ephemeral_message_needs_its_reader_in_the_channel(web, refusal):
    answer = refusal(web.chat_postEphemeral, channel="C0APPROVE", user="U0MEMBER1", text="psst")
    assert answer["error"] == "user_not_in_channel"


def test_metadata_has_to_have_its_two_parts(web, refusal):
    answer = refusal(
        web.chat_postMessage, channel="C0DIGEST1", text="x", metadata={"event_type": "digest"}
    )
    assert answer["error"] == "invalid_metadata_format"


def test_a_direct_conversation_is_opened_once(web, state):
    first = web.conversations_open(users="U0APPROV1")["channel"]["id"]
    assert web.conversations_open(users=["U0APPROV1"])["channel"]["id"] == first
    assert web.chat_postMessage(channel="U0APPROV1", text="hi")["channel"] == first


def test_a_group_conversation_needs_another_scope(web, refusal):
    answer = refusal(web.conversations_open, users="U0APPROV1,U0ADMIN01")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "mpim:write")


def test_a_private_channel_is_read_under_its_own_scope(web, control, refusal):
    control("faults", scopes=["channels:read"])
    assert not web.conversations_info(channel="C0DIGEST1")["channel"]["is_ext_shared"]
    assert refusal(web.conversations_info, channel="C0APPROVE")["needed"] == "groups:read"


def test_members_come_in_pages(web):
    first = web.conversations_members(channel="C0DIGEST1", limit=4)
    cursor = first["response_metadata"]["next_cursor"]
    rest = web.conversations_members(channel="C0DIGEST1", limit=4, cursor=cursor)
    assert len(first["members"]) == 4
    assert "U0GUEST01" in rest["members"]
    assert rest["response_metadata"]["next_cursor"] == ""


def test_a_persons_language_comes_when_it_is_asked_for(web):
    asked = web.users_info(user="U0ENGLISH", include_locale=True)["user"]
    assert (asked["locale"], asked["tz"]) == ("en-US", "Europe/London")
    assert "locale" not in web.users_info(user="U0ENGLISH")["user"]


def test_guests_and_strangers_are_told_apart(web):
    assert web.users_info(user="U0GUEST01")["user"]["is_restricted"]
    assert web.users_info(user="U0STRANGE")["user"]["team_id"] == "T0PARTNER"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("users.info", {"user": "U0NOBODY1"}, "user_not_found"),
        ("conversations.open", {"users": "U0NOBODY1"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NOTHING"}, "no_such_subteam"),
        ("conversations.info", {"channel": "C0NOWHERE"}, "channel_not_found"),
        (
            "chat.getPermalink",
            {"channel": "C0DIGEST1", "message_ts": "1.000000"},
            "message_not_found",
        ),
    ],
)
def test_what_does_not_exist_is_said_so(web, refusal, method, args, error):
    assert refusal(lambda: web.api_call(method, params=args))["error"] == error


def test_the_approvers_are_a_user_group(web):
    assert web.usergroups_users_list(usergroup="S0APPROVE")["users"] == ["U0APPROV1"]


def test_a_file_goes_up_in_three_steps_and_into_the_channel(slack, web, state):
    name, content = "emails.csv", "いつ,だれ\n"
    web.files_upload_v2(filename=name, content=content, channel="C0DIGEST1", title="E-mail")
    (message,) = state()["messages"]["C0DIGEST1"]
    (file,) = message["files"]
    got = httpx.get(f"{slack.base_url}/_control/files/{file['id']}", trust_env=False)
    assert (file["title"], got.text) == ("E-mail", content)


def test_a_file_that_was_never_sent_cannot_be_shared(web, refusal):
    number = web.files_getUploadURLExternal(filename="a.csv", length=3)["file_id"]
    answer = refusal(web.files_completeUploadExternal, files=[{"id": number}])
    assert answer["error"] == "file_not_found"


def test_a_file_may_come_as_a_form(slack, web, state):
    made = web.files_getUploadURLExternal(filename="a.csv", length=3)
    url = made["upload_url"]
    assert httpx.post(url, files={"file": b"a,b"}, trust_env=False).text == "OK - 3"
    shared = web.files_completeUploadExternal(files=[{"id": made["file_id"]}])
    assert shared["files"][0]["title"] == "a.csv"


def test_an_empty_file_is_refused(web, refusal):
    answer = refusal(web.files_getUploadURLExternal, filename="a.csv", length=0)
    assert answer["error"] == "missing_argument"
    gone = httpx.post(f"{web.base_url.removesuffix('api/')}upload/F1", trust_env=False)
    assert gone.status_code == 404


def test_a_reset_brings_the_first_day_back(web, control, state):
    web.chat_postMessage(channel="C0DIGEST1", text="hi")
    control("reset")
    assert state()["messages"]["C0DIGEST1"] == []
