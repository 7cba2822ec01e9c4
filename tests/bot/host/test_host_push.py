"""What the host tells of its own notifications: understood, or answered with field and mend."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.host.push import NAMES, Rules, parse, settled
from bot.host.wire import PushError
from handlers.causes import built_in
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Recorded, Source

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
MAIL = {
    "id": "n-1",
    "medium": "email",
    "recipient": "hanako@example.jp",
    "occurred_at": "2026-11-23T11:30:00+09:00",
    "status": "5.1.1",
    "code": 550,
    "text": "550 5.1.1 no such person here",
}
TALK = {
    "id": "n-2",
    "medium": "line_works",
    "recipient": "hanako@example",
    "occurred_at": "2026-11-23T02:30:00Z",
    "kind": "too_frequent",
    "bot_id": "2000001",
    "body": {"content": {"type": "text", "text": "訓練です"}},
}
RULES = Rules(
    causes=built_in(),
    classify={
        Medium.EMAIL: lambda *_: (Kind.HARD_BOUNCE, False),
        Medium.LINE_WORKS: lambda _, code, __: (Kind(code.lower()), True),
    },
    seal=lambda body: b"sealed:" + body,
    resendable=lambda body: b"fileId" not in body,
    deadline=lambda moment: moment + timedelta(days=3),
)


def push(*told, rules=RULES):
    return parse(json.dumps(told).encode(), NOW, rules)


def failure(told, **fields):
    pushed = push({**told, **fields})
    assert [verdict.error for verdict in pushed.verdicts] == [None]
    return pushed.batch.failures[0]


def error(told, **fields):
    """Field and mend of an element with some fields told otherwise; None takes one out."""
    [verdict] = push({k: v for k, v in {**told, **fields}.items() if v is not None}).verdicts
    return verdict.error.field, verdict.error.mend


def test_a_failed_mail_is_told_with_its_cause():
    told = failure(MAIL, tag="survey")
    assert (told.source, told.medium) == (Source.HOST_PUSH, Medium.EMAIL)
    assert (told.kind, told.recipient) == (Kind.HARD_BOUNCE, "hanako@example.jp")
    assert told.occurred_at == datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    assert (told.smtp_code, told.status, told.tag) == ("550", "5.1.1", "survey")
    assert (told.reference, told.reading.cause) == ("n-1", Cause.USER_UNKNOWN)


def test_a_refused_message_is_told_in_the_providers_words():
    told = failure(TALK, kind=None, status=429, code="TOO_FREQUENT", text="slow down")
    assert (told.medium, told.kind) == (Medium.LINE_WORKS, Kind.TOO_FREQUENT)
    assert (told.provider_text, told.status) == ("TOO_FREQUENT slow down", "429")
    assert (told.reading, told.smtp_code) == (Reading(), "")


def test_a_kind_that_is_given_is_believed():
    assert failure(MAIL, kind="soft_bounce").kind is Kind.SOFT_BOUNCE


def test_a_drop_may_say_which_list():
    told = failure(MAIL, kind="dropped", dropped_by="bounce_list")
    assert (told.dropped_by, told.reading) == (DroppedBy.BOUNCE_LIST, Reading())
    assert failure(MAIL, kind="dropped").dropped_by is DroppedBy.OTHER


def test_a_delivery_is_a_success():
    pushed = push({**MAIL, "event": "delivered"})
    [success] = pushed.batch.successes
    assert (success.reference, success.medium) == ("n-1", Medium.EMAIL)
    assert pushed.batch.failures == ()


def test_a_refused_message_is_kept_sealed_to_be_sent_again():
    pushed = push(TALK)
    [kept] = pushed.batch.kept
    assert kept.body == b"sealed:" + json.dumps(TALK["body"], ensure_ascii=False).encode()
    assert (kept.bot_id, kept.target, kept.recipient) == ("2000001", "users", "hanako@example")
    assert (kept.kept_at, kept.deadline) == (NOW, NOW + timedelta(days=3))
    assert pushed.batch.failures[0].kept_message == kept.id


def test_the_message_is_nowhere_in_clear():
    assert "訓練" not in str(failure(TALK))


def test_a_host_may_name_room_and_deadline():
    told = {**TALK, "target": "channels", "deadline": "2026-11-23T18:00:00+09:00"}
    [kept] = push(told).batch.kept
    assert (kept.target, kept.deadline) == ("channels", NOW + timedelta(hours=6))


def test_a_message_with_a_file_is_remembered_without_its_body():
    pushed = push({**TALK, "body": {"content": {"type": "file", "fileId": "x"}}})
    [kept] = pushed.batch.kept
    assert (kept.resendable, kept.body) == (False, b"")
    assert pushed.verdicts[0].note == "the message cannot be sent again as it is"


def test_without_a_key_to_seal_it_the_failure_is_taken_and_the_body_is_not():
    pushed = push(TALK, rules=Rules(**{**vars(RULES), "seal": None}))
    assert (len(pushed.batch.failures), pushed.batch.kept) == (1, ())
    assert "PAYLOAD_KEY" in pushed.verdicts[0].note


@pytest.mark.parametrize(
    ("fields", "field", "mend"),
    [
        ({"id": None}, "id", "name the notification by an id of your own"),
        ({"id": ""}, "id", "name the notification by an id of your own"),
        ({"medium": None}, "medium", "use email, line_works"),
        ({"medium": "fax"}, "medium", "use email, line_works"),
        ({"recipient": " "}, "recipient", "send the address or the LINE WORKS id"),
        ({"recipient": "x" * 501}, "recipient", "send at most 500 characters"),
        ({"event": "opened"}, "event", "use delivered, failed"),
        ({"text": ["no"]}, "text", "send a string"),
        ({"recepient": "x"}, "recepient", "use recipient"),
    ],
)
def test_a_wrong_field_is_named_with_its_mend(fields, field, mend):
    assert error(MAIL, **fields) == (field, mend)


@pytest.mark.parametrize(
    ("fields", "field", "mend"),
    [
        ({"kind": "dropped", "dropped_by": "us"}, "dropped_by", "bounce_list"),
        ({"kind": "daily_cap"}, "kind", "hard_bounce"),
        ({"status": None, "code": None, "text": None}, "kind", "what the provider answered"),
        ({"body": {"content": {}}}, "body", "line_works alone"),
    ],
)
def test_fields_that_do_not_go_together_say_what_would(fields, field, mend):
    named, mends = error(MAIL, **fields)
    assert named == field
    assert mend in mends


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"body": "text"}, "body"),
        ({"body": {"content": "x" * 300_000}}, "body"),
        ({"bot_id": None}, "bot_id"),
        ({"target": "everybody"}, "target"),
        ({"deadline": "tomorrow"}, "deadline"),
        ({"deadline": "2026-11-24T00:00:00"}, "deadline"),
        ({"kind": "hard_bounce"}, "kind"),
    ],
)
def test_a_wrong_field_of_a_message_is_named(fields, field):
    assert error(TALK, **fields)[0] == field


@pytest.mark.parametrize(
    "told",
    ["", None, "2026-11-23", "2026-11-23T11:30:00", "yesterday", 17],
)
def test_a_time_needs_its_zone(told):
    field, mend = error(MAIL, occurred_at=told)
    assert field == "occurred_at"
    assert "2026-11-23T09:00:00+09:00" in mend


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("2026-11-23", "is no time with a zone"),
        ("1900-01-01T00:00:00Z", "lies too far back"),
        ("1999-12-31T23:59:59Z", "lies too far back"),
        ("0001-01-01T00:00:00+14:00", "lies too far back"),
        ("9999-12-31T23:59:59-14:00", "lies in the future"),
    ],
)
def test_what_is_wrong_with_a_time_is_said(told, wrong):
    [verdict] = push({**MAIL, "occurred_at": told}).verdicts
    assert str(verdict.error) == wrong
    assert "2026-11-23T09:00:00+09:00" in verdict.error.mend


@pytest.mark.parametrize(("minutes", "taken"), [(59, 1), (61, 0)])
def test_a_clock_may_be_wrong_by_an_hour(minutes, taken):
    moment = (NOW + timedelta(minutes=minutes)).isoformat()
    assert len(push({**MAIL, "occurred_at": moment}).batch.failures) == taken


def test_a_bad_element_spoils_no_other():
    pushed = push(MAIL, "rubbish", {**MAIL, "id": "n-3", "medium": "fax"}, TALK)
    assert [verdict.state for verdict in pushed.verdicts] == [
        "accepted",
        "error",
        "error",
        "accepted",
    ]
    assert [verdict.id for verdict in pushed.verdicts] == ["n-1", "", "n-3", "n-2"]
    assert len(pushed.batch.failures) == 2


def test_what_was_known_already_is_answered_as_a_repetition():
    pushed = push(MAIL, TALK, MAIL, {**MAIL, "event": "delivered"}, 7)
    recorded = Recorded(new=2, repeated=2, new_failures=pushed.batch.failures[:1])
    assert [verdict.state for verdict in settled(pushed, recorded, {})] == [
        "accepted",
        "repeated",
        "repeated",
        "accepted",
        "error",
    ]


def test_a_repetition_with_other_content_is_told_what_differs_and_that_the_first_stands():
    pushed = push(MAIL, {**MAIL, "text": "550 no", "tag": "x"}, MAIL)
    recorded = Recorded(new=1, repeated=2, new_failures=pushed.batch.failures[:1])
    stored = {one.source_id: one.raw for one in pushed.batch.failures[:1]}
    assert [verdict.note for verdict in settled(pushed, recorded, stored)] == [
        "",
        "told before with another tag, text: the first telling stands",
        "",
    ]


def test_a_repetition_without_its_body_keeps_the_note_of_its_own():
    pushed = push(TALK, rules=Rules(**{**vars(RULES), "seal": None}))
    [verdict] = settled(pushed, Recorded(repeated=1), {})
    assert (verdict.state, "PAYLOAD_KEY" in verdict.note) == ("repeated", True)


@pytest.mark.parametrize("fields", [{"target": {"a": 1}}, {"deadline": "soon"}])
def test_a_field_is_judged_whether_it_is_needed_or_not(fields):
    assert error(TALK, body=None, **fields)[0] == next(iter(fields))


def test_a_message_nested_too_deep_is_named():
    deep = "[" * 900 + "]" * 900
    raw = json.dumps(TALK)[:-1].replace(json.dumps(TALK["body"]), deep) + "}"
    [verdict] = parse(f"[{raw}]".encode(), NOW, RULES).verdicts
    assert verdict.error.field == "body"


def test_a_message_with_a_number_that_cannot_be_sent_again_is_named():
    raw = json.dumps(TALK).replace(json.dumps("訓練です"), "-1e999")
    [verdict] = parse(f"[{raw}]".encode(), NOW, RULES).verdicts
    assert (verdict.error.field, str(verdict.error)) == ("body", "holds a number that is too large")


def test_told_again_in_other_words_it_is_the_same_failure():
    assert failure(MAIL).source_id == failure(MAIL, text="550 no", tag="other").source_id


@pytest.mark.parametrize(
    "fields", [{"id": "n-9"}, {"recipient": "jiro@example.jp"}, {"kind": "deferred"}]
)
def test_another_id_recipient_or_kind_is_another_failure(fields):
    assert failure(MAIL, **fields).source_id != failure(MAIL).source_id


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["email", "line_works", "deferred", "delivered", "2026-11-23T02:30:00Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def test_a_guess_at_the_kind_is_stored_as_one_and_the_hosts_own_word_is_none():
    answered = {name: value for name, value in TALK.items() if name != "kind"}
    guessed = push(answered | {"status": "403", "code": "BOT_NOT_ALLOWED"}).batch.failures[0]
    assert (guessed.kind, guessed.guessed) == (Kind.BOT_NOT_ALLOWED, True)
    assert not push(TALK).batch.failures[0].guessed


UNSURE = dict.fromkeys(Medium, lambda *_: (Kind.UNCLASSIFIED, False))


@given(st.lists(VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES), max_size=4))
def test_whatever_is_pushed_every_element_has_its_answer(told):
    pushed = push(*told, rules=Rules(**{**vars(RULES), "classify": UNSURE}))
    taken = [verdict for verdict in pushed.verdicts if verdict.error is None]
    assert len(pushed.verdicts) == len(pushed.failures) == len(told)
    assert len(taken) == len(pushed.batch.failures) + len(pushed.batch.successes)


def test_a_body_that_is_no_json_is_refused_whole():
    with pytest.raises(PushError, match="not JSON"):
        parse(b"id=1", NOW, RULES)
