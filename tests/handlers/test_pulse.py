"""That we are up: stored once a minute, and nothing is claimed for a time of silence."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import intake
from handlers.pulse import SILENCE, Pulse
from storage.failures import Source
from storage.spans import Span
from storage.store import StorageBusyError
from tests.handlers.conftest import ADMINS

EVENTS, RELAY = Source.SENDGRID_EVENTS, Source.LINEWORKS_RELAY


class Wall:
    """Real seconds; `together` lets them pass on the business clock as well."""

    def __init__(self, clock):
        self.clock = clock
        self.seconds = 0.0

    def __call__(self):
        return self.seconds

    def together(self, seconds):
        self.seconds += seconds
        self.clock.turn(seconds=seconds)


@pytest.fixture
def wall(clock):
    return Wall(clock)


@pytest.fixture
def pulse(house, wall):
    return Pulse(house, [EVENTS, RELAY], wall)


def spans(house, source=EVENTS, *, lost=False):
    day = timedelta(days=2)
    told = house.store.stretches(house.tenant, house.now() - day, house.now() + day)
    return [one.span for one in told if one.source is source and one.lost is lost]


def run(pulse):
    for unit in pulse.due():
        unit.run()


@contextmanager
def busy(house, monkeypatch):
    def refuse(*_, **__):
        raise StorageBusyError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "keep_stretches", refuse)
        yield


def test_a_minute_passes_between_two_beats(pulse, wall, house):
    wall.together(59)
    assert pulse.due() == []
    wall.together(1)
    run(pulse)
    assert pulse.due() == []
    assert len(spans(house)) == 1


def test_beats_make_one_stretch_for_every_source(pulse, wall, house):
    start = house.now()
    for _ in range(5):
        wall.together(70)
        run(pulse)
    assert spans(house) == spans(house, RELAY) == [Span(start, house.now())]


def test_between_two_beats_the_process_knows_that_it_is_up(pulse, wall, house):
    start = house.now()
    wall.together(20)
    assert {(one.source, one.span) for one in pulse.up()} == {
        (EVENTS, Span(start, house.now())),
        (RELAY, Span(start, house.now())),
    }


def test_a_restart_leaves_the_time_from_the_last_beat_open(pulse, wall, house):
    start = house.now()
    wall.together(60)
    run(pulse)
    beat = house.now()
    wall.together(1800)
    again = house.now()
    second = Pulse(house, [EVENTS], wall)
    wall.together(60)
    run(second)
    assert spans(house) == [Span(start, beat), Span(again, house.now())]


def test_an_orderly_end_is_up_until_then(pulse, wall, house):
    start = house.now()
    wall.together(20)
    pulse.stop()
    assert spans(house) == [Span(start, house.now())]


def test_an_end_does_not_wait_for_a_storage_that_is_busy(pulse, wall, house, monkeypatch):
    wall.together(20)
    with busy(house, monkeypatch):
        pulse.stop()
    assert spans(house) == []


def test_a_process_that_slept_heard_nothing(pulse, wall, house):
    start = house.now()
    wall.together(60)
    run(pulse)
    slept = house.now()
    wall.together(SILENCE + 1)
    woken = house.now()
    wall.together(0)
    run(pulse)
    wall.together(60)
    run(pulse)
    assert spans(house) == [Span(start, slept), Span(woken, house.now())]


def test_a_clock_that_is_turned_ahead_is_no_sleep(pulse, wall, house, clock):
    start = house.now()
    clock.turn(days=1)
    wall.seconds += 2
    run(pulse)
    assert spans(house) == [Span(start, house.now())]


def test_a_clock_that_is_turned_back_takes_its_claims_with_it(pulse, wall, house, clock):
    start = house.now()
    clock.turn(hours=5)
    run(pulse)
    clock.turn(hours=-4)
    wall.together(60)
    run(pulse)
    (one,) = spans(house)
    assert one.since == start
    assert one.until <= house.now() + timedelta(minutes=1)


def test_two_processes_fill_each_others_restarts(house, wall):
    start = house.now()
    first, second = Pulse(house, [EVENTS], wall), Pulse(house, [EVENTS], wall)
    wall.together(60)
    run(first)
    wall.together(60)
    run(second)
    third = Pulse(house, [EVENTS], wall)
    wall.together(60)
    run(third)
    assert spans(house) == [Span(start, house.now())]


def test_a_short_trouble_of_the_storage_is_bridged(pulse, wall, house, monkeypatch):
    start = house.now()
    wall.together(60)
    with busy(house, monkeypatch), pytest.raises(StorageBusyError):
        run(pulse)
    wall.together(60)
    run(pulse)
    assert spans(house) == [Span(start, house.now())]


def test_a_long_trouble_of_the_storage_is_a_gap(pulse, wall, house, monkeypatch):
    start = house.now()
    wall.together(60)
    run(pulse)
    stored = house.now()
    for _ in range(4):
        wall.together(60)
        with busy(house, monkeypatch), pytest.raises(StorageBusyError):
            run(pulse)
    back = house.now()
    run(pulse)
    wall.together(60)
    run(pulse)
    assert spans(house) == [Span(start, stored), Span(back, house.now())]


def test_what_could_not_be_stored_makes_its_minute_a_gap(pulse, wall, house):
    minute = house.now().replace(second=0, microsecond=0)
    wall.together(30)
    pulse.missed(RELAY, house.now())
    run(pulse)
    assert spans(house, RELAY, lost=True) == [Span(minute, minute + timedelta(minutes=1))]
    assert spans(house, EVENTS, lost=True) == []
    assert pulse.due() == []


def test_what_was_missed_while_the_storage_was_busy_is_told_when_it_is_not(
    pulse, wall, house, monkeypatch
):
    woken = []
    pulse = Pulse(replace(house, wake=lambda: woken.append(1)), [RELAY], wall)
    with busy(house, monkeypatch):
        for _ in range(2):
            pulse.missed(RELAY, house.now())
            with pytest.raises(StorageBusyError):
                run(pulse)
            wall.together(60)
    assert any(one.lost for one in pulse.up())
    assert woken
    run(pulse)
    (lost,) = spans(house, RELAY, lost=True)
    assert lost.until - lost.since == timedelta(minutes=2)


def test_the_admins_are_told_of_every_hour_once(pulse, wall, house):
    for seconds in (0, 10, 3600):
        wall.together(seconds)
        pulse.missed(RELAY, house.now())
        run(pulse)
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    assert [(one.topic, one.place) for one in notices] == [("alarm", ADMINS)] * 2


def test_without_a_pushed_source_there_is_no_beat(house, wall):
    pulse = Pulse(house, [], wall)
    wall.together(600)
    assert pulse.due() == []
    assert pulse.up() == ()


def test_a_post_is_remembered_beside_the_beats(pulse, wall, house):
    intake.listen(house, EVENTS)
    wall.together(60)
    intake.heard(house, EVENTS)
    run(pulse)
    (row,) = house.store.coverage(house.tenant)
    assert row.until == house.now()
