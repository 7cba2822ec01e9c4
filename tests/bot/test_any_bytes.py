"""Whatever arrives: understood, or refused with the error that is written down. Nothing else.

One table of all that reads what others wrote. Whatever hangs meets the time limit
of every test; what an element may become is bounded by `LARGEST`.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import dsn, parsing
from bot.classifying import classified
from bot.config import ConfigError, load
from bot.host import people, push
from bot.host.wire import PushError, authorised
from bot.lineworks import callback, errors, pasted, postbacks, relayed, rules
from bot.lineworks.kept import resendable
from bot.pasting import objects_in
from bot.sendgrid import events, lists, signature
from bot.sendgrid import pasted as sendgrid_pasted
from bot.sendgrid.kinds import judged
from bot.slack import forms, payloads
from handlers.causes import built_in, load_rules
from handlers.grammar import understand
from storage.failures import Medium
from storage.lists import ListName

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
PUSH_RULES = push.Rules(
    causes=built_in(),
    classify={Medium.EMAIL: judged, Medium.LINE_WORKS: partial(errors.judged, rules.built_in())},
    seal=lambda body: body,
    resendable=resendable,
    deadline=lambda at: at + timedelta(days=3),
)
LARGEST = 200  # times as long as what came, and a little more for short ones

EVENT = {
    "email": "taro@example.jp",
    "event": "bounce",
    "type": "bounce",
    "timestamp": int(NOW.timestamp()) - 60,
    "status": "5.1.1",
    "reason": "550 5.1.1 no such person",
    "sg_message_id": "Ab12Cd34Ef56Gh78Ij90Kl.recvd",
    "category": ["a"],
    "attempt": "1",
}
PUSHED = {
    "id": "n-1",
    "medium": "line_works",
    "recipient": "hanako@works",
    "occurred_at": "2026-11-23T02:30:00Z",
    "status": 429,
    "code": "TOO_MANY_REQUESTS",
    "text": "API rate limit exceeded",
    "bot_id": "7",
    "target": "users",
    "deadline": "2026-11-25T02:30:00Z",
    "body": {"content": {"type": "text", "text": "訓練です"}},
}
PERSON = {"id": "1", "name": "山田", "email": "taro@example.jp", "no_address": False}
CALLBACK = {
    "type": "message",
    "issuedTime": NOW.isoformat(),
    "source": {"userId": "u", "channelId": "c"},
    "content": {"type": "text", "text": "/notify-errors today", "postback": "ne:v1"},
}
ENTRY = {"email": "taro@example.jp", "created": 1790000000, "reason": "550", "status": "5.1.1"}
COMMAND = {"user_id": "U1", "channel_id": "C1", "response_url": "https://x", "text": "today"}
ACTION = {
    "user": {"id": "U1"},
    "container": {"message_ts": "1"},
    "actions": [{"action_id": "open", "value": "1"}],
    "trigger_id": "1",
}
VIEW = {
    "user": {"id": "U1"},
    "view": {
        "callback_id": "ask",
        "private_metadata": '{"subject":"1","place":"p","reply_to":"r"}',
        "state": {"values": {"note": {"answer": {"type": "plain_text_input", "value": "x"}}}},
    },
}


def attempt(errors_known, read, *told):
    """What was read, or the words with which it was refused; there must be some."""
    try:
        return read(*told)
    except errors_known as error:
        words = str(error)
    assert words
    return words


def config(told, folder):
    file = folder / "notify-errors.toml"
    file.write_bytes(told)
    load({"NOTIFY_ERRORS_SLACK_BOT_TOKEN": "x", "NOTIFY_ERRORS_SLACK_SIGNING_SECRET": "y"}, file)


def rules_file(told, folder, read):
    file = folder / "rules.toml"
    file.write_bytes(told)
    return read(file)


def relay_body(told, _):
    one = relayed.read("POST", "/v1.0/bots/7/users/u/messages", [("X-Notify-Id", "n")], told)
    return one, resendable(told)


def text(told):
    return told.decode(errors="surrogateescape")


def jsoned(read):
    """For what gets parsed JSON: bytes that are none are somebody else's trouble."""

    def of(told, _):
        try:
            value = json.loads(told)
        except (ValueError, RecursionError):
            return None
        return read(value)

    return of


# What reads, the errors that it may raise, and something that it understands.
READERS = {
    "webhook": (lambda told, _: events.parse(told, NOW), ValueError, [EVENT]),
    "push": (lambda told, _: push.parse(told, NOW, PUSH_RULES), PushError, [PUSHED]),
    "people": (lambda told, _: people.parse(told), PushError, [PERSON]),
    "callback": (
        lambda told, _: callback.parse(told, NOW, ["bot"]),
        callback.CallbackError,
        CALLBACK,
    ),
    "relay": (relay_body, (), PUSHED["body"]),
    "relay answer": (
        lambda told, _: errors.read_refusal(429, {}, told),
        (),
        {"code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"},
    ),
    "slack command": (jsoned(payloads.command), msgspec.ValidationError, COMMAND),
    "slack press": (jsoned(payloads.pressed), msgspec.ValidationError, ACTION),
    "slack form": (jsoned(forms.filled), msgspec.DecodeError, VIEW),
    "list": (jsoned(lambda told: lists.entry(ListName.BOUNCES, told)), ValueError, ENTRY),
    "lists": (
        jsoned(lambda told: lists.held(ListName.BLOCKS, "taro@example.jp", told)),
        ValueError,
        [ENTRY],
    ),
    "groups": (
        jsoned(lambda told: lists.held(ListName.GROUPS, "a@x", told)),
        ValueError,
        {"suppressions": [{"name": "a", "suppressed": True}]},
    ),
    "classify": (lambda told, _: list(classified(io.BytesIO(told), built_in())), (), EVENT),
    "JSON in a text": (lambda told, _: objects_in(text(told)), (), [EVENT]),
    "pasted event": (lambda told, _: sendgrid_pasted.pasted(text(told)), (), [EVENT]),
    "pasted answer": (
        lambda told, _: pasted.pasted(rules.built_in(), text(told)),
        (),
        {"code": "TOO_MANY_REQUESTS", "description": "x"},
    ),
    "pasted report": (lambda told, _: dsn.pasted(text(told)), (), EVENT),
    "command": (lambda told, _: understand(text(told)), (), "who taro@example.jp"),
    "postback": (lambda told, _: postbacks.read(text(told)), (), "ne:v1"),
}
# The same for what an operator writes.
FILES = {
    "configuration": (config, ConfigError),
    "rules for words": (partial(rules_file, read=load_rules), ValueError),
    "rules for answers": (
        lambda told, _: rules.parse_rules(text(told), "own.toml"),
        rules.RulesError,
    ),
}

DEEP = json.loads("[" * 350 + "]" * 350)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),  # a push with either is no JSON
    st.text(max_size=20),
    st.sampled_from(["\ud800", "\0", "x" * 70_000, 10**400, 1e308, [], {}, DEEP, [{}] * 50]),
)


@st.composite
def changed(draw, told):
    """The value, or something odd in one of its places."""
    if isinstance(told, dict) and told and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(told)))
        return {**told, name: draw(changed(told[name]))}
    if isinstance(told, list) and told and draw(st.booleans()):
        at = draw(st.integers(0, len(told) - 1))
        return [*told[:at], draw(changed(told[at])), *told[at + 1 :]]
    return draw(ODD)


@st.composite
def spoilt(draw, sound):
    """Bytes that begin well."""
    told = json.dumps(draw(changed(sound)) if draw(st.booleans()) else sound).encode()
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(told)))
        told = told[:at] + draw(st.binary(max_size=4)) + told[draw(st.integers(at, len(told))) :]
    return told


@pytest.mark.parametrize("name", READERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_what_others_wrote_is_read_or_refused_and_stays_small(name, tmp_path, data):
    read, errors_known, sound = READERS[name]
    told = data.draw(st.binary() | spoilt(sound) | spoilt([sound, sound]))
    found = attempt(errors_known, read, told, tmp_path)
    assert len(repr(found)) <= LARGEST * (len(told) + 100)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "wall",
    [
        b"[" * 300_000,
        b'{"a":' * 100_000,
        b"[" * 450 + b"]" * 450,
        b'{"content":' * 450 + b"1" + b"}" * 450,
        b'"' * 300_000,
        b"9" * 300_000,
        b"\\" * 300_000,
        b" " * 300_000,
        b"\xff" * 300_000,
        b"550 5.1.1 <" * 30_000,
        b"a@" * 150_000,
        b"[" + b"0," * 9_000 + b"0]",
    ],
    ids=lambda wall: repr(wall[:12]),
)
def test_a_wall_of_one_thing_is_read_or_refused_in_its_time(name, wall, tmp_path):
    read, errors_known, _ = READERS[name]
    found = attempt(errors_known, read, wall, tmp_path)
    assert len(repr(found)) <= LARGEST * len(wall)


TOML = st.text("[]=\"'{}#\n.,- abkindrulestatus0159", max_size=80)
SECTIONS = st.sampled_from(["", "[[rule]]\n", "[[line_works]]\n", "port = ", "admins = "])


@pytest.mark.parametrize("name", FILES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.binary() | st.tuples(SECTIONS, TOML).map(lambda parts: "".join(parts).encode()))
def test_what_an_operator_wrote_is_read_or_refused_with_a_mend(name, told, tmp_path):
    read, errors_known = FILES[name]
    attempt(errors_known, read, told, tmp_path)


@pytest.mark.parametrize("field", sorted(PUSHED))
@given(value=ODD)
def test_an_odd_field_of_a_push_is_taken_or_named(field, value):
    [verdict] = push.parse(json.dumps([PUSHED | {field: value}]).encode(), NOW, PUSH_RULES).verdicts
    # Another field may be to blame for what this one says: a body for a mail, for example.
    assert verdict.error is None or verdict.error.field in PUSHED


@given(st.text(), st.lists(st.text(min_size=1)))
def test_no_authorization_is_too_strange(header, tokens):
    assert authorised(header, tokens) in {True, False}


@given(st.binary(), st.text(), st.text())
def test_no_signature_is_too_strange(body, signed, stamp):
    assert not signature.verify(body, signed, stamp, [])
    with pytest.raises(callback.CallbackError):
        callback.verify(body, {"x-works-signature": signed}, ["secret"], "7")


@given(st.lists(st.tuples(st.text(), st.text())), st.text(), st.text())
def test_no_relayed_call_is_too_strange(headers, path, method):
    assert relayed.read(method, path, headers, b"") is None
    deadline = ("X-Notify-Deadline", path)
    one = relayed.read("POST", "/v1.0/bots/7/users/u/messages", [*headers, deadline], b"{}")
    answer = SimpleNamespace(at=NOW, refusal=None)
    told = relayed.batch(one, answer, None, None)
    assert told.successes[0].source_id


PARSERS = [
    parsing.zone,
    parsing.clock_time,
    parsing.window,
    parsing.days,
    parsing.url(),
    parsing.link,
    parsing.domain,
    parsing.networks,
    parsing.people,
    parsing.rooms,
    parsing.keys,
    parsing.number(0, 9),
]


@pytest.mark.parametrize("parse", PARSERS)
@given(st.text() | st.text("https://[]:@.,=-0159é１"))
def test_a_setting_is_read_or_refused_with_a_mend(parse, told):
    attempt(ValueError, parse, told)


@pytest.mark.parametrize(
    "file",
    sorted((Path(__file__).parents[1] / "payloads").rglob("*.json")),
    ids=lambda file: file.stem,
)
def test_what_vendors_really_send_is_read_cut_anywhere(file):
    told = file.read_bytes()
    for at in range(0, len(told), max(1, len(told) // 60)):
        for read, errors_known, _ in READERS.values():
            attempt(errors_known, read, told[:at], Path())
