"""The nightly walks: who has left is believed slowly, and never because a list was half read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import lookups, polls, reconciling
from handlers.ports import NotNowError, VendorError
from handlers.requests import ask, draft
from handlers.show import alarms
from handlers.show.digests import message
from handlers.show.reader import Reader
from handlers.summary import compose
from storage.cases import CaseState
from storage.failures import Kind, Medium
from storage.lists import ListEntry, ListName
from storage.requests import Action, Outcome, RequestState
from tests.handlers.conftest import ADMIN, buttons_of, text_of
from tests.handlers.test_polls import as_failure

TARO = "taro@example.jp"
BOUNCES = ListName.BOUNCES


@pytest.fixture
def connected(house):
    """Since Friday at ten; the first night is the one to Saturday."""
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    return house


@pytest.fixture
def listed(connected, clock, lists):
    """Put addresses on the bounce list and read them."""

    def put(*addresses, name=BOUNCES):
        for address in addresses:
            lists.put(name, address, clock.now())
        clock.turn(minutes=5)
        polls.poll(connected, as_failure)

    return put


def leaves(lists, *addresses, name=BOUNCES):
    lists.entries[name] = [one for one in lists.entries[name] if one.address not in addresses]


def tonight(house, clock):
    clock.turn(hours=17)
    assert reconciling.due(house)
    return reconciling.read(house, as_failure)


def again(house, clock, **span):
    clock.turn(**span or {"minutes": 10})
    return reconciling.due(house) and reconciling.read(house, as_failure)


def state(house, address=TARO):
    return house.store.case(house.tenant, Medium.EMAIL, address).state


def alarms_of(house, clock):
    return [
        one
        for one in house.store.due_notices(house.tenant, clock.now(), 99)
        if one.topic == "alarm"
    ]


def test_the_first_whole_walk_comes_at_three_in_the_night_and_then_every_night(connected, clock):
    clock.turn(hours=16, minutes=59)
    assert not reconciling.due(connected)
    clock.turn(minutes=1)
    assert reconciling.due(connected)
    reconciling.read(connected, as_failure)
    assert not reconciling.due(connected)
    clock.turn(hours=24)
    assert reconciling.due(connected)


def test_before_the_first_start_and_without_sendgrid_no_list_is_walked(house, clock):
    clock.turn(days=2)
    assert not reconciling.due(house)
    house.store.put_fact(house.tenant, "connected_at", "2026-11-01T00:00:00+00:00")
    assert not reconciling.due(replace(house, lists=None))


def test_an_entry_that_two_walks_did_not_meet_is_gone(connected, clock, lists, listed):
    listed(TARO, "jiro@example.jp")
    leaves(lists, TARO)
    tonight(connected, clock)
    assert state(connected) is CaseState.OPEN
    again(connected, clock)
    assert state(connected) is CaseState.GONE
    assert state(connected, "jiro@example.jp") is CaseState.OPEN
    assert not connected.store.membership(connected.tenant, TARO).on(BOUNCES)
    assert alarms_of(connected, clock) == []


def test_an_entry_that_the_second_walk_meets_has_not_left(connected, clock, lists, listed):
    listed(TARO)
    kept = lists.entries[BOUNCES]
    leaves(lists, TARO)
    tonight(connected, clock)
    lists.entries[BOUNCES] = kept
    again(connected, clock)
    assert state(connected) is CaseState.OPEN
    assert connected.store.membership(connected.tenant, TARO).on(BOUNCES)


def test_who_is_missed_by_the_second_walk_alone_waits_for_the_next_night(
    connected, clock, lists, listed
):
    listed(TARO, "jiro@example.jp")
    leaves(lists, TARO)
    tonight(connected, clock)
    leaves(lists, "jiro@example.jp")
    again(connected, clock)
    assert state(connected, "jiro@example.jp") is CaseState.OPEN
    again(connected, clock, hours=24)
    again(connected, clock)
    assert state(connected, "jiro@example.jp") is CaseState.GONE


def test_a_walk_that_breaks_off_says_nothing_and_is_tried_again(connected, clock, lists, listed):
    listed(TARO, "jiro@example.jp")
    whole = lists.whole

    def half(name, until):
        yield from whole(name, until)
        raise VendorError("half_a_page")

    leaves(lists, TARO)
    lists.whole = half
    assert not tonight(connected, clock)
    assert not again(connected, clock)
    lists.whole = whole
    assert again(connected, clock, hours=1)
    assert state(connected) is CaseState.OPEN
    again(connected, clock)
    assert state(connected) is CaseState.GONE


def test_a_list_from_which_somebody_is_removed_is_walked_later(connected, clock, lists, listed):
    listed(TARO)
    leaves(lists, TARO)
    lists.trouble = NotNowError("list_in_use")
    assert not tonight(connected, clock)
    lists.trouble = None
    assert again(connected, clock, hours=1)
    again(connected, clock)
    assert state(connected) is CaseState.GONE


def test_a_rate_limit_is_waited_for_as_long_as_the_vendor_says(connected, clock, lists):
    lists.trouble = VendorError("too_many_requests", retry_after=7200)
    tonight(connected, clock)
    lists.trouble = None
    clock.turn(hours=1, minutes=59)
    assert not reconciling.due(connected)
    clock.turn(minutes=1)
    assert reconciling.due(connected)


def test_what_an_increment_missed_a_whole_walk_finds(connected, clock, lists):
    polls.poll(connected, as_failure)
    long_ago = clock.now()
    clock.turn(hours=2)
    polls.poll(connected, as_failure)
    lists.put(BOUNCES, TARO, long_ago)
    tonight(connected, clock)
    assert state(connected) is CaseState.OPEN


def test_a_list_that_shrinks_a_lot_is_told_and_not_believed_for_hours(
    connected, clock, lists, listed
):
    many = [f"taro{number}@example.jp" for number in range(30)]
    listed(*many)
    leaves(lists, *many)
    tonight(connected, clock)
    [told] = alarms_of(connected, clock)
    text = text_of(alarms.message(connected, told.subject, "en"))
    assert "30 of 30" in text
    assert not again(connected, clock)
    assert again(connected, clock, hours=3)
    assert {state(connected, one) for one in many} == {CaseState.GONE}


def test_a_list_that_comes_back_whole_has_lost_nobody(connected, clock, lists, listed):
    many = [f"taro{number}@example.jp" for number in range(30)]
    listed(*many)
    kept = lists.entries[BOUNCES]
    leaves(lists, *many)
    tonight(connected, clock)
    lists.entries[BOUNCES] = kept
    again(connected, clock, hours=3)
    assert {state(connected, one) for one in many} == {CaseState.OPEN}


def test_a_bounce_since_the_walk_keeps_its_case_open(connected, clock, lists, listed, told):
    listed(TARO)
    leaves(lists, TARO)
    tonight(connected, clock)
    told.failure(Kind.HARD_BOUNCE, TARO, at=clock.now() + timedelta(minutes=20))
    again(connected, clock)
    assert state(connected) is CaseState.OPEN


def test_an_open_request_for_a_removal_ends_as_already_absent(connected, clock, lists, listed):
    listed(TARO)
    request = draft(
        connected, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN
    )
    ask(connected, request)
    leaves(lists, TARO)
    tonight(connected, clock)
    again(connected, clock)
    ended = connected.store.request(connected.tenant, request.id)
    assert (ended.state, ended.outcome) == (RequestState.DONE, Outcome.ALREADY_ABSENT)
    topics = {one.topic for one in connected.store.due_notices(connected.tenant, clock.now(), 99)}
    assert {"outcome", "card_end"} <= topics


def test_the_digest_says_who_has_left_and_names_nobody_whose_own_will_it_was(
    connected, clock, listed, told, lists
):
    listed(TARO)
    hana = ListEntry(name=ListName.SPAM_REPORTS, address="hana@example.jp", created=clock.now())
    told.failure(Kind.SPAM_REPORT, hana.address)
    connected.store.put_entries(connected.tenant, hana.name, [hana], clock.now())
    leaves(lists, TARO)
    tonight(connected, clock)
    again(connected, clock)
    assert state(connected, hana.address) is CaseState.GONE
    clock.turn(minutes=1)
    summary = compose(connected, clock.now() - timedelta(days=1), clock.now(), learnt=True)
    text = text_of(message(connected, summary, "en"))
    assert "on no list of SendGrid's any more: 1." in text
    assert TARO not in text


def test_a_persons_page_says_why_it_is_over_and_asks_for_nothing(connected, clock, lists, listed):
    listed(TARO)
    leaves(lists, TARO)
    tonight(connected, clock)
    again(connected, clock)
    reader = Reader(locale="en", zone=connected.zone, now=connected.now(), clear=True, may_ask=True)
    page = lookups.who(connected, TARO, reader, ADMIN)
    assert "none of SendGrid's suppression lists holds the address any more" in text_of(page)
    assert [one.label for one in buttons_of(page) if one.verb in {"ask_remove", "forward"}] == []
