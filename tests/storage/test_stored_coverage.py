"""Stretches join what they touch, claim nothing of the future, and come with their neighbours."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import open_store
from storage.coverage import Coverage, Mending, Stretch
from storage.failures import Source
from storage.lists import ListName
from storage.spans import Span, subtract, union
from tests.storage.examples import NOW, TENANT, minutes

EVENTS, LISTS, RELAY = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.LINEWORKS_RELAY
FAR = NOW + minutes(10_000)


def stretch(since, until, source=EVENTS, **more):
    return Stretch(source=source, since=NOW + minutes(since), until=NOW + minutes(until), **more)


def keep(store, *stretches, mendings=(), nothing_after=FAR, tenant=TENANT):
    store.keep_stretches(tenant, stretches, mendings, nothing_after=nothing_after)


def kept(store, since=-9_000, until=9_000):
    return store.stretches(TENANT, NOW + minutes(since), NOW + minutes(until))


def test_stretches_that_touch_or_overlap_become_one(store):
    keep(store, stretch(0, 1), stretch(1, 2))
    keep(store, stretch(5, 6), stretch(8, 9))
    keep(store, stretch(1.5, 5))
    assert kept(store) == [stretch(0, 6), stretch(8, 9)]


def test_nothing_is_kept_of_an_empty_one(store):
    keep(store, stretch(3, 3), stretch(5, 4))
    assert kept(store) == []


def test_parts_and_what_was_lost_are_kept_apart(store):
    told = [
        stretch(0, 1, LISTS, part="blocks"),
        stretch(0, 1, LISTS, part="bounces"),
        stretch(0, 2),
        stretch(1, 2, lost=True),
    ]
    keep(store, *told)
    keep(store, stretch(0, 9), tenant="other")
    assert sorted(kept(store), key=told.index) == told


def test_what_was_claimed_for_later_is_taken_back(store):
    keep(store, stretch(0, 60), stretch(70, 90), stretch(0, 90, RELAY), stretch(40, 41, lost=True))
    keep(store, stretch(10, 30), nothing_after=NOW + minutes(31))
    assert kept(store) == [stretch(0, 90, RELAY), stretch(0, 31), stretch(40, 41, lost=True)]


def test_the_neighbours_of_a_period_come_with_it(store):
    keep(store, *(stretch(at, at + 5) for at in range(0, 100, 10)))
    keep(store, stretch(0, 5, RELAY), stretch(90, 95, RELAY))
    near = [stretch(0, 5, RELAY), stretch(90, 95, RELAY)]
    assert kept(store, 46, 49) == [*near, stretch(40, 45), stretch(50, 55)]
    assert kept(store, 52, 53) == [*near, stretch(50, 55), stretch(60, 65)]


def test_old_ones_are_forgotten_by_their_end(store):
    keep(store, stretch(0, 5), stretch(10, 20))
    store.forget_coverage(TENANT, NOW + minutes(15))
    assert kept(store) == [stretch(10, 20)]


def mending(since, until, at, found=2):
    return Mending(
        source=EVENTS,
        since=NOW + minutes(since),
        until=NOW + minutes(until),
        told_by=LISTS,
        part="bounces",
        found=found,
        at=NOW + minutes(at),
    )


def test_what_was_found_is_asked_for_by_its_gap_or_by_its_time(store):
    first, second = mending(0, 10, at=30), mending(20, 25, at=40, found=0)
    keep(store, mendings=[first, second])

    def found(since, until, **how):
        return store.mendings(TENANT, NOW + minutes(since), NOW + minutes(until), **how)

    assert found(5, 21) == [first, second]
    assert found(10, 20) == []
    assert found(30, 40, learnt=True) == [first]
    assert found(40, 50, learnt=True) == [second]
    store.forget_coverage(TENANT, NOW + minutes(35))
    assert found(0, 99) == [second]


told = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=12)


@settings(max_examples=40, deadline=None)
@given(told)
def test_whatever_the_order_the_union_is_kept(tmp_path_factory, told):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('spans') / 'store.db'}")
    given_ = [stretch(since, until, lost=lost) for since, until, lost in told]
    for one in given_:
        keep(store, one)
    for lost in (False, True):
        here = [one.span for one in kept(store) if one.lost is lost]
        assert tuple(here) == union(one.span for one in given_ if one.lost is lost)
    store.close()


def test_two_processes_tell_one_stretch(store, url):
    other = open_store(url)
    keep(store, stretch(0, 2))
    keep(other, stretch(1, 3))
    keep(store, stretch(2, 4))
    other.close()
    assert kept(store) == [stretch(0, 4)]


def before(file, *rows):
    """A file as the version before this step left it."""
    store = open_store(f"sqlite:///{file}")
    for row in rows:
        store.cover(TENANT, row)
    store.close()
    connection = sqlite3.connect(file)
    connection.executescript(
        "DROP TABLE stretches; DROP TABLE mendings;"
        "DELETE FROM _sqlite_migrations WHERE name = '0011_coverage'"
    )
    connection.close()


def row(source, since, until=None, trouble=""):
    end = None if until is None else NOW + minutes(until)
    return Coverage(source=source, since=NOW + minutes(since), until=end, trouble=trouble)


@pytest.mark.parametrize(
    ("told", "taken_over"),
    [
        (row(EVENTS, 0, 30), [stretch(0, 30)]),
        (row(EVENTS, 0), []),  # up, and nothing heard: how long it was up is not known
        (row(EVENTS, 30, 0), []),  # started anew after its last post
        (row(RELAY, 0, 30, "gap"), []),
        (row(LISTS, 0, 30, "timeout"), [stretch(0, 30, LISTS, part=str(n)) for n in ListName]),
    ],
)
def test_rows_from_before_are_taken_over_as_far_as_they_prove(tmp_path, told, taken_over):
    before(tmp_path / "store.db", told)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    by_part = sorted(kept(store), key=lambda one: list(ListName).index(one.part or "bounces"))
    assert by_part == taken_over
    assert [one.trouble for one in store.coverage(TENANT)] == [told.trouble.replace("gap", "")]
    store.close()


def test_holes_leave_what_was_read_around_them(store):
    keep(store, stretch(0, 10), stretch(4, 5, lost=True))
    up = [one.span for one in kept(store) if not one.lost]
    lost = [one.span for one in kept(store) if one.lost]
    around = (Span(NOW, NOW + minutes(4)), Span(NOW + minutes(5), NOW + minutes(10)))
    assert subtract(up, lost) == around
