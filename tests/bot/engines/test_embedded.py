"""The embedded engine: it wakes what is due, and never starts a running unit twice."""

import threading

import pytest

from bot.engines.embedded import Embedded
from handlers.tasks import Unit

PATIENCE = 5


class Work:
    """Units that tell when they run and wait until they may end."""

    def __init__(self):
        self.due = []
        self.started = threading.Semaphore(0)
        self.runs = []
        self.may_end = threading.Event()

    def unit(self, key="a"):
        def run():
            self.runs.append(key)
            self.started.release()
            self.may_end.wait(PATIENCE)

        return Unit(key, "work", run)


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def engine(work):
    engine = Embedded(lambda: list(work.due))
    engine.start()
    yield engine
    work.may_end.set()
    engine.stop()


def test_a_wake_runs_what_is_due_at_once(work, engine):
    work.due = [work.unit()]
    engine.wake()
    assert work.started.acquire(timeout=PATIENCE)


def test_a_unit_that_is_running_is_not_started_again(work, engine):
    work.due = [work.unit("a")]
    engine.wake()
    assert work.started.acquire(timeout=PATIENCE)
    work.due = [work.unit("a"), work.unit("b")]
    engine.wake()
    assert work.started.acquire(timeout=PATIENCE)
    assert work.runs == ["a", "b"]


def test_a_unit_that_fails_is_due_again(work, engine):
    fails = threading.Semaphore(0)

    def failing():
        fails.release()
        raise RuntimeError("made to fail")

    work.due = [Unit("f", "failing", failing)]
    engine.wake()
    assert fails.acquire(timeout=PATIENCE)
    engine.wake()
    assert fails.acquire(timeout=PATIENCE)


def test_many_wakes_become_one_tick(work):
    asked = []
    engine = Embedded(lambda: asked.append(1) or [])
    engine.start()
    for _ in range(100):
        engine.wake()
    engine.stop()
    assert len(asked) < 20


def test_a_wake_before_the_start_or_after_the_end_does_nothing(work):
    engine = Embedded(lambda: list(work.due))
    engine.wake()
    engine.start()
    engine.stop()
    engine.wake()


def test_two_ticks_at_once_start_a_unit_once(work):
    together = threading.Barrier(2, timeout=PATIENCE)
    ticks = []

    def due():
        if threading.current_thread() in ticks:
            together.wait()
            return [work.unit()]
        return []

    engine = Embedded(due)
    engine.start()
    ticks += [threading.Thread(target=engine._tick) for _ in range(2)]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join()
    assert work.started.acquire(timeout=PATIENCE)
    work.may_end.set()
    engine.stop()
    assert work.runs == ["a"]


def test_a_unit_that_ends_while_we_stop_does_not_hold_the_stop(work):
    engine = Embedded(lambda: list(work.due))
    engine.start()
    work.due = [work.unit(f"{n}") for n in range(6)]
    engine.wake()
    for _ in range(6):
        assert work.started.acquire(timeout=PATIENCE)
    stopping = threading.Thread(target=engine.stop)
    stopping.start()
    work.may_end.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
