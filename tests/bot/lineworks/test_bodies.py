"""Five 500s for one body while others pass are the body's fault; everything else is an outage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.bodies import ENOUGH, Bodies
from bot.lineworks.relayed import read
from storage.failures import Kind, Medium

DOWN, REJECTED = Kind.PROVIDER_DOWN, Kind.MESSAGE_REJECTED
POISON = "<m the> links"


@pytest.fixture
def bodies():
    return Bodies()


def judged(bodies, body, status=500, kind=DOWN, *, to="taro", bot="7", tenant="t"):
    one = read("POST", f"/v1.0/bots/{bot}/users/{to}/messages", (), body.encode())
    return bodies.judge(tenant, one, (to, f"{body} to {to}"), status, kind)


def passes(bodies, body, **more):
    assert judged(bodies, body, 201, None, **more) is None


def fails(bodies, *bodies_failing, **more):
    """Which of these 500s, in their order, are called the message's fault."""
    return [judged(bodies, body, **more) is not None for body in bodies_failing]


def test_the_fifth_500_of_one_body_is_the_messages_and_so_were_the_four_before(bodies):
    passes(bodies, "fine")
    for number in range(4):
        assert judged(bodies, "x", to=f"u{number}") is None
        passes(bodies, f"fine {number}")
    assert judged(bodies, "x", to="u4") == tuple((f"u{n}", f"x to u{n}") for n in range(4))


def test_after_the_fifth_every_further_one_is_told_at_once(bodies):
    assert fails(bodies, *["x"] * 7) == [False] * 4 + [True] * 3
    assert judged(bodies, "x") == ()


def test_one_message_tried_again_is_found_again_once(bodies):
    fails(bodies, *["x"] * 4)
    assert judged(bodies, "x") == (("taro", "x to taro"),)


def test_differing_bodies_are_an_outage_however_many(bodies):
    assert not any(fails(bodies, *(f"body {n % 20}" for n in range(400))))


def test_a_body_that_joins_an_outage_is_part_of_it(bodies):
    assert not any(fails(bodies, "a", *["x"] * 9))


def test_when_others_pass_again_the_body_is_found_out(bodies):
    fails(bodies, "a", *["x"] * 9)
    passes(bodies, "a")
    assert judged(bodies, "x") == (("taro", "x to taro"),)


def test_an_outage_of_the_others_takes_the_verdict_back(bodies):
    assert fails(bodies, *["x"] * 5, "a", "x") == [False] * 4 + [True, False, False]


def test_a_broadcast_that_fails_for_everybody_proves_nothing_by_itself(bodies):
    assert not any(judged(bodies, "x", to=f"u{n}") is not None for n in range(50))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, None),
        (503, DOWN),
        (502, DOWN),
        (0, Kind.UNANSWERED),
        (0, DOWN),
        (429, Kind.TOO_FREQUENT),
        (500, Kind.DAILY_CAP),
    ],
)
def test_anything_else_for_the_body_begins_the_count_again(bodies, status, kind):
    fails(bodies, *["x"] * 4)
    assert judged(bodies, "x", status, kind) is None
    passes(bodies, "fine")
    assert fails(bodies, *["x"] * 5) == [False] * 4 + [True]


@pytest.mark.parametrize("status", [503, 502, 504, 0])
def test_no_other_trouble_is_ever_the_messages(bodies, status):
    passes(bodies, "fine")
    assert not any(fails(bodies, *["x"] * 9, status=status))


@pytest.mark.parametrize("other", [{"bot": "8"}, {"tenant": "u"}])
def test_each_bot_is_counted_for_itself(bodies, other):
    fails(bodies, *["x"] * 4)
    assert judged(bodies, "x", **other) is None
    assert judged(bodies, "x") is not None


def test_of_many_failing_bodies_the_oldest_are_forgotten(bodies):
    fails(bodies, *["x"] * 4)
    fails(bodies, *(f"body {n}" for n in range(300)))
    passes(bodies, "fine")
    assert judged(bodies, "x") is None


EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([201, 500, 503])), max_size=60)


@given(EVENTS)
def test_nothing_is_the_messages_before_its_fifth_500_in_a_row(events):
    bodies, row = Bodies(), dict.fromkeys("abc", 0)
    for body, status in events:
        found = judged(bodies, body, status, None if status == 201 else DOWN)
        row[body] = row[body] + 1 if status == 500 else 0
        assert found is None or row[body] >= ENOUGH


def test_what_was_stored_as_an_outage_gets_its_right_name(day):
    for second in range(5):
        day.relays(second, 500, b"", to=f"u{second}", text=POISON, name=f"n{second}")
        day.relays(second, 201, text=f"fine {second}", name=f"ok{second}")
    assert [day.kinds(f"u{n}") for n in range(5)] == [[REJECTED]] * 5
    case = day.house.store.case("t", Medium.LINE_WORKS, "u0")
    assert (case.kind, case.guessed) == (REJECTED, True)


@pytest.mark.parametrize("name", ["", "n1"])
def test_one_message_repeated_is_one_failure_with_its_right_name(day, name):
    for second in range(6):
        day.relays(second, 500, b"", text=POISON, name=name)
    assert day.kinds() == [REJECTED]


def test_an_outage_stays_one(day):
    for second in range(20):
        day.relays(second, 500, b"", text=f"body {second % 3}", name=f"n{second}")
    assert set(day.kinds()) == {DOWN}
