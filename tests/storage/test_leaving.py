"""Who has left the lists: let go of only when no reading has met them, and told with the case."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cases import CaseState, tell
from storage.failures import DroppedBy, Kind, Medium, Source, Success
from storage.lists import ListEntry, ListName
from storage.views import CaseQuery
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery, minutes
from tests.storage.test_any_order import ADDRESSES, MOMENTS, TENANTS, any_order, told_once

DAY = timedelta(days=1)
LATER = NOW + DAY


def on(name, address=HANAKO):
    return ListEntry(name=name, address=address, created=NOW, reason="550 no such user")


def met(store, entry, at=NOW):
    store.put_entries(TENANT, entry.name, [entry], at)


def let_go(store, name=ListName.BOUNCES, before=LATER, most=500):
    return store.let_go(TENANT, name, before, before, most)


def state(store, address=HANAKO):
    return store.case(TENANT, Medium.EMAIL, address).state


@pytest.fixture
def bounced(store):
    store.record(TENANT, batch(bounce()), NOW)
    met(store, on(ListName.BOUNCES))
    return store


def test_an_entry_that_a_later_walk_did_not_meet_is_missed(bounced):
    met(bounced, on(ListName.BOUNCES, "taro@example.jp"), LATER)
    assert bounced.missed_entries(TENANT, ListName.BOUNCES, LATER) == (1, 2)
    assert bounced.missed_entries(TENANT, ListName.BOUNCES, NOW) == (0, 2)
    assert bounced.missed_entries("other", ListName.BOUNCES, LATER) == (0, 0)


def test_letting_go_forgets_the_entry_and_clears_the_case(bounced):
    assert let_go(bounced) == [HANAKO]
    assert not bounced.membership(TENANT, HANAKO).on(ListName.BOUNCES)
    case = bounced.case(TENANT, Medium.EMAIL, HANAKO)
    assert (case.state, case.gone_at) == (CaseState.GONE, LATER)


def test_whom_no_reading_has_met_for_longest_leaves_first(store):
    for minute, address in ((1, "b@example.jp"), (0, "z@example.jp"), (1, "a@example.jp")):
        met(store, on(ListName.BOUNCES, address), NOW + minutes(minute))
    assert let_go(store, most=2) == ["z@example.jp", "a@example.jp"]
    assert let_go(store, most=2) == ["b@example.jp"]


def test_who_was_met_since_is_not_let_go(bounced):
    met(bounced, on(ListName.BOUNCES), LATER)
    assert let_go(bounced) == []
    assert state(bounced) is CaseState.OPEN


def test_who_was_asked_for_live_since_is_not_let_go(bounced):
    found = bounced.membership(TENANT, HANAKO)
    bounced.set_membership(TENANT, HANAKO, found, LATER)
    assert let_go(bounced) == []


def test_another_list_that_stops_mail_keeps_the_case_open(bounced):
    met(bounced, on(ListName.INVALID_EMAILS))
    let_go(bounced)
    assert state(bounced) is CaseState.OPEN
    let_go(bounced, ListName.INVALID_EMAILS)
    assert state(bounced) is CaseState.GONE


def test_the_log_of_refusals_stops_nothing_and_clears_nothing(store):
    store.record(TENANT, batch(bounce(kind=Kind.SOFT_BOUNCE)), NOW)
    met(store, on(ListName.BLOCKS))
    assert let_go(store, ListName.BLOCKS) == [HANAKO]
    assert store.case(TENANT, Medium.EMAIL, HANAKO).gone_at is None


def test_many_are_let_go_in_portions(store):
    for number in range(5):
        met(store, on(ListName.BOUNCES, f"taro{number}@example.jp"))
    portions = [len(let_go(store, most=2)) for _ in range(4)]
    assert portions == [2, 2, 1, 0]


def test_an_address_that_was_asked_for_by_itself_can_have_left_too(bounced):
    bounced.set_membership(TENANT, HANAKO, bounced.membership("nobody's", HANAKO), LATER)
    bounced.left_lists(TENANT, "Hanako@EXAMPLE.jp", LATER)
    assert state(bounced) is CaseState.GONE


def test_who_bounces_again_is_open_again_and_counted_afresh(bounced):
    let_go(bounced)
    again = bounce(source_id="e2", occurred_at=LATER + minutes(1))
    bounced.record(TENANT, batch(again), LATER + DAY)
    case = bounced.case(TENANT, Medium.EMAIL, HANAKO)
    assert (case.state, case.times_seen) == (CaseState.OPEN, 1)


def test_a_delivery_after_it_says_more(bounced):
    let_go(bounced)
    bounced.record(TENANT, batch(delivery(occurred_at=LATER + minutes(1))), LATER + DAY)
    assert state(bounced) is CaseState.DELIVERED


def test_those_of_a_period_are_counted_and_named(bounced):
    bounced.record(TENANT, batch(bounce(recipient="taro@example.jp")), NOW)
    met(bounced, on(ListName.BOUNCES, "taro@example.jp"))
    let_go(bounced)
    count, [newest] = bounced.gone(TENANT, NOW, LATER + DAY, 1)
    assert (count, newest.state) == (2, CaseState.GONE)
    assert bounced.gone(TENANT, LATER + minutes(1), LATER + DAY, 9) == (0, [])
    assert bounced.gone("other", NOW, LATER + DAY, 9) == (0, [])


def test_leaving_the_lists_is_no_news_of_a_failure(bounced):
    let_go(bounced)
    query = CaseQuery(since=NOW + minutes(1), until=LATER + DAY, learnt=True)
    assert bounced.cases(TENANT, query) == []


events = st.lists(
    st.one_of(
        told_once,
        st.builds(
            lambda recipient, moment: delivery(
                recipient=recipient, occurred_at=moment, source_id=f"{recipient}|{moment}"
            ),
            st.sampled_from(ADDRESSES),
            st.sampled_from(MOMENTS),
        ),
    ),
    max_size=8,
)


@any_order
@given(before=events, after=events, at=st.sampled_from(MOMENTS))
def test_whenever_it_is_found_out_the_case_is_the_one_that_its_failures_tell(
    store, before, after, at
):
    tenant = next(TENANTS)
    first = bounce(source_id="first", source=Source.HOST_PUSH, recipient=HANAKO)
    store.record(tenant, batch(first, *before), NOW)
    store.left_lists(tenant, HANAKO, at)
    store.record(tenant, batch(*after), NOW)
    own = [one for one in (first, *before, *after) if one.recipient.casefold() == HANAKO]
    reached = max((one.occurred_at for one in own if isinstance(one, Success)), default=None)
    once = {
        (one.source, one.source_id): one for one in reversed(own) if not isinstance(one, Success)
    }
    case = store.case(tenant, Medium.EMAIL, HANAKO)
    expected = tell(once.values(), reached, at)
    assert (case.state, case.times_seen, case.drops, case.opened_at, case.gone_at) == (
        expected.state,
        expected.times_seen,
        expected.drops,
        expected.opened_at,
        expected.gone_at,
    )


def test_a_drop_of_an_unknown_bounce_goes_with_the_list_too(store):
    drop = bounce(kind=Kind.DROPPED, dropped_by=DroppedBy.BOUNCE_LIST)
    store.record(TENANT, batch(drop), NOW)
    met(store, on(ListName.BOUNCES))
    let_go(store)
    assert state(store) is CaseState.GONE
