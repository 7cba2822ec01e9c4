"""Removals: carried out once, read back, watched; what cannot be known is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import removals
from handlers.ports import NotNowError, VendorError
from handlers.requests import ask, decide, draft
from handlers.show.reader import Reader
from handlers.show.told import outcome
from storage.failures import Kind, Medium
from storage.lists import ListName
from storage.requests import Action, Outcome, RequestState
from tests.handlers.conftest import ADMIN, APPROVER

TARO = "taro@example.jp"


@pytest.fixture
def approved(house, clock, lists):
    lists.put(ListName.BOUNCES, TARO, clock.now())
    request = draft(house, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN)
    ask(house, request)
    decide(house, request.id, APPROVER, yes=True)
    return house.store.request(house.tenant, request.id)


def now_of(house, request):
    return house.store.request(house.tenant, request.id)


def test_an_approved_address_is_deleted_once_and_read_back(house, lists, approved):
    done = removals.carry_out(house, approved)
    assert (done.state, done.outcome) == (RequestState.DONE, Outcome.REMOVED)
    assert lists.deleted == [(ListName.BOUNCES, TARO)]
    assert removals.carry_out(house, approved) is None
    assert lists.deleted == [(ListName.BOUNCES, TARO)]


def test_an_address_that_is_gone_already_is_a_good_end(house, lists, approved):
    lists.entries.clear()
    assert removals.carry_out(house, approved).outcome is Outcome.ALREADY_ABSENT


def test_what_still_holds_the_address_is_kept_with_the_outcome(house, clock, lists, approved):
    lists.put(ListName.SPAM_REPORTS, TARO, clock.now())
    lists.unanswered = (ListName.GROUPS,)
    done = removals.carry_out(house, approved)
    assert done.outcome_detail == "on:spam_reports unread:groups"


def test_a_refusal_for_good_is_an_outcome(house, lists, approved):
    lists.trouble = VendorError("forbidden", permanent=True)
    done = removals.carry_out(house, approved)
    assert (done.outcome, done.outcome_detail) == (Outcome.REFUSED, "forbidden")


def test_a_removal_that_is_sent_on_elsewhere_tells_where_to_look(house, clock, lists, approved):
    lists.trouble = VendorError("redirected", permanent=True)
    done = removals.carry_out(house, approved)
    assert done.outcome is Outcome.REFUSED
    for locale in ("ja", "en"):
        said = outcome(house, done, Reader(locale=locale, zone=house.zone, now=clock.now()))
        assert "NOTIFY_ERRORS_SENDGRID_API_URL" in said


def test_trouble_that_passes_is_tried_again_after_a_pause(house, lists, approved):
    lists.trouble = VendorError("server_error")
    waiting = removals.carry_out(house, approved)
    assert waiting.state is RequestState.APPROVED
    assert waiting.retry_at > house.now()
    lists.trouble = None
    assert removals.carry_out(house, now_of(house, approved)).outcome is Outcome.REMOVED


def test_a_list_that_is_being_read_lets_a_removal_come_back_as_if_it_had_not_tried(
    house, clock, lists, approved
):
    lists.trouble = NotNowError("list_in_use")
    for _ in range(removals.MAX_ATTEMPTS + 1):
        clock.turn(minutes=1)
        removals.carry_out(house, now_of(house, approved))
    waiting = now_of(house, approved)
    assert (waiting.state, waiting.outcome) == (RequestState.APPROVED, None)
    assert (waiting.attempts, waiting.outcome_detail) == (0, "")
    assert timedelta() < waiting.retry_at - clock.now() < timedelta(minutes=1)
    topics = [one.topic for one in house.store.due_notices(house.tenant, clock.now(), 99)]
    assert "outcome" not in topics
    lists.trouble = None
    done = removals.carry_out(house, waiting)
    assert (done.outcome, lists.deleted) == (Outcome.REMOVED, [(ListName.BOUNCES, TARO)])


def test_an_address_that_is_gone_when_the_turn_comes_was_not_taken_off_by_us(
    house, lists, approved
):
    lists.trouble = NotNowError("list_in_use")
    removals.carry_out(house, approved)
    lists.trouble = None
    lists.entries.clear()
    assert removals.carry_out(house, now_of(house, approved)).outcome is Outcome.ALREADY_ABSENT


def test_a_vendors_own_pause_is_respected(house, clock, lists, approved):
    lists.trouble = VendorError("too_many_requests", retry_after=600)
    waiting = removals.carry_out(house, approved)
    assert (waiting.retry_at - clock.now()).total_seconds() == 600


def test_after_many_tries_it_is_shown_as_unanswered(house, lists, approved):
    lists.trouble = VendorError("timeout", unanswered=True)
    for _ in range(removals.MAX_ATTEMPTS):
        last = removals.carry_out(house, now_of(house, approved))
    assert (last.state, last.outcome) == (RequestState.DONE, Outcome.UNANSWERED)


def test_what_was_being_carried_out_at_a_crash_is_taken_up_again(house, lists, approved):
    lists.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        removals.carry_out(house, approved)
    lists.trouble = None
    assert removals.take_up_again(house) == 1
    assert removals.carry_out(house, now_of(house, approved)).outcome is Outcome.REMOVED


@pytest.fixture
def lifted(house, approved):
    return removals.carry_out(house, approved)


def test_a_delivery_after_the_removal_is_the_verdict(house, clock, told, lifted):
    clock.turn(hours=1)
    told.success(TARO)
    assert now_of(house, lifted).verdict == "delivered"


def test_a_bounce_after_the_removal_is_the_verdict_too(house, clock, told, lifted):
    clock.turn(hours=1)
    told.failure(Kind.HARD_BOUNCE, TARO)
    assert now_of(house, lifted).verdict == "bounced_again"


def test_a_soft_bounce_and_a_drop_have_their_own_verdicts(house, clock, told, lifted):
    clock.turn(hours=1)
    told.failure(Kind.SOFT_BOUNCE, TARO)
    assert now_of(house, lifted).verdict == "refused_this_time"


def test_an_older_event_that_arrives_late_is_no_verdict(house, clock, told, lifted):
    before = clock.now() - timedelta(seconds=1)
    clock.turn(hours=1)
    told.failure(Kind.HARD_BOUNCE, TARO, at=before)
    assert now_of(house, lifted).verdict == ""


def test_a_delay_is_not_yet_a_verdict(house, clock, told, lifted):
    clock.turn(hours=1)
    told.failure(Kind.DEFERRED, TARO)
    assert now_of(house, lifted).verdict == ""


def test_the_first_verdict_stays(house, clock, told, lifted):
    clock.turn(hours=1)
    told.success(TARO)
    clock.turn(hours=1)
    told.failure(Kind.HARD_BOUNCE, TARO)
    assert now_of(house, lifted).verdict == "delivered"


def test_silence_for_two_weeks_is_told(house, clock, lifted):
    clock.turn(days=15)
    removals.end_watches(house)
    assert now_of(house, lifted).verdict == "silence"


@pytest.mark.parametrize("kind", [Kind.SPAM_REPORT, Kind.UNSUBSCRIBED, Kind.UNCLASSIFIED])
def test_what_a_recipient_does_with_mail_is_no_verdict(house, clock, told, lifted, kind):
    clock.turn(hours=1)
    told.failure(kind, TARO)
    assert now_of(house, lifted).verdict == ""


def test_the_event_of_the_same_second_counts(house, clock, told, approved):
    clock.turn(seconds=0.9)
    lifted = removals.carry_out(house, approved)
    told.success(TARO, at=clock.now().replace(microsecond=0))
    assert now_of(house, lifted).verdict == "delivered"


def test_two_removals_of_one_address_learn_the_same(house, clock, told, lifted):
    again = replace(lifted, id="again", state=RequestState.DONE)
    house.store.ask(house.tenant, again, [])
    clock.turn(hours=1)
    told.success(TARO)
    assert {now_of(house, one).verdict for one in (lifted, again)} == {"delivered"}


def test_absent_after_a_try_without_an_end_is_our_own_work(house, lists, approved):
    lists.trouble = VendorError("no_answer", unanswered=True)
    removals.carry_out(house, approved)
    lists.trouble = None
    lists.entries.clear()
    assert removals.carry_out(house, now_of(house, approved)).outcome is Outcome.REMOVED


def test_only_what_has_lapsed_is_taken_up_while_we_run(house, clock, lists, approved):
    lists.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        removals.carry_out(house, approved)
    assert removals.take_up_again(house, lapsed=True) == 0
    clock.turn(minutes=11)
    assert removals.take_up_again(house, lapsed=True) == 1


def test_an_absent_address_that_stays_stopped_is_not_promised_mail(house, clock, lists, approved):
    lists.entries.clear()
    lists.put(ListName.SPAM_REPORTS, TARO, clock.now())
    done = removals.carry_out(house, approved)
    said = outcome(house, done, Reader(locale="en", zone=house.zone, now=clock.now()))
    assert "will be sent" not in said
    assert "spam" not in said.casefold()
