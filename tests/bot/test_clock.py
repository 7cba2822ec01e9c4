"""The clock that the sandbox may turn."""

import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette

from bot.clock import TurnedClock, WallClock
from sandbox.clock import Clock
from sandbox.serving import serving

START = datetime(2026, 11, 20, tzinfo=UTC)
PATIENCE = 5


@pytest.fixture
def turned():
    """The sandbox's clock, and ours that follows it."""
    with ExitStack() as stack:
        theirs = Clock(START)
        address = stack.enter_context(serving(Starlette(routes=theirs.routes())))
        ours = TurnedClock(f"{address}/clock")
        stack.callback(ours.stop)
        yield theirs, ours


def test_the_wall_clock_is_aware_of_its_zone():
    assert WallClock().now().tzinfo is UTC


def test_our_clock_shows_what_theirs_shows(turned):
    theirs, ours = turned
    assert abs(ours.now() - theirs.now()) < timedelta(seconds=1)


def test_a_turned_clock_wakes_us(turned):
    theirs, ours = turned
    woken = threading.Event()
    ours.follow(woken.set)
    theirs.turn(START + timedelta(days=1))
    assert woken.wait(PATIENCE)
    assert ours.now() >= START + timedelta(days=1)


def test_time_alone_wakes_nobody(turned):
    _, ours = turned
    woken = threading.Event()
    ours.follow(woken.set)
    assert not woken.wait(1.2)


def test_a_clock_that_falls_silent_goes_on_at_its_pace():
    theirs = Clock(START)
    with serving(Starlette(routes=theirs.routes())) as address:
        ours = TurnedClock(f"{address}/clock")
    ours.follow(lambda: None)
    first = ours.now()
    assert first >= START
    assert ours.now() >= first
    ours.stop()
