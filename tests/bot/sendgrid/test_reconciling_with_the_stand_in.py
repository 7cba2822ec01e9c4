"""The nightly walks over lists that are cut, limited, broken or changed while they are read."""

from datetime import timedelta
from functools import partial

import pytest

from bot.sendgrid import lists as elements
from handlers import polls, reconciling
from handlers.house import House, Policy
from storage.cases import CaseState
from storage.failures import Medium
from storage.lists import ListName
from storage.opening import open_store
from tests.fakes import TOKYO, FakeClock

MANY = 1001
BOUNCE = {"event": "bounce", "type": "bounce", "reason": "550 no", "status": "5.1.1"}
read = partial(reconciling.read, as_failure=elements.failure)
poll = partial(polls.poll, as_failure=elements.failure)


def name(number):
    return f"taro{number}@example.jp"


@pytest.fixture
def house(tmp_path, lists, clock, vendor):
    """A little ahead of the stand-in's clock; all of the list is read, and the night has come."""
    for number in range(MANY):
        vendor.happen({**BOUNCE, "email": name(number)})
    store = open_store(f"sqlite:///{tmp_path / 'lists.db'}")
    house = House(
        tenant="t",
        store=store,
        clock=FakeClock(clock.now() + timedelta(minutes=1)),
        zone=TOKYO,
        locale="ja",
        policy=Policy(admin_channel="slack:CADMINS"),
        chats={},
        lists=lists,
    )
    began = house.now() - timedelta(days=2)
    store.put_fact(house.tenant, "connected_at", began.isoformat())
    assert poll(house)
    house.clock.turn(hours=1)
    yield house
    store.close()


def gone(house):
    _, cases = house.store.gone("t", house.now() - timedelta(days=9), house.now(), MANY)
    return {case.recipient for case in cases}


def second(house):
    house.clock.turn(hours=3)
    whole = read(house)
    house.clock.turn(seconds=1)
    return whole


def missed(house):
    return house.store.missed_entries("t", ListName.BOUNCES, house.now())[0]


def test_a_list_that_changes_while_it_is_walked_loses_only_who_has_left(house, vendor):
    """An entry that leaves an earlier page moves another one over the edge, unseen."""
    vendor.fail({"leaving": [name(3)]})
    assert read(house)
    assert missed(house) == 1  # not who left: that one was on the page that was read
    assert second(house)
    assert gone(house) == set()
    house.clock.turn(days=1)
    assert read(house)
    assert second(house)
    assert gone(house) == {name(3)}


@pytest.mark.parametrize("cut", [{"500": 250}, {"500": 0}, {"0": 0}])
def test_a_list_of_which_a_part_is_missing_loses_nobody(house, vendor, cut):
    vendor.fail({"cut": cut})
    for _ in range(3):
        assert not read(house)
        house.clock.turn(hours=2)
    assert gone(house) == set()
    vendor.fail({"cut": {}})
    assert read(house)
    assert missed(house) == 0


def test_a_list_of_one_page_that_is_cut_on_both_walks_loses_nobody(house, vendor):
    vendor.fail({"leaving": [name(number) for number in range(40, MANY)]})
    assert read(house)
    for _ in range(2):
        vendor.fail({"cut": {"0": 20}})
        assert not second(house)
    assert gone(house) == set()
    vendor.fail({"cut": {}})
    assert second(house)
    assert gone(house)
    assert gone(house).isdisjoint(name(number) for number in range(40))


@pytest.mark.parametrize("fault", [{"rate": 0}, {"status": 503}, {"status": 500}])
def test_a_vendor_that_stumbles_is_asked_again_and_loses_nobody(house, vendor, fault):
    vendor.fail(fault)
    assert not read(house)
    assert not reconciling.due(house)
    vendor.fail({"rate": 600, "status": 0})
    house.clock.turn(hours=1)
    assert reconciling.due(house)
    assert read(house)
    assert gone(house) == set()


def test_a_list_that_seems_empty_for_one_night_is_doubted(house, vendor):
    vendor.fail({"cut": {"0": 0, "500": 0}})
    assert read(house)
    assert missed(house) == MANY
    topics = [one.topic for one in house.store.due_notices("t", house.now(), 9)]
    assert topics == ["alarm"]
    vendor.fail({"cut": {}})
    assert second(house)
    assert gone(house) == set()
    assert house.store.case("t", Medium.EMAIL, name(1)).state is CaseState.OPEN
