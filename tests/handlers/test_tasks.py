"""What is due follows from rows and times alone."""

import pytest

from handlers import tasks
from handlers.alarming import alarm
from handlers.polls import Polled
from storage.failures import Source
from tests.handlers.conftest import ADMINS, DIGEST


@pytest.fixture
def begun(house):
    tasks.take_up(house)
    return house


def keys(house, polled=()):
    return {unit.key for unit in tasks.due(house, polled=polled)}


def test_a_fresh_start_looks_for_outages_and_keeps_house(begun):
    assert keys(begun) == {"outages", "housekeeping"}


def test_a_source_is_read_when_it_says_that_it_is_due(begun):
    read = []
    feed, idle = (
        Polled(
            source=Source.SENDGRID_LISTS, name=name, due=lambda _, now=now: now, read=read.append
        )
        for name, now in (("feed", True), ("idle", False))
    )
    assert keys(begun, [feed, idle]) == {"feed", "outages", "housekeeping"}
    for unit in tasks.due(begun, [feed, idle]):
        if unit.key == "feed":
            unit.run()
    assert read == [begun]


def test_since_when_we_look_is_kept_over_restarts(begun, clock):
    first = begun.store.fact(begun.tenant, "connected_at")
    clock.turn(days=3)
    tasks.take_up(begun)
    assert begun.store.fact(begun.tenant, "connected_at") == first


def test_housekeeping_comes_every_ten_minutes(begun, clock):
    tasks.keep_house(begun)
    assert "housekeeping" not in keys(begun)
    clock.turn(minutes=10)
    assert "housekeeping" in keys(begun)


def test_a_digest_is_a_unit_of_its_channel(begun, clock):
    clock.turn(days=1)
    assert f"digest:{DIGEST}" in keys(begun)


def test_what_is_told_in_one_place_is_one_unit_at_a_time(begun):
    for word in ("account_suspended", "account_reactivated"):
        alarm(begun, word, begun.now())
    assert [key for key in keys(begun) if key.startswith("notice")] == [f"notice:{ADMINS}"]


def test_a_units_name_is_fit_for_a_log(begun, told, clock):
    told.failure(recipient="taro@example.jp")
    clock.turn(days=1)
    for unit in tasks.due(begun, polled=()):
        assert "@" not in unit.name
