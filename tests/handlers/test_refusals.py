"""Posts that had to be refused: the admins hear of it when they can be taken again."""

import pytest

from handlers import alarming
from handlers.refusals import Refusals
from storage.store import StorageBusyError


@pytest.fixture
def refusals(house):
    return Refusals(house)


def told(house):
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    return [alarming.read(one.subject) for one in notices if one.topic == "alarm"]


def run(refusals):
    for unit in refusals.due():
        unit.run()


def test_where_nothing_was_refused_nothing_is_due(refusals, clock):
    assert refusals.due() == []
    clock.turn(hours=1)
    assert refusals.due() == []
    refusals.tell()


def test_a_stretch_is_told_once_when_it_is_over(refusals, house, clock):
    begun = house.now()
    for _ in range(3):
        refusals.refused()
        clock.turn(seconds=100)
    run(refusals)
    assert told(house) == []
    clock.turn(seconds=20)
    run(refusals)
    assert told(house) == [("posts_refused", begun, {"count": "3", "minutes": "4"})]
    assert refusals.due() == []


def test_one_refusal_took_a_minute_at_most(refusals, house, clock):
    refusals.refused()
    clock.turn(minutes=2)
    run(refusals)
    [(_, _, slots)] = told(house)
    assert slots == {"count": "1", "minutes": "1"}


def test_what_goes_on_is_told_after_a_while_and_once_an_hour(refusals, house, clock):
    for _ in range(50):
        refusals.refused()
        clock.turn(minutes=1)
        run(refusals)
    assert [slots["count"] for _, _, slots in told(house)] == ["10"]
    clock.turn(minutes=30)
    for _ in range(2):
        refusals.refused()
        clock.turn(minutes=3)
        run(refusals)
    assert [slots["count"] for _, _, slots in told(house)] == ["10", "1"]


def test_what_cannot_be_told_yet_is_told_later_with_the_rest(refusals, house, clock, monkeypatch):
    refusals.refused()
    clock.turn(minutes=2)

    def refuse(*_):
        refusals.refused()
        raise StorageBusyError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "notify", refuse)
        with pytest.raises(StorageBusyError):
            run(refusals)
    assert refusals.due() == []
    clock.turn(minutes=2)
    run(refusals)
    [(_, _, slots)] = told(house)
    assert slots == {"count": "2", "minutes": "2"}


def test_a_refusal_while_it_is_told_stays_untold(refusals, house, clock, monkeypatch):
    refusals.refused()
    clock.turn(minutes=2)
    notify = house.store.notify

    def slow(*told):
        clock.turn(hours=1)
        refusals.refused()
        notify(*told)

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "notify", slow)
        run(refusals)
    clock.turn(minutes=2)
    run(refusals)
    assert [(slots["count"], slots["minutes"]) for _, _, slots in told(house)] == [("1", "1")] * 2


def test_a_clock_that_is_turned_back_ends_no_stretch_before_it_began(refusals, house, clock):
    refusals.refused()
    clock.turn(minutes=-30)
    refusals.refused()
    clock.turn(minutes=32)
    run(refusals)
    [(_, _, slots)] = told(house)
    assert slots == {"count": "2", "minutes": "1"}
