"""Warnings that must come before the trouble: afterwards nothing can be told."""

from dataclasses import replace

import pytest

from handlers import tasks, upkeep
from handlers.show.alarms import message
from storage.health import Health
from tests.handlers.conftest import text_of

GIB = 1024**3


class Measured:
    """The house's store on another disk."""

    def __init__(self, store, **changes):
        self._store = store
        values = {"schema": "s", "size": GIB, "behind": 0, "free": GIB}
        self._health = Health(**values | changes)

    def __getattr__(self, name):
        return getattr(self._store, name)

    def health(self):
        return self._health


@pytest.fixture
def alarms(house):
    def found(**measured):
        measuring = replace(house, store=Measured(house.store, **measured))
        for _ in range(2):
            upkeep.look(measuring)
        notices = house.store.due_notices(house.tenant, house.now(), 9)
        return [text_of(message(house, one.subject, "en")) for one in notices]

    return found


def test_a_disk_that_fills_is_told_once_with_what_is_left(alarms):
    [text] = alarms(free=100 * 1024 * 1024)
    assert "has 100 MiB left" in text


def test_a_log_that_is_not_merged_is_told_once(alarms):
    [text] = alarms(behind=GIB)
    assert "1,024 MiB wait to be merged" in text
    assert "Recording goes on" in text


def test_where_all_is_well_nothing_is_told(alarms):
    assert alarms() == []


def test_housekeeping_looks(house):
    full = replace(house, store=Measured(house.store, free=0))
    tasks.keep_house(full)
    [notice] = house.store.due_notices(house.tenant, house.now(), 9)
    assert notice.subject.startswith("disk_filling|")
