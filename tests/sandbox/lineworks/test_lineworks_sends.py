"""Sends: who gets them, what is refused, how often one may."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from sandbox.lineworks import people


def refused(answer):
    return answer.status_code, answer.json()["code"]


def test_a_send_answers_201_with_nothing_in_it_and_is_read(send, read):
    answer = send("こんにちは")
    assert (answer.status_code, answer.content) == (201, b"")
    [message] = read()
    assert (message["from"], message["text"]) == ("通知エラー", "こんにちは")


def test_a_member_can_be_named_by_login(send, state):
    assert send(to=people.TANAKA.email).status_code == 201
    assert state()["talks"][-1]["members"][0]["id"] == people.TANAKA.id


def test_both_bots_have_talks_of_their_own(send, state):
    for bot in people.BOTS:
        send(bot=bot)
    assert [talk["bots"] for talk in state()["talks"][-2:]] == [[bot] for bot in people.BOTS]


def test_a_room_reads_what_its_bot_says(send, read):
    assert send("digest", room=people.DIGEST_ROOM).status_code == 201
    assert read(people.DIGEST_ROOM)[0]["text"] == "digest"
    assert refused(send(room="nowhere")) == (404, "CHANNEL_NOT_EXIST")
    assert refused(send(room=people.DIGEST_ROOM, bot=people.NOTICE_BOT))[0] == 404


def test_a_room_tells_its_kind_and_its_members(api, send, state):
    room = f"/channels/{people.APPROVAL_ROOM}"
    assert api("GET", room).json()["channelType"] == {"type": "MULTI_USERS"}
    assert people.SATO.id in api("GET", f"{room}/members").json()["members"]
    send()
    talk = state()["talks"][-1]["channel"]
    assert api("GET", f"/channels/{talk}").json()["channelType"] == {"type": "SINGLE_USER"}


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [
        ("11111111-2222-3333-4444-555555555555", 404, "USER_NOT_EXIST"),
        ("nobody@example.co.jp", 404, "USER_NOT_EXIST"),
        ("taro@other.example", 400, "INVALID_DOMAIN"),
        (people.FOREIGNER.id, 403, "ACCESS_DENIED"),
    ],
)
def test_strangers_get_no_message(send, to, status, code):
    assert refused(send(to=to)) == (status, code)


def test_a_bot_that_is_not_there_cannot_send(send):
    assert refused(send(bot=42)) == (404, "BOT_NOT_EXIST")


def test_every_answer_tells_the_rate_in_the_vendors_spelling(send):
    answer = send()
    assert b"rateLimit-ssed" in [name for name, _ in answer.headers.raw]
    assert answer.headers["rateLimit-limit"] == "240"
    assert answer.headers["rateLimit-remaining"] == "239"
    assert 0 < int(answer.headers["rateLimit-reset"]) <= 60


def test_too_many_sends_of_a_minute_are_refused_until_the_reset(send, control, clock):
    control("plan", rate=0)
    answer = send()
    assert refused(answer) == (429, "TOO_MANY_REQUESTS")
    assert answer.json()["description"] == "API rate limit exceeded"
    control("plan", rate=1)
    clock.turn(clock.now() + timedelta(seconds=int(answer.headers["rateLimit-reset"])))
    assert [send().status_code, send().status_code] == [201, 429]


def test_each_operation_has_a_rate_of_its_own(send, control):
    control("plan", rate=1)
    assert send().status_code == send(room=people.DIGEST_ROOM).status_code == 201


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ("cap_documented_pair", 429, "TOO_MANY_REQUESTS"),
        ("cap_other_code", 429, "LIMIT_EXCEEDED"),
        ("cap_forbidden", 403, "LIMIT_EXCEEDED"),
    ],
)
def test_the_daily_cap_outlives_resets_and_ends_at_midnight_in_tokyo(
    send, control, clock, answer, status, code
):
    tokyo = clock.now().astimezone(ZoneInfo("Asia/Tokyo"))
    morning = datetime.combine(tokyo.date() + timedelta(days=1), datetime.min.time(), tokyo.tzinfo)
    clock.turn(morning)
    control("plan", cap=1, cap_answer=answer)
    assert send().status_code == 201
    clock.turn(morning + timedelta(hours=23, minutes=59))
    assert refused(send()) == (status, code)
    clock.turn(morning + timedelta(days=1))
    assert send().status_code == 201


def test_the_cap_of_one_bot_leaves_the_other_alone(send, control):
    control("plan", cap=1)
    assert [send(bot=bot).status_code for bot in people.BOTS] == [201, 201]


@pytest.mark.parametrize(
    ("name", "status"),
    [("internal_error", 500), ("unavailable", 503), ("bot_not_allowed", 403), ("not_json", 502)],
)
def test_every_send_can_be_made_to_fail(send, control, name, status):
    control("faults", answer=name)
    assert send().status_code == status
    control("faults", answer="")
    assert send().status_code == 201


def test_a_recipient_or_a_text_can_be_made_to_fail(send, control):
    bodies = {"<m ": "internal_error"}
    control("faults", recipients={people.SATO.id: "bot_not_allowed"}, bodies=bodies)
    assert refused(send(to=people.SATO.id)) == (403, "FORBIDDEN")
    assert refused(send('<m userId="all">')) == (500, "INTERNAL_SERVER_ERROR")
    assert send().status_code == 201


@pytest.mark.parametrize(("name", "copies"), [("arrived", 1), ("lost", 0)])
def test_a_send_can_go_unanswered_after_it_arrived_or_before(send, control, state, name, copies):
    control("faults", answer=name)
    with pytest.raises(httpx.ReadTimeout):
        send("once", timeout=0.2)
    texts = [message["text"] for talk in state()["talks"] for message in talk["messages"]]
    assert texts.count("once") == copies


def test_an_answer_that_does_not_exist_is_named(vendor):
    answer = vendor.client.post("/_control/faults", json={"answer": "rain"})
    assert (answer.status_code, "rain" in answer.json()["error"]) == (400, True)


def test_more_members_can_be_enrolled(control, send):
    [member] = control("members", members=[{"email": "new@example.co.jp", "name": "新人"}])
    assert send(to=member["id"]).status_code == 201
