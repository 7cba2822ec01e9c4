"""Imported files: parts wait until the whole file is wanted, and are counted once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.failures import Reading
from storage.imports import Import, ImportState, Left, Part
from storage.people import Person
from tests.storage.examples import NOW, TENANT, bounce, delivery

LATER = NOW + timedelta(minutes=1)
READING, WHOLE, DONE = ImportState
BEGUN = Import(id="i", name="a.csv", state=READING, begun_at=NOW, moved_at=NOW)
PART = Part(
    failures=(bounce(provider_text="550 宛先不明\n", reading=Reading(rule="r")),),
    successes=(delivery(),),
    people=(Person(id="p", no_address=True),),
    left=(Left(address="taro@example.jp", left_at=NOW),),
)


@pytest.fixture
def begun(store):
    store.begin_import(TENANT, BEGUN)
    return store


def test_a_part_comes_back_as_it_was_laid_by(begun):
    assert begun.put_part(TENANT, "i", 0, PART, LATER)
    assert begun.next_part(TENANT, "i") == (0, PART)
    assert begun.import_of(TENANT, "i") == replace(BEGUN, moved_at=LATER)


def test_parts_come_in_their_order(begun):
    for number in (1, 0, 2):
        begun.put_part(TENANT, "i", number, PART, NOW)
    for number in range(3):
        assert begun.next_part(TENANT, "i")[0] == number
        begun.part_recorded(TENANT, "i", number, NOW, new=1, repeated=0, people=0)
    assert begun.next_part(TENANT, "i") is None


def test_a_part_is_counted_by_whoever_is_first(begun):
    begun.put_part(TENANT, "i", 0, PART, NOW)
    counts = {"new": 3, "repeated": 2, "people": 1}
    assert begun.part_recorded(TENANT, "i", 0, LATER, **counts)
    assert not begun.part_recorded(TENANT, "i", 0, LATER, **counts)
    assert begun.import_of(TENANT, "i") == replace(BEGUN, moved_at=LATER, **counts)


def test_a_move_happens_once(begun):
    assert begun.move_import(TENANT, "i", READING, WHOLE, LATER)
    assert not begun.move_import(TENANT, "i", READING, WHOLE, LATER)
    assert [one.id for one in begun.imports(TENANT, WHOLE)] == ["i"]
    assert begun.imports(TENANT, READING) == []


def test_a_file_that_is_whole_takes_no_more_parts_and_is_not_dropped(begun):
    begun.put_part(TENANT, "i", 0, PART, NOW)
    begun.move_import(TENANT, "i", READING, WHOLE, NOW)
    assert not begun.put_part(TENANT, "i", 1, PART, NOW)
    assert not begun.drop_import(TENANT, "i")
    assert begun.next_part(TENANT, "i") == (0, PART)


def test_a_file_that_is_dropped_leaves_nothing(begun):
    begun.put_part(TENANT, "i", 0, PART, NOW)
    assert begun.drop_import(TENANT, "i")
    assert begun.next_part(TENANT, "i") is None
    assert begun.import_of(TENANT, "i") is None
    assert not begun.put_part(TENANT, "i", 1, PART, NOW)


def test_what_is_done_may_be_forgotten(begun):
    begun.move_import(TENANT, "i", READING, WHOLE, NOW)
    begun.move_import(TENANT, "i", WHOLE, DONE, NOW)
    assert begun.drop_import(TENANT, "i")


def test_another_tenant_sees_nothing_of_it(begun):
    begun.put_part(TENANT, "i", 0, PART, NOW)
    assert begun.next_part("other", "i") is None
    assert begun.imports("other", READING) == []
    assert not begun.drop_import("other", "i")
