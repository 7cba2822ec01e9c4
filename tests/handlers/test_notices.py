"""Notices: worded when they leave, posted at most once, edits repeated freely."""

from dataclasses import replace

import pytest

from handlers import notices, removals
from handlers.alarming import alarm
from handlers.ports import VendorError
from handlers.requests import ask, decide, draft
from storage.digests import PostState
from storage.failures import Kind, Medium
from storage.lists import ListEntry, ListName, Membership
from storage.requests import Action
from tests.handlers.conftest import ADMIN, ADMINS, APPROVALS, APPROVER, buttons_of, text_of

TARO = "taro@example.jp"


def deliver_all(house):
    for one in house.store.due_notices(house.tenant, house.now(), 50):
        notices.deliver(house, one)


@pytest.fixture
def asked(house, told):
    told.failure(Kind.HARD_BOUNCE, TARO, provider_text=f"550 5.1.1 <{TARO}>: User unknown")
    answers = (("junk_folder", "checked"), ("note", "space again"))
    request = draft(
        house,
        action=Action.REMOVE,
        medium=Medium.EMAIL,
        subject=TARO,
        asked_by=ADMIN,
        answers=answers,
    )
    return ask(house, request)[0]


def test_a_card_is_posted_with_its_evidence_and_masked(house, chat, asked):
    deliver_all(house)
    ((place, card, _),) = chat.posts
    text = text_of(card)
    assert place == APPROVALS
    assert "t***@example.jp" in text
    assert TARO not in text
    assert "space again" in text


def test_a_card_names_no_address_in_its_buttons(house, chat, asked):
    deliver_all(house)
    assert {button.subject for button in buttons_of(chat.posts[0][1])} == {asked.id}


def test_a_delivered_notice_is_not_delivered_again(house, chat, asked):
    waiting = house.store.due_notices(house.tenant, house.now(), 50)
    for one in waiting * 2:
        notices.deliver(house, one)
    assert len(chat.posts) == 1


def test_the_card_ends_as_what_became_of_it(house, chat, asked):
    deliver_all(house)
    decide(house, asked.id, APPROVER, yes=False, reason="wrong address")
    deliver_all(house)
    ((ref, card),) = chat.ends
    assert ref == house.store.request(house.tenant, asked.id).card
    assert "wrong address" in text_of(card)
    assert buttons_of(card) == []


def test_the_asker_is_told_where_they_asked_in_clear(house, chat, asked):
    deliver_all(house)
    decide(house, asked.id, APPROVER, yes=True)
    deliver_all(house)
    told = [(place, text_of(message)) for place, message, _ in chat.posts if place == ADMIN]
    assert TARO in told[0][1]


def test_the_outcome_is_told_to_both(house, chat, clock, lists, asked):
    deliver_all(house)
    decide(house, asked.id, APPROVER, yes=True)
    removals.carry_out(house, house.store.request(house.tenant, asked.id))
    deliver_all(house)
    assert "no longer on" in text_of(chat.ends[-1][1])
    assert any("no longer on" in text_of(m) for place, m, _ in chat.posts if place == ADMIN)


def test_the_verdict_hangs_in_the_cards_thread(house, chat, clock, told, asked):
    deliver_all(house)
    decide(house, asked.id, APPROVER, yes=True)
    removals.carry_out(house, house.store.request(house.tenant, asked.id))
    clock.turn(hours=1)
    told.success(TARO)
    deliver_all(house)
    card = house.store.request(house.tenant, asked.id).card
    threads = [thread for place, _, thread in chat.posts if place == APPROVALS]
    assert threads == ["", card]


@pytest.fixture
def alarmed(house):
    alarm(house, "account_suspended", house.now())
    return house.store.due_notices(house.tenant, house.now(), 9)[0]


def test_an_alarm_goes_to_the_admins_once(house, chat, alarmed):
    alarm(house, "account_suspended", house.now())
    deliver_all(house)
    assert [place for place, _, _ in chat.posts] == [ADMINS]


def states(house, notice):
    waiting = house.store.due_notices(house.tenant, house.now(), 9)
    return [one.id for one in waiting], house.store.unanswered_notices(house.tenant)


def test_a_post_without_an_answer_is_never_repeated(house, chat, clock, alarmed):
    chat.trouble = VendorError("timeout", unanswered=True)
    deliver_all(house)
    clock.turn(hours=1)
    assert states(house, alarmed) == ([], 1)


def test_a_refusal_that_passes_is_tried_again_later(house, chat, clock, alarmed):
    chat.trouble = VendorError("ratelimited", retry_after=30)
    deliver_all(house)
    assert states(house, alarmed) == ([], 0)
    clock.turn(seconds=31)
    deliver_all(house)
    assert len(chat.posts) == 1


def test_a_refusal_for_good_ends_the_notice(house, chat, clock, alarmed):
    chat.trouble = VendorError("channel_not_found", permanent=True)
    deliver_all(house)
    clock.turn(days=1)
    assert states(house, alarmed) == ([], 0)


def test_an_edit_without_an_answer_is_repeated(house, chat, clock, asked):
    deliver_all(house)
    decide(house, asked.id, APPROVER, yes=False, reason="no")
    for one in house.store.due_notices(house.tenant, house.now(), 50):
        if one.topic == "card_end":
            chat.trouble = VendorError("timeout", unanswered=True)
        notices.deliver(house, one)
    clock.turn(minutes=5)
    deliver_all(house)
    assert len(chat.ends) == 1


def test_what_was_leaving_at_a_crash_may_be_there(house, chat, alarmed):
    assert house.store.claim_notice(house.tenant, alarmed.id)
    assert notices.settle_after_crash(house) == 1
    assert house.store.unanswered_notices(house.tenant) == 1
    assert alarmed.state is PostState.WAITING


@pytest.mark.parametrize(("channel", "named"), [(APPROVALS, True), ("", False)])
def test_a_card_names_a_complaint_only_among_approvers(
    house, with_policy, clock, chat, told, channel, named
):
    entry = ListEntry(name=ListName.SPAM_REPORTS, address=TARO, created=clock.now())
    held = Membership(entries=(entry,), read_at=clock.now())
    house.store.set_membership(house.tenant, TARO, held, clock.now())
    elsewhere = with_policy(approval_channel=channel)
    request = draft(
        elsewhere, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN
    )
    ask(elsewhere, request)
    deliver_all(elsewhere)
    ((_, card, _),) = chat.posts
    assert ("spam report" in text_of(card).casefold()) is named


def test_an_address_in_peoples_own_words_is_masked_on_the_card(house, chat, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    request = draft(
        house,
        action=Action.REMOVE,
        medium=Medium.EMAIL,
        subject=TARO,
        asked_by=ADMIN,
        answers=(("note", f"{TARO} has space again"),),
    )
    ask(house, request)
    deliver_all(house)
    decide(house, request.id, APPROVER, yes=False, reason=f"is {TARO} right?")
    deliver_all(house)
    assert TARO not in text_of(chat.posts[0][1]) + text_of(chat.ends[0][1])


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (VendorError("not_in_channel", permanent=True), "could not be posted"),
        (VendorError("timeout", unanswered=True), "no answer came"),
    ],
)
def test_a_card_that_did_not_arrive_is_told_to_the_admins(house, chat, asked, trouble, said):
    chat.trouble = trouble
    deliver_all(house)
    deliver_all(house)
    ((place, message, _),) = chat.posts
    assert place == ADMINS
    assert said in text_of(message)


def test_what_fails_before_it_leaves_is_tried_again(house, clock, chat, asked, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(notices, "_worded", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver_all(house)
    clock.turn(minutes=1)
    deliver_all(house)
    assert [place for place, _, _ in chat.posts] == [APPROVALS]


def test_a_product_that_is_no_longer_connected_refuses(house, asked):
    alone = replace(house, chats={})
    deliver_all(alone)
    assert house.store.due_notices(house.tenant, house.now(), 9)[0].topic == "alarm"
