"""A file comes in whole or not at all, whoever dies in between."""

from dataclasses import replace

import pytest

from handlers import imports, tasks
from handlers.coverage import lately
from handlers.intake import record
from handlers.ports import Covers
from handlers.show.coverage import looked_until
from storage.failures import Batch, Failure, Kind, Medium, Source, Success
from storage.imports import ImportState, Part
from storage.people import Person
from storage.views import CaseQuery


def failure(house, name, **more):
    return Failure(
        source=Source.CSV,
        source_id=name,
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=f"{name}@example.jp",
        occurred_at=house.now(),
        **more,
    )


def part(house, *names):
    return Part(failures=tuple(failure(house, name) for name in names))


@pytest.fixture
def begun(house):
    one = imports.begin(house, "a.csv")
    imports.lay_by(house, one, 0, part(house, "a", "b"))
    imports.lay_by(house, one, 1, part(house, "c"))
    return one


def cases(house):
    return sorted(one.recipient[0] for one in house.store.cases(house.tenant, CaseQuery()))


def test_what_is_only_read_counts_nowhere(house, begun):
    assert cases(house) == []
    imports.drop(house, begun)
    assert not imports.want(house, begun)
    assert cases(house) == []


def test_what_is_wanted_comes_in_part_by_part(house, begun):
    heard = []
    assert imports.want(house, begun)
    done = imports.carry_on(house, begun.id, heard.append)
    assert cases(house) == ["a", "b", "c"]
    assert (done.state, done.new, done.repeated, heard) == (ImportState.DONE, 3, 0, [2, 1])
    [coverage] = house.store.coverage(house.tenant)
    assert (coverage.source, coverage.until) == (Source.CSV, house.now())


def test_a_file_proves_nothing_of_how_far_we_looked(house, begun):
    imports.want(house, begun)
    imports.carry_on(house, begun.id)
    connected = replace(house, sources={Source.CSV: Covers.NOTHING})
    assert looked_until(connected, lately(connected)) is None


def test_the_same_file_again_is_repetitions(house, begun):
    for new, repeated in ((3, 0), (0, 3)):
        one = imports.begin(house, "a.csv")
        imports.lay_by(house, one, 0, part(house, "a", "b", "c"))
        imports.want(house, one)
        done = imports.carry_on(house, one.id)
        assert (done.new, done.repeated) == (new, repeated)
    assert house.store.case(house.tenant, Medium.EMAIL, "a@example.jp").times_seen == 1


def test_a_part_that_was_recorded_and_not_yet_ticked_off_counts_once(house, begun):
    imports.want(house, begun)
    _, recorded = house.store.next_part(house.tenant, begun.id)
    record(house, Batch(failures=recorded.failures))
    assert imports.carry_on(house, begun.id).repeated == 2
    seen = [one.times_seen for one in house.store.cases(house.tenant, CaseQuery())]
    assert seen == [1, 1, 1]


def test_people_and_deliveries_come_in_too(house):
    one = imports.begin(house, "a.csv")
    told = failure(house, "a", history=True)
    success = Success(
        source=Source.CSV,
        source_id="s",
        medium=Medium.EMAIL,
        recipient=told.recipient,
        occurred_at=house.now(),
        history=True,
    )
    person = Person(id="p", name="山田", email=told.recipient)
    imports.lay_by(house, one, 0, Part(failures=(told,), successes=(success,), people=(person,)))
    imports.want(house, one)
    done = imports.carry_on(house, one.id)
    assert (done.new, done.people) == (1, 1)
    assert house.store.last_success(house.tenant, Medium.EMAIL, told.recipient) == house.now()
    assert house.store.person_of(house.tenant, Medium.EMAIL, told.recipient) == person


def test_a_delivery_of_an_old_record_is_not_counted_as_sent(house):
    test_people_and_deliveries_come_in_too(house)
    since = house.now().replace(minute=0)
    assert all(
        one.delivered == 0 for one in house.store.totals(house.tenant, since, house.now()).values()
    )


def test_an_import_that_was_left_is_carried_on_by_the_server(house, clock, begun):
    imports.want(house, begun)
    assert imports.due(house) == []
    clock.turn(minutes=3)
    [unit] = [one for one in tasks.due(house, ()) if one.key == f"import:{begun.id}"]
    unit.run()
    assert cases(house) == ["a", "b", "c"]
    assert imports.due(house) == []


def test_a_preview_that_nobody_answers_is_forgotten(house, clock, begun):
    clock.turn(hours=25)
    tasks.keep_house(house)
    assert not imports.lay_by(house, begun, 2, part(house, "d"))
    assert not imports.want(house, begun)


def test_a_preview_that_waits_for_its_answer_is_kept(house, clock, begun):
    clock.turn(hours=1)
    tasks.keep_house(house)
    assert imports.want(house, begun)
