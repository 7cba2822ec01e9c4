"""What is due follows from rows and times alone."""

import pytest

from handlers import tasks
from handlers.alarming import alarm
from tests.handlers.conftest import ADMINS, DIGEST


@pytest.fixture
def begun(house):
    tasks.take_up(house)
    return house


def keys(house):
    return {unit.key for unit in tasks.due(house, as_failure=None)}


def test_a_fresh_start_polls_looks_for_outages_and_keeps_house(begun):
    assert keys(begun) == {"poll", "outages", "housekeeping"}


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
    for unit in tasks.due(begun, as_failure=None):
        assert "@" not in unit.name
