"""An address that was asked for by itself: what its absence from the lists tells."""

import pytest

from handlers import leaving
from handlers.asking import removal_form
from handlers.conversation import Press
from handlers.requests import RefusedError, ask, decide, draft
from handlers.show import refusals
from handlers.show.cases import Question, lists_now
from handlers.show.reader import Reader
from storage.cases import CaseState
from storage.failures import Kind, Medium
from storage.lists import ListName, Membership
from storage.requests import Action, Outcome
from tests.handlers.conftest import ADMIN, APPROVER, text_of

TARO = "taro@example.jp"


@pytest.fixture
def listed(house, clock, lists, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    lists.put(ListName.BOUNCES, TARO, clock.now())
    held = lists.holding(TARO)
    house.store.set_membership(house.tenant, TARO, held, clock.now())
    clock.turn(hours=1)
    return house


def state(house):
    return house.store.case(house.tenant, Medium.EMAIL, TARO).state


def asked(house, **answer):
    found = Membership(read_at=house.now(), **answer)
    leaving.asked(house, TARO, found, house.now())


def test_who_was_on_a_list_and_is_on_none_is_gone(listed):
    asked(listed)
    assert state(listed) is CaseState.GONE


def test_who_is_still_on_a_list_is_not(listed, lists):
    asked(listed, entries=lists.holding(TARO).entries)
    assert state(listed) is CaseState.OPEN


def test_a_list_that_did_not_answer_leaves_it_open(listed):
    asked(listed, unanswered=(ListName.INVALID_EMAILS,))
    assert state(listed) is CaseState.OPEN


def test_the_log_of_refusals_need_not_answer(listed):
    asked(listed, unanswered=(ListName.BLOCKS,))
    assert state(listed) is CaseState.GONE


def test_who_never_was_on_a_list_has_not_left_one(house, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    asked(house)
    assert state(house) is CaseState.OPEN


def test_a_look_up_that_asks_the_lists_finds_it_out(listed, lists):
    lists.entries.clear()
    question = Question(address=TARO, locale="en", for_approvers=False, asked_at=listed.now())
    lists_now(listed, question.subject())
    assert state(listed) is CaseState.GONE


def test_an_open_request_ends_with_it(listed):
    request = draft(listed, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN)
    ask(listed, request)
    asked(listed)
    ended = listed.store.request(listed.tenant, request.id)
    assert ended.outcome is Outcome.ALREADY_ABSENT


def test_a_removal_that_is_asked_for_afterwards_is_answered_with_that(listed):
    case = listed.store.case(listed.tenant, Medium.EMAIL, TARO)
    [case_id] = listed.store.case_ids(listed.tenant, [case])
    asked(listed)
    reader = Reader(locale="en", zone=listed.zone, now=listed.now(), clear=True, may_ask=True)
    pressed = Press(
        person=ADMIN,
        place=ADMIN,
        verb="ask_remove",
        subject=case_id,
        message="m",
        reply_to="",
        shared=False,
    )
    assert "none of SendGrid" in text_of(removal_form(listed, pressed, reader))


def test_who_decides_too_late_is_told_that_nothing_was_left_to_decide(listed):
    request = draft(listed, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN)
    ask(listed, request)
    asked(listed)
    with pytest.raises(RefusedError) as refused:
        decide(listed, request.id, APPROVER, yes=True)
    reader = Reader(locale="en", zone=listed.zone, now=listed.now())
    text = text_of(refusals.message(listed, refused.value, reader))
    assert text.startswith("This request ended before anybody had to decide. t***@")
