"""Recipients stored before two spellings were one are merged when the store is opened."""

import sqlite3

import pytest

from storage import open_store
from storage.failures import Medium
from storage.people import Person
from storage.views import CaseQuery
from tests.storage.examples import NOW, TENANT, batch, bounce, delivery, minutes

pytestmark = pytest.mark.engine("sqlite")

# What came later is made of what was folded.
BEFORE_FOLDING = """
    DROP TABLE inbox;
    DROP TRIGGER hourly_begins;
    DROP TRIGGER hourly_goes_on;
    DROP TABLE hours;
    DROP TABLE case_hours;
    DROP TABLE case_news;
    DROP TABLE recipient_grams;
    DROP TABLE indexed_recipients;
    CREATE INDEX cases_by_time ON cases (tenant, last_seen);
    CREATE INDEX cases_by_learning ON cases (tenant, learnt_at);
    DELETE FROM _sqlite_migrations WHERE name >= '0014_folding';
"""
CODED, READ = "taro@xn--wgv71a119e.jp", "taro@日本語.jp"


@pytest.fixture
def before(url, monkeypatch):
    """`before(*events)` stores as was done then, one row a spelling; answers the store of now."""

    def casefolded(*events):
        with monkeypatch.context() as then:
            for module in ("arrivals", "people", "requests"):
                path = f"storage.verbs.{module}.fold_recipient"
                then.setattr(path, lambda told: told.strip().casefold())
            then.setattr("storage.verbs.arrivals.domain_of", lambda told: told.rpartition("@")[2])
            store = open_store(url)
            store.record(TENANT, batch(*events), NOW)
            store.put_people(TENANT, [Person(id="1", name="山田", email=CODED)])
            store.close()
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executescript(BEFORE_FOLDING)
        connection.close()
        return open_store(url)

    return casefolded


def test_two_spellings_become_one_recipient_with_the_failures_and_the_case_of_both(before):
    later = NOW + minutes(60)
    store = before(
        bounce(recipient=READ, source_id="e1"),
        bounce(recipient=CODED, source_id="e2", occurred_at=later),
        bounce(recipient="other@example.jp"),
    )
    told = store.failures(TENANT, Medium.EMAIL, CODED)
    assert [(one.recipient, one.source_id) for one in told] == [(CODED, "e2"), (READ, "e1")]
    case = store.case(TENANT, Medium.EMAIL, READ)
    assert (case.times_seen, case.opened_at, case.last_seen) == (2, NOW, later)
    assert len(store.cases(TENANT, CaseQuery())) == 2
    assert store.person_of(TENANT, Medium.EMAIL, READ).name == "山田"
    store.close()


def test_what_was_told_of_both_spellings_under_one_fingerprint_is_one_failure(before):
    store = before(bounce(recipient=READ), bounce(recipient=CODED))
    assert len(store.failures(TENANT, Medium.EMAIL, READ)) == 1
    assert store.case(TENANT, Medium.EMAIL, CODED).times_seen == 1
    store.close()


def test_a_delivery_to_one_spelling_clears_the_case_of_the_other(before):
    reached = NOW + minutes(60)
    store = before(
        bounce(recipient=READ), delivery(recipient=CODED, occurred_at=reached, source_id="d")
    )
    assert store.last_success(TENANT, Medium.EMAIL, READ) == reached
    assert store.case(TENANT, Medium.EMAIL, READ).state == "delivered"
    domains = store.domains_reached(TENANT, Medium.EMAIL, ["日本語.jp"])
    assert domains == {"日本語.jp": reached}
    day = (NOW, NOW + minutes(24 * 60))
    assert store.delivered_to(TENANT, Medium.EMAIL, ["日本語.jp"], *day) == {"日本語.jp": 1}
    store.close()


def test_a_spelling_without_a_twin_is_only_folded_anew(before):
    store = before(bounce(recipient=CODED))
    [case] = store.cases(TENANT, CaseQuery())
    assert case == store.case(TENANT, Medium.EMAIL, READ)
    assert case.recipient == CODED
    store.close()
