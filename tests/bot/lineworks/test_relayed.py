"""A relayed call becomes a failure with its message, a delivery, or nothing at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.lineworks.errors import read_refusal
from bot.lineworks.kept import opened
from bot.lineworks.relayed import Answer, batch, is_ours, read
from storage.failures import Kind, Medium, Source

AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
PATH = "/v1.0/bots/7001002/users/taro%40example.co.jp/messages"
BODY = b'{"content":{"type":"text","text":"hello there"}}'
RATE = b'{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'


def relayed(*headers, path=PATH, body=BODY):
    return read("POST", path, headers, body)


def refusal(status=429, body=RATE, at=AT, **headers):
    return Answer(
        at=at, status=status, headers=headers, refusal=read_refusal(status, headers, body)
    )


def told(sealing, one=None, answer=None):
    return batch(one or relayed(), answer or refusal(), sealing, lambda at: at + timedelta(days=3))


def failure_of(sealing, *headers, **more):
    return told(sealing, relayed(*headers), refusal(**more)).failures[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("POST", "/v1.0/bots/7001002/channels"),
        ("POST", "/v1.0/bots/7001002/attachments"),
        ("POST", "/v1.0/bots/7001002/users/taro/messages/1"),
        ("POST", "/v1.0/bots/7001002/rooms/taro/messages"),
        ("POST", "/v1.0/users/taro/messages"),
    ],
)
def test_other_calls_are_no_notifications(method, path):
    assert read(method, path, (), BODY) is None


def test_a_notification_names_bot_target_and_recipient():
    one = relayed()
    assert (one.bot_id, one.target, one.recipient) == ("7001002", "users", "taro@example.co.jp")


def test_a_room_is_a_recipient_too():
    one = relayed(path="/v1.0/bots/7/channels/0f3c/messages")
    assert (one.target, one.recipient) == ("channels", "0f3c")


def test_the_hosts_headers_are_read_in_any_case():
    one = relayed(("X-NOTIFY-ID", " n1 "), ("x-notify-tag", "給与"), ("X-Notify-Person", "p1"))
    assert (one.id, one.tag, one.person) == ("n1", "給与", "p1")


@pytest.mark.parametrize("name", ["X-Notify-Id", "x-notify-tenant", "X-NOTIFY-ANYTHING"])
def test_the_hosts_headers_are_for_us_alone(name):
    assert is_ours(name)
    assert not is_ours("X-Notification")


def test_a_refusal_becomes_a_failure_with_the_vendors_words(sealing):
    failure = failure_of(sealing, ("X-Notify-Id", "n1"), ("X-Notify-Tag", "t"))
    assert (failure.source, failure.medium) == (Source.LINEWORKS_RELAY, Medium.LINE_WORKS)
    assert (failure.kind, failure.status) == (Kind.TOO_FREQUENT, "429")
    assert failure.provider_text == "TOO_MANY_REQUESTS API rate limit exceeded"
    assert (failure.source_id, failure.reference, failure.tag) == ("n1", "n1", "t")
    assert (failure.bot_id, failure.occurred_at) == ("7001002", AT)
    assert not failure.each_telling_counts


def test_the_vendors_fields_are_kept_raw_without_a_token(sealing):
    challenge = 'Bearer error="invalid_token"'
    headers = {
        "rateLimit-reset": "7",
        "WWW-Authenticate": challenge,
        "Set-Cookie": "secret",
        "Authorization": "Bearer A",
    }
    assert json.loads(failure_of(sealing, ("X-Notify-Person", "p1"), **headers).raw) == {
        "status": 429,
        "code": "TOO_MANY_REQUESTS",
        "description": "API rate limit exceeded",
        "evidence": "documented",
        "headers": {"rateLimit-reset": "7", "WWW-Authenticate": challenge},
        "person": "p1",
    }


@pytest.mark.parametrize(
    ("status", "body", "guessed"),
    [
        (429, RATE, False),
        (401, b'{"code":"UNAUTHORIZED"}', False),
        (403, b'{"code":"FORBIDDEN"}', True),
        (429, b"", True),
        (409, b"", False),
    ],
)
def test_a_failure_says_whether_its_kind_is_a_guess(sealing, status, body, guessed):
    assert failure_of(sealing, status=status, body=body).guessed is guessed


def test_without_an_id_equal_bodies_of_one_day_are_one_failure(sealing):
    first, second = (failure_of(sealing, at=at) for at in (AT, AT + timedelta(minutes=29)))
    assert first.source_id == second.source_id
    assert first.each_telling_counts


def test_the_day_of_such_a_failure_turns_at_midnight_in_tokyo(sealing):
    before, after = (failure_of(sealing, at=at) for at in (AT, AT + timedelta(minutes=30)))
    assert before.source_id != after.source_id


@pytest.mark.parametrize(
    "other",
    [
        {"body": BODY + b" "},
        {"path": PATH.replace("7001002", "7001003")},
        {"path": PATH.replace("taro", "jiro")},
        {"path": PATH.replace("users", "channels")},
    ],
)
def test_without_an_id_other_messages_are_other_failures(sealing, other):
    ids = {told(sealing, one).failures[0].source_id for one in (relayed(), relayed(**other))}
    assert len(ids) == 2


def test_the_refused_message_is_kept_encrypted(sealing):
    (kept,) = told(sealing, relayed(("X-Notify-Id", "n1"))).kept
    assert b"hello there" not in kept.body
    assert opened(sealing, kept.body) == BODY
    assert (kept.bot_id, kept.target, kept.recipient) == ("7001002", "users", "taro@example.co.jp")
    assert (kept.reference, kept.kept_at, kept.resendable) == ("n1", AT, True)


def test_a_failure_names_its_kept_message(sealing):
    both = told(sealing)
    assert both.failures[0].kept_message == both.kept[0].id


def test_the_same_failure_keeps_the_same_message(sealing):
    assert told(sealing).kept[0].id == told(sealing).kept[0].id


def test_a_message_with_a_file_is_not_kept_for_a_resend(sealing):
    body = b'{"content":{"type":"file","fileId":"jp1.x"}}'
    (kept,) = told(sealing, relayed(body=body)).kept
    assert (kept.body, kept.resendable) == (b"", False)


def test_a_body_too_large_to_be_a_message_is_not_kept(sealing):
    body = b'{"content":{"text":"' + b"x" * 300_000 + b'"}}'
    (kept,) = told(sealing, relayed(body=body)).kept
    assert not kept.resendable


def test_the_host_may_set_the_deadline(sealing):
    one = relayed(("X-Notify-Deadline", "2026-11-24T18:00:00+09:00"))
    assert told(sealing, one).kept[0].deadline == datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-24T18:00:00", "2026-11-24"])
def test_a_deadline_without_a_moment_is_the_usual_one(sealing, text):
    one = relayed(("X-Notify-Deadline", text))
    assert told(sealing, one).kept[0].deadline == AT + timedelta(days=3)


def test_an_acceptance_becomes_a_delivery(sealing):
    one = relayed(("X-Notify-Id", "n1"))
    both = told(sealing, one, Answer(at=AT, status=201, headers={}))
    (success,) = both.successes
    assert success.reference == "n1"
    assert (success.recipient, success.occurred_at) == ("taro@example.co.jp", AT)
    assert not both.failures
    assert not both.kept


def test_ids_that_no_index_holds_are_shortened_and_stay_apart(sealing):
    long = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    calls = [
        relayed(("X-Notify-Id", long + end), path=f"/v1.0/bots/7/users/{long}{end}/messages")
        for end in "ab"
    ]
    failures = [told(sealing, one).failures[0] for one in calls]
    assert len({one.reference for one in failures}) == len({one.recipient for one in failures}) == 2
    assert all(len(one.reference) == len(one.recipient) == 500 for one in failures)


def test_without_an_id_every_acceptance_counts(sealing):
    moments = (AT, AT + timedelta(milliseconds=1))
    answers = [Answer(at=at, status=201, headers={}) for at in moments]
    ids = {told(sealing, relayed(), one).successes[0].source_id for one in answers}
    assert len(ids) == 2
