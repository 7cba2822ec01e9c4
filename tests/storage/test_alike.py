"""Who fails alike, by domain and day; and which domains were ever reached."""

import sqlite3
from datetime import timedelta

import pytest

from storage import open_store
from storage.cases import CaseState
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source
from storage.views import CaseQuery
from tests.storage.examples import NOW, TENANT, batch, bounce, delivery, minutes, refusal

DAY = timedelta(days=1)
UNKNOWN = Reading(cause=Cause.USER_UNKNOWN)
FULL = Reading(cause=Cause.MAILBOX_FULL)


def bounces(domain, count, **more):
    return [
        bounce(
            **{
                "recipient": f"p{n}@{domain}",
                "source_id": f"{domain}-{n}",
                "reading": UNKNOWN,
                "occurred_at": NOW + minutes(n),
            }
            | more
        )
        for n in range(count)
    ]


def alike(store, **query):
    return store.alike(TENANT, CaseQuery(since=NOW - 7 * DAY, until=NOW + DAY, **query))


def counts(store, **query):
    return [(one.domain, one.cause, one.days_ago, one.count) for one in alike(store, **query)]


def test_those_of_one_domain_and_cause_are_one_row_the_largest_first(store):
    store.record(TENANT, batch(*bounces("a.example", 2), *bounces("b.example", 3)), NOW)
    store.record(TENANT, batch(*bounces("a.example", 1, source_id="f", reading=FULL)), NOW)
    assert counts(store) == [
        ("b.example", Cause.USER_UNKNOWN, 0, 3),
        ("a.example", Cause.MAILBOX_FULL, 0, 1),
        ("a.example", Cause.USER_UNKNOWN, 0, 1),
    ]
    assert counts(store, limit=1) == [("b.example", Cause.USER_UNKNOWN, 0, 3)]


def test_a_row_says_from_when_to_when_in_which_words_and_who_was_reached_before(store):
    told = bounces("a.example", 3, provider_text="550 5.1.1 unknown")
    before = delivery(recipient="p1@a.example", occurred_at=NOW - DAY)
    store.record(TENANT, batch(*told, before), NOW)
    [row] = alike(store)
    assert (row.first_at, row.last_at) == (NOW, NOW + minutes(2))
    assert (row.reached, row.example) == (1, "550 5.1.1 unknown")
    assert (row.medium, row.kind, row.dropped_by) == (Medium.EMAIL, Kind.HARD_BOUNCE, None)


def test_days_are_counted_back_from_the_end_of_the_query(store):
    told = [
        *bounces("a.example", 2),
        *bounces("b.example", 2, occurred_at=NOW - DAY),
        *bounces("c.example", 2, occurred_at=NOW + DAY - minutes(1)),
    ]
    store.record(TENANT, batch(*told), NOW)
    assert [row[::2] for row in counts(store)] == [
        ("a.example", 0),
        ("b.example", 1),
        ("c.example", 0),
    ]


def test_a_drop_that_echoes_does_not_make_an_old_bounce_new(store):
    drops = bounces(
        "a.example",
        3,
        kind=Kind.DROPPED,
        dropped_by=DroppedBy.BOUNCE_LIST,
        occurred_at=NOW,
        source=Source.HOST_PUSH,
    )
    store.record(TENANT, batch(*bounces("a.example", 3, occurred_at=NOW - 5 * DAY), *drops), NOW)
    [row] = alike(store)
    assert (row.days_ago, row.kind, row.last_at) == (5, Kind.HARD_BOUNCE, NOW - 5 * DAY)
    query = CaseQuery(since=NOW - DAY, until=NOW + DAY)
    assert len(store.alike(TENANT, query)) == 1
    assert store.alike(TENANT, query, began=NOW - DAY) == []
    case = store.case(TENANT, Medium.EMAIL, "p0@a.example")
    assert (case.caused_at, case.last_seen) == (NOW - 5 * DAY, NOW)


def test_the_usual_filters_hold(store):
    told = [*bounces("a.example", 1), *bounces("b.example", 1, history=True), refusal()]
    store.record(TENANT, batch(*told, delivery(recipient="p0@a.example")), NOW)
    assert [row[0] for row in counts(store)] == ["a.example", "example"]
    assert [row[0] for row in counts(store, medium=Medium.LINE_WORKS)] == ["example"]
    assert [row[0] for row in counts(store, causes=(Cause.USER_UNKNOWN,))] == ["a.example"]
    assert [row[0] for row in counts(store, fresh=False)] == ["a.example", "b.example", "example"]
    later = delivery(source_id="d2", recipient="p0@a.example", occurred_at=NOW + timedelta(hours=1))
    store.record(TENANT, batch(later), NOW)
    assert [row[0] for row in counts(store, state=CaseState.OPEN)] == ["example"]


def test_what_began_after_the_period_is_not_of_it(store):
    store.record(TENANT, batch(*bounces("a.example", 1)), NOW)
    again = bounces("a.example", 1, source_id="again", occurred_at=NOW + 3 * DAY)
    store.record(TENANT, batch(*again), NOW)
    assert counts(store) == []


def test_without_an_end_no_days_can_be_counted(store):
    with pytest.raises(ValueError, match="until"):
        store.alike(TENANT, CaseQuery(since=NOW))


def test_deliveries_are_counted_for_the_domains_that_are_asked_about(store):
    told = [
        delivery(source_id=f"{domain}{n}", recipient=f"p{n}@{domain}", occurred_at=NOW + minutes(n))
        for domain, count in (("a.example", 3), ("b.example", 2), ("c.example", 1))
        for n in range(count)
    ]
    late = delivery(
        source_id="late", recipient="p1@a.example", occurred_at=NOW + timedelta(hours=2)
    )
    store.record(TENANT, batch(*told, late, *bounces("d.example", 2)), NOW)
    asked = ("a.example", "c.example", "d.example", "nobody.example")
    found = store.delivered_to(TENANT, Medium.EMAIL, asked, NOW, NOW + minutes(1))
    assert found == {"a.example": 3, "c.example": 1}
    assert store.delivered_to(TENANT, Medium.LINE_WORKS, asked, NOW, NOW + minutes(1)) == {}


def test_a_domain_is_reached_by_its_newest_delivery_in_whatever_order(store):
    for n in (1, 3, 2):
        told = delivery(source_id=f"d{n}", recipient="p@a.example", occurred_at=NOW + minutes(n))
        store.record(TENANT, batch(told), NOW)
    store.record(TENANT, batch(*bounces("b.example", 1)), NOW)
    asked = ("a.example", "b.example")
    assert store.domains_reached(TENANT, Medium.EMAIL, asked) == {"a.example": NOW + minutes(3)}
    assert store.domains_reached("other", Medium.EMAIL, asked) == {}


def test_a_file_from_before_knows_the_domains_of_its_deliveries(tmp_path):
    file = tmp_path / "old.db"
    store = open_store(f"sqlite:///{file}")
    store.record(TENANT, batch(delivery(recipient="p@a.example")), NOW)
    store.close()
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE domains")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0006_domains'")
    connection.close()
    store = open_store(f"sqlite:///{file}")
    assert store.domains_reached(TENANT, Medium.EMAIL, ["a.example"]) == {"a.example": NOW}
    store.close()
