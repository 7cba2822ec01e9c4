"""Posts that had to be refused: the admins hear of it when they can be taken again."""

import pytest

from handlers import alarming
from handlers.refusals import Refusals
from handlers.show import alarms
from storage.store import StorageBusyError
from tests.handlers.conftest import text_of


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
    assert told(house) == [("posts_refused", begun, {"count": "3", "length": "4"})]
    clock.turn(hours=2)
    assert refusals.due() == []


def test_one_refusal_took_a_minute_at_most(refusals, house, clock):
    refusals.refused()
    clock.turn(minutes=2)
    run(refusals)
    assert told(house)[0][2] == {"count": "1", "length": "1"}


def test_what_goes_on_is_told_as_such_and_the_rest_an_hour_later(refusals, house, clock):
    for _ in range(50):
        refusals.refused()
        clock.turn(minutes=1)
        run(refusals)
    assert [(word, slots) for word, _, slots in told(house)] == [
        ("posts_refused_still", {"count": "10", "length": "9"})
    ]
    clock.turn(minutes=30)
    run(refusals)
    word, _, slots = told(house)[1]
    assert (word, slots) == ("posts_refused", {"count": "40", "length": "39"})
    assert refusals.due() == []


def test_a_second_stretch_within_the_hour_is_told_after_it(refusals, house, clock):
    refusals.refused()
    clock.turn(minutes=2)
    run(refusals)
    refusals.refused()
    clock.turn(minutes=50)
    run(refusals)
    assert len(told(house)) == 1
    clock.turn(minutes=10)
    run(refusals)
    assert [slots["count"] for _, _, slots in told(house)] == ["1", "1"]


def test_what_took_longer_than_senders_wait_may_be_lost(refusals, house, clock):
    for _ in range(30):
        refusals.refused()
        clock.turn(hours=1)
    run(refusals)
    [(word, _, slots)] = told(house)
    assert (word, slots["length"]) == ("posts_lost", f"{29 * 60}")


@pytest.mark.parametrize(
    ("word", "locale", "said"),
    [
        ("posts_refused", "en", "2 times (Fri 20 Nov 10:00, for about 1 minute)"),
        ("posts_refused", "ja", "2回受け取れませんでした(11月20日(金) 10:00から約1分間)"),
        ("posts_refused_still", "ja", "続いています(11月20日(金) 10:00から約2時間、2回)"),
        ("posts_lost", "en", "(Fri 20 Nov 10:00, for about 1 day)"),
    ],
)
def test_the_admins_read_how_often_and_how_long(house, word, locale, said):
    minutes = {"posts_refused": 1, "posts_refused_still": 125, "posts_lost": 29 * 60}[word]
    alarming.alarm(house, word, house.now(), count="2", length=str(minutes))
    [notice] = house.store.due_notices(house.tenant, house.now(), 9)
    assert said in text_of(alarms.message(house, notice.subject, locale))


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
    assert told(house)[0][2] == {"count": "2", "length": "2"}


def test_a_refusal_while_it_is_told_stays_untold(refusals, house, clock, monkeypatch):
    refusals.refused()
    clock.turn(minutes=2)
    notify = house.store.notify

    def slow(*told):
        refusals.refused()
        notify(*told)

    with monkeypatch.context() as patch:
        patch.setattr(house.store, "notify", slow)
        run(refusals)
    clock.turn(hours=1)
    run(refusals)
    assert [(slots["count"], slots["length"]) for _, _, slots in told(house)] == [("1", "1")] * 2


def test_a_clock_that_is_turned_back_ends_no_stretch_before_it_began(refusals, house, clock):
    refusals.refused()
    clock.turn(minutes=-30)
    refusals.refused()
    clock.turn(minutes=32)
    run(refusals)
    assert told(house)[0][2] == {"count": "2", "length": "1"}
