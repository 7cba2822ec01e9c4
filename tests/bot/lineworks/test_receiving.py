"""A callback is answered at once, taken once, and worked off in its person's order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.lineworks.callback import Said
from bot.lineworks.receiving import Callbacks, Crew, Once


def body(text="今日", user="taro", **more):
    told = {
        "type": "message",
        "source": {"userId": user, "domainId": 1},
        "issuedTime": datetime.now(UTC).isoformat(),
        "content": {"type": "text", "text": text},
        **more,
    }
    return json.dumps(told).encode()


def signed(raw, secret="secret"):
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    return {"x-works-signature": base64.b64encode(digest).decode(), "x-works-botid": "7"}


@pytest.fixture
def heard():
    return []


@pytest.fixture
def callbacks(heard):
    crew = Crew(heard.append)
    yield Callbacks("7", ["secret"], crew)
    crew.close()


def test_a_callback_is_taken_and_answered_with_nothing(callbacks, heard):
    raw = body()
    assert callbacks.receive(raw, signed(raw)) == (200, b"")
    callbacks._crew.close()
    assert [one.text for one in heard] == ["今日"]


def test_the_same_body_is_taken_once(callbacks):
    raw = body()
    assert [callbacks.receive(raw, signed(raw))[0] for _ in range(2)] == [200, 403]


def test_a_stranger_cannot_make_us_remember(callbacks):
    raw = body()
    assert callbacks.receive(raw, signed(raw, "guess"))[0] == 401
    assert callbacks.receive(raw, signed(raw))[0] == 200


@pytest.mark.parametrize(
    ("changed", "status", "why"),
    [
        (None, 400, b"the body is not JSON"),
        ({"issuedTime": "soon"}, 400, b"issuedTime is no ISO 8601 time"),
        ({"source": None}, 400, b"source is missing"),
        ({"issuedTime": "2020-01-01T00:00:00Z"}, 403, b"issuedTime is more than"),
    ],
    ids=["no JSON", "no time", "no source", "old"],
)
def test_what_is_no_callback_gets_a_clear_answer(callbacks, heard, changed, status, why):
    raw = b"{" if changed is None else body(**changed)
    answered, words = callbacks.receive(raw, signed(raw))
    assert (answered, words[: len(why)]) == (status, why)
    assert not heard


def test_what_is_not_for_us_is_taken_and_left_alone(callbacks, heard):
    raw = body(type="join")
    assert callbacks.receive(raw, signed(raw))[0] == 200
    callbacks._crew.close()
    assert not heard


def said(person, n):
    return Said(person=person, place="p", shared=False, text=str(n))


def test_one_persons_words_stay_in_order_whoever_else_speaks(heard):
    crew = Crew(heard.append, threads=3)
    for n in range(60):
        crew.put(said(f"lineworks:{n % 5}", n))
    crew.close()
    for person in {one.person for one in heard}:
        numbers = [int(one.text) for one in heard if one.person == person]
        assert numbers == sorted(numbers)
    assert len(heard) == 60


def test_too_much_at_once_is_said_rather_than_kept_waiting():
    free = threading.Event()
    crew = Crew(lambda _: free.wait(5), threads=1, longest=1)
    callbacks = Callbacks("7", ["secret"], crew)
    bodies = [body(str(n)) for n in range(4)]
    statuses = [callbacks.receive(raw, signed(raw))[0] for raw in bodies]
    free.set()
    crew.close()
    # Which of the others finds the place in the queue is the thread's choice.
    assert statuses[0] == 200
    assert 503 in statuses


def test_memory_is_bounded_and_forgets_the_oldest():
    once = Once(longest=2)
    assert [once.first(one) for one in (b"a", b"b", b"a", b"c", b"a")] == [
        True,
        True,
        False,
        True,
        True,
    ]


def test_a_callback_from_a_clock_a_little_off_is_taken(callbacks):
    early = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    raw = body(issuedTime=early)
    assert callbacks.receive(raw, signed(raw))[0] == 200
