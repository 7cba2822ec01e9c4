"""Forgetting in time: what is old goes, what is alive keeps its story, and nothing is half gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.failures import Batch, Medium, SetAside, Source
from storage.quarantine import Tally
from storage.retention import Forgotten, Horizon, Keep
from storage.views import CaseQuery
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery

DAY = timedelta(days=1)
LATER = NOW + 500 * DAY
KEEP = Keep(failures=400 * DAY, texts=100 * DAY, quarantine=90 * DAY)
TARO = "taro@example.jp"


def told(store, *events, at=NOW, tenant=TENANT):
    return store.record(tenant, batch(*events), at)


def forget(store, now=LATER, keep=KEEP, most=500):
    """A whole night of it."""
    found, after = [], 0
    while after is not None:
        found.append(store.forget_recipients(TENANT, keep.at(now), after, most))
        after = found[-1].reached
    for some in (store.forget_hours, store.forget_quarantined):
        while (one := some(TENANT, keep.at(now), most)) != Forgotten():
            found.append(one)
    return found


def left(store, recipient=HANAKO):
    return [one.source_id for one in store.failures(TENANT, Medium.EMAIL, recipient)]


def test_what_is_old_goes_with_its_case_its_hours_and_its_recipient(store):
    told(store, bounce(), bounce(recipient=TARO, occurred_at=LATER), at=LATER - DAY)
    told(store, bounce(source_id="old", recipient="jiro@example.jp"))
    forget(store)
    assert left(store, "jiro@example.jp") == []
    assert store.case(TENANT, Medium.EMAIL, "jiro@example.jp") is None
    assert store.similar(TENANT, "jiro") == []
    assert left(store, TARO) == ["e1"]
    assert store.totals(TENANT, NOW, NOW + DAY) == {}
    assert [one.recipient for one in store.cases(TENANT, CaseQuery())] == [TARO, HANAKO]


def test_what_was_told_lately_is_kept_however_old_it_is(store):
    told(store, bounce(), at=LATER - DAY)
    forget(store)
    assert left(store) == ["e1"]


def test_a_case_that_is_alive_keeps_all_that_tells_it(store):
    told(store, bounce())
    told(store, bounce(source_id="e2", occurred_at=LATER - DAY), at=LATER - DAY)
    before = store.case(TENANT, Medium.EMAIL, HANAKO)
    forget(store)
    assert left(store) == ["e2", "e1"]
    told(store, bounce(source_id="e3", occurred_at=LATER), at=LATER)
    after = store.case(TENANT, Medium.EMAIL, HANAKO)
    assert (after.opened_at, after.times_seen) == (before.opened_at, before.times_seen + 1)


def test_what_a_delivery_has_ended_goes_although_a_new_case_is_open(store):
    told(store, bounce())
    told(store, delivery(occurred_at=NOW + DAY), at=NOW + DAY)
    told(store, bounce(source_id="e2", occurred_at=LATER - DAY), at=LATER - DAY)
    forget(store)
    assert left(store) == ["e2"]


def test_whoever_was_reached_lately_is_still_known(store):
    told(store, bounce())
    told(store, delivery(occurred_at=LATER - DAY), at=LATER - DAY)
    forget(store)
    assert (left(store), store.case(TENANT, Medium.EMAIL, HANAKO)) == ([], None)
    assert store.last_success(TENANT, Medium.EMAIL, HANAKO) == LATER - DAY


def test_words_may_go_before_what_they_meant(store):
    told(store, bounce(provider_text="550 no such person", raw="{}"))
    forget(store, now=NOW + 200 * DAY)
    [failure] = store.failures(TENANT, Medium.EMAIL, HANAKO)
    assert (failure.provider_text, failure.raw) == ("", "")
    assert store.case(TENANT, Medium.EMAIL, HANAKO).kind is failure.kind
    assert store.failures_after(TENANT, 0, 9) == []


def test_another_tenants_things_stay(store):
    told(store, bounce())
    told(store, bounce(), tenant="other")
    forget(store)
    assert left(store) == []
    assert len(store.failures("other", Medium.EMAIL, HANAKO)) == 1
    assert store.totals("other", NOW, NOW + DAY)[Medium.EMAIL].failed == 1


@pytest.mark.parametrize("most", [1, 2, 500])
def test_portions_of_any_size_come_to_the_same(store, most):
    for n in range(5):
        told(store, bounce(source_id=f"{n}", recipient=f"{n}@example.jp"))
    found = forget(store, most=most)
    assert sum(one.recipients for one in found) == sum(one.failures for one in found) == 5
    assert forget(store, most=most)[0] == Forgotten()


def test_for_ever_is_for_ever(store):
    told(store, bounce())
    forget(store, keep=Keep(failures=None, texts=None, quarantine=None))
    assert left(store) == ["e1"]


def test_a_number_that_is_given_again_is_found_by_its_own_address_alone(store):
    for n in range(3):
        told(store, bounce(source_id=f"{n}", recipient=f"old{n}@example.jp"))
    forget(store)
    told(store, bounce(recipient="new@example.jp", occurred_at=LATER), at=LATER)
    assert [address for _, address in store.similar(TENANT, "@example")] == ["new@example.jp"]


def aside(store, body, at=NOW):
    element = SetAside(source=Source.SENDGRID_EVENTS, body=body, reason="odd")
    store.record(TENANT, Batch(set_aside=(element,)), at)


def test_old_elements_leave_the_quarantine_and_are_counted_as_lost(store):
    aside(store, b"old")
    aside(store, b"new", at=LATER)
    forget(store)
    assert [one.body for one in store.quarantined(TENANT, 0, 9)] == [b"new"]
    [tally] = store.tallies(TENANT)
    assert tally == Tally(source=Source.SENDGRID_EVENTS, elements=2, set_aside=1, lost=1)


def test_one_element_may_be_dropped_by_hand(store):
    aside(store, b"odd")
    [one] = store.quarantined(TENANT, 0, 9)
    assert store.drop_quarantined(TENANT, one.number)
    assert not store.drop_quarantined(TENANT, one.number)
    assert store.tallies(TENANT)[0].lost == 1


def test_a_horizon_is_counted_back_from_now():
    assert Keep(failures=DAY, texts=None).at(NOW) == Horizon(
        failures=NOW - DAY, quarantine=NOW - 90 * DAY
    )
    assert replace(KEEP, quarantine=None).at(NOW).quarantine is None
