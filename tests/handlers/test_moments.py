"""A clock that was ahead and was put right leaves nothing undone, and no claim behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import feeds, intake, mail_logs, moments, polls, reconciling, tasks
from handlers.coverage import lately
from handlers.house import connected_at
from handlers.pulse import Pulse
from storage.coverage import SKEW, Coverage, Stretch
from storage.failures import Kind, Medium, Source
from storage.lists import ListName
from tests.fakes import FakeFeed, FakeLogs
from tests.handlers.test_polls import as_failure

EVENTS, LISTS, LOGS = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.SENDGRID_LOGS
FEED = Source.HOST_FEED


@pytest.fixture
def whole(house, clock):
    """Everything is connected, and has been for a week."""
    sources = {**house.sources, FEED: house.sources[LISTS]}
    house = replace(house, logs=FakeLogs(), feed=FakeFeed(), sources=sources)
    tasks.take_up(house)
    intake.listen(house, EVENTS)
    clock.turn(days=7)
    return house


def read(house):
    """Whatever is due of what can be asked."""
    return [
        one
        for one, due, reading in (
            (LISTS, polls.due, lambda house: polls.poll(house, as_failure)),
            (LOGS, mail_logs.due, mail_logs.read),
            (FEED, feeds.due, feeds.read),
        )
        if due(house) and reading(house)
    ]


def tick(house):
    """As the engine does it: first what has to be put right."""
    for unit in tasks.due(house, ()):
        if unit.key == "moments":
            unit.run()
    return read(house)


def wrong_for_one_reading(house, clock, **ahead):
    right = clock.now()
    clock.turn(**ahead)
    read(house)
    clock.moment = right


def stretches(house, source):
    now = house.now()
    told = house.store.stretches(house.tenant, now - timedelta(days=30), now + timedelta(days=30))
    return [one for one in told if one.source is source]


def until(house, source):
    return next(one.until for one in house.store.coverage(house.tenant) if one.source is source)


@pytest.mark.parametrize("ahead", [{"hours": 3}, {"days": 2}])
def test_all_that_can_be_asked_is_asked_at_once(whole, clock, ahead):
    assert read(whole) == [LISTS, LOGS, FEED]
    clock.turn(minutes=20)
    wrong_for_one_reading(whole, clock, **ahead)
    assert tick(whole) == [LISTS, LOGS, FEED]
    assert tick(whole) == []


def test_nothing_is_claimed_beyond_now_not_even_before_it_is_taken_back(whole, clock):
    read(whole)
    wrong_for_one_reading(whole, clock, days=2)
    assert all(one.last is None or one.last <= clock.now() for one in lately(whole).states)
    tick(whole)
    for source in (LISTS, LOGS, FEED):
        assert until(whole, source) <= clock.now()
        assert all(one.until <= clock.now() for one in stretches(whole, source))
    clock.turn(days=3)
    assert not moments.ahead(whole)


def test_a_right_clock_takes_nothing_back(whole, clock):
    read(whole)
    clock.turn(seconds=-SKEW.total_seconds())
    before = [stretches(whole, source) for source in (LISTS, LOGS, FEED)]
    assert not moments.ahead(whole)
    moments.take_back(whole)
    assert [stretches(whole, source) for source in (LISTS, LOGS, FEED)] == before


def test_what_was_listed_before_the_wrong_reading_and_after_it_is_found(whole, clock, lists):
    read(whole)
    wrong_for_one_reading(whole, clock, days=2)
    clock.turn(minutes=1)
    lists.put(ListName.BOUNCES, "lost@example.jp", clock.now() - timedelta(seconds=30))
    tick(whole)
    assert whole.store.case(whole.tenant, Medium.EMAIL, "lost@example.jp")


def test_a_gap_behind_the_right_clock_is_not_called_known(whole, clock, lists):
    wall = [0.0]

    def up():
        pulse = Pulse(whole, [EVENTS], lambda: wall[0])
        return pulse, replace(whole, up=pulse.up)

    def minutes(count):
        for _ in range(count):
            clock.turn(minutes=1)
            wall[0] += 60
            pulse.beat()
            tick(house)

    pulse, house = up()
    minutes(10)
    wrong_for_one_reading(house, clock, days=2)
    minutes(5)
    down = clock.now()
    clock.turn(hours=1)
    lists.put(ListName.BOUNCES, "unseen@example.jp", down + timedelta(minutes=30))
    pulse, house = up()
    pulse.beat()
    (gap,) = lately(house).gaps
    assert gap.known == ()
    minutes(10)
    (gap,) = lately(house).gaps
    assert Kind.HARD_BOUNCE in gap.known
    assert house.store.case(house.tenant, Medium.EMAIL, "unseen@example.jp")


def test_a_gap_that_a_wrong_reading_settled_is_owed_again(whole, clock):
    intake.listen(whole, EVENTS)
    now = clock.now()
    gap = (Stretch(source=EVENTS, since=now - timedelta(hours=9), until=now - timedelta(hours=3)),)
    later = Stretch(source=EVENTS, since=now - timedelta(hours=1), until=now)
    whole.store.keep_stretches(whole.tenant, [*gap, later], nothing_after=now)
    intake.heard(whole, EVENTS)
    mail_logs.take_up(whole)
    wrong_for_one_reading(whole, clock, hours=2)
    intake.heard(whole, EVENTS)
    tick(whole)
    assert whole.logs.windows[-1][0] == now - timedelta(hours=3 + 73)
    assert [one.until for one in stretches(whole, LOGS)] == [now - mail_logs.SETTLES]


def test_a_webhook_that_was_heard_with_a_wrong_clock_may_be_silent(whole, clock):
    right = clock.now()
    clock.turn(days=2)
    intake.heard(whole, EVENTS)
    clock.moment = right
    assert mail_logs.due(whole)
    tick(whole)
    assert until(whole, EVENTS) is None
    intake.heard(whole, EVENTS)
    assert until(whole, EVENTS) == clock.now()


def test_a_start_with_a_wrong_clock_is_put_right(house, clock):
    right = clock.now()
    clock.turn(days=2)
    tasks.take_up(house)
    intake.listen(house, EVENTS)
    clock.moment = right
    tick(house)
    assert connected_at(house) == right
    assert house.store.coverage(house.tenant) == [
        Coverage(source=EVENTS, since=right),
        Coverage(source=LISTS, since=right, until=right),
    ]


def test_a_long_pause_is_kept_unless_a_wrong_clock_began_it(house, clock):
    moments.wait(house, "at", clock.now() + timedelta(days=1))
    clock.turn(hours=1)
    assert moments.awaited(house, "at") == clock.now() + timedelta(hours=23)
    clock.turn(hours=-2)
    assert moments.awaited(house, "at") is None


def test_the_night_that_a_wrong_clock_planned_is_planned_anew(whole, clock):
    clock.turn(days=1)
    right = clock.now()
    clock.turn(days=2)
    assert reconciling.read(whole, as_failure)
    clock.moment = right
    assert reconciling.due(whole)
