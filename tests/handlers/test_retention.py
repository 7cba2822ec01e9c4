"""The night's forgetting: when, how much at once, and what is told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import retention
from handlers.intake import record
from handlers.show.reader import Reader
from handlers.show.status import message
from handlers.status import status
from storage.failures import Batch, Failure, Kind, Medium, Source
from storage.retention import Keep
from storage.views import CaseQuery
from tests.handlers.conftest import text_of

DAY = timedelta(days=1)


@pytest.fixture
def forgetful(house, with_policy):
    return with_policy(keep=Keep(failures=40 * DAY))


def fail(house, name="a", ago=0):
    one = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id=name,
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=f"{name}@example.jp",
        occurred_at=house.now() - ago * DAY,
    )
    record(house, Batch(failures=(one,)))


def known(house, **more):
    cases = house.store.cases(house.tenant, CaseQuery(**more))
    return sorted(one.recipient[0] for one in cases)


def test_it_is_due_once_a_night(forgetful, clock):
    assert not retention.due(forgetful)
    clock.turn(days=1)
    assert retention.due(forgetful)
    assert retention.forget(forgetful)
    assert not retention.due(forgetful)
    clock.turn(days=1)
    assert retention.due(forgetful)


def test_what_is_older_than_the_setting_is_gone_the_next_night(forgetful, clock):
    fail(forgetful, "a")
    clock.turn(days=30)
    fail(forgetful, "b")
    clock.turn(days=11)
    retention.forget(forgetful)
    assert known(forgetful) == ["b"]


def test_a_night_is_done_in_turns_that_go_on_where_the_last_one_ended(
    forgetful, clock, monkeypatch
):
    monkeypatch.setattr(retention, "PORTION", 2)
    monkeypatch.setattr(retention, "A_TURN", 1)
    for name in "abcde":
        fail(forgetful, name)
    clock.turn(days=41)
    retention.due(forgetful)
    turns = 1
    while not retention.forget(forgetful):
        turns += 1
    assert turns > 3
    assert known(forgetful) == []
    assert retention.last_night(forgetful)["recipients"] == 5


def test_an_intake_goes_on_between_two_portions(forgetful, clock, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 1)
    for name in "abc":
        fail(forgetful, name)
    clock.turn(days=41)
    forget_some, met = forgetful.store.forget_recipients, []

    class Store:
        def forget_recipients(self, *asked):
            met.append(asked)
            fail(forgetful, f"n{len(met)}")
            return forget_some(*asked)

        def __getattr__(self, name):
            return getattr(forgetful.store, name)

    for _ in range(3):
        retention.forget(replace(forgetful, store=Store()))
    assert set(known(forgetful)) == {"n"}


def test_what_would_be_forgotten_already_is_no_news_when_it_is_told_again(forgetful):
    fail(forgetful, "a", ago=41)
    fail(forgetful, "b", ago=39)
    assert known(forgetful, fresh=True) == ["b"]
    assert known(forgetful, fresh=False) == ["a", "b"]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "Kept for 40 days (dropped last night: 1 failures"),
        ("ja", "保存期間 40日(昨夜の整理: 通知エラー 1件"),
    ],
)
def test_the_status_says_how_long_things_are_kept_and_what_went(forgetful, clock, locale, words):
    fail(forgetful)
    clock.turn(days=41)
    retention.forget(forgetful)
    reader = Reader(locale=locale, zone=forgetful.zone, now=forgetful.now())
    assert words in text_of(message(status(forgetful), reader))


def test_for_ever_is_said_too(with_policy):
    house = with_policy(keep=Keep(failures=None))
    reader = Reader(locale="en", zone=house.zone, now=house.now())
    assert "Kept for ever" in text_of(message(status(house), reader))
