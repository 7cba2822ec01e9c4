"""Resends: planned inside the sending hours, sent once, stopped when the vendor says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers import notices, requests, resends, wishes
from handlers.ports import Sent
from handlers.requests import ask, decide, draft
from storage.failures import Kind, Medium, Source, accepted_id
from storage.requests import Action, Outcome, RequestState, ResendState
from tests.fakes import TOKYO
from tests.handlers.conftest import ADMIN, APPROVER, FRIDAY, buttons_of, text_of

CAPS = (Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED)
# The next sending day after that Friday: Monday is a holiday.
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=TOKYO)


@pytest.fixture
def approve(house):
    def approved(kinds=CAPS):
        wish = wishes.Wish(
            kinds=kinds, since=FRIDAY - timedelta(hours=1), until=FRIDAY + timedelta(hours=1)
        )
        request = draft(
            house,
            action=Action.RESEND,
            medium=Medium.LINE_WORKS,
            subject=wish.subject(),
            asked_by=ADMIN,
        )
        ask(house, request)
        return decide(house, request.id, APPROVER, yes=True)

    return approved


def now_of(house, request):
    return house.store.request(house.tenant, request.id)


def carried(house, approve, **more):
    return resends.carry_out(house, now_of(house, approve(**more)))


def states(house, request):
    return [row.state for row in house.store.resends(house.tenant, request.id)]


def test_a_wish_is_found_again_from_its_text():
    wish = wishes.Wish(kinds=CAPS, since=FRIDAY, until=FRIDAY, recipient="a|b@works")
    assert wishes.wish_of(wish.subject()) == wish


def test_the_plan_waits_for_the_next_sending_day(house, told, approve):
    told.refused_message()
    request = carried(house, approve)
    (row,) = house.store.resends(house.tenant, request.id)
    assert row.due_at == TUESDAY


def test_messages_leave_at_half_the_rate_the_oldest_deadline_first(house, told, approve):
    told.refused_message(deadline=datetime(2026, 11, 26, tzinfo=UTC))
    told.refused_message(deadline=datetime(2026, 11, 25, tzinfo=UTC))
    request = carried(house, approve)
    rows = sorted(house.store.resends(house.tenant, request.id), key=lambda row: row.due_at)
    assert [row.kept_id for row in rows] == ["k2", "k1"]
    assert rows[1].due_at - rows[0].due_at == timedelta(seconds=2)


def test_what_would_come_too_late_is_not_sent_and_said(house, told, approve, sender):
    told.refused_message(deadline=datetime(2026, 11, 21, tzinfo=UTC))
    request = carried(house, approve)
    assert states(house, request) == [ResendState.DROPPED]
    assert now_of(house, request).state is RequestState.DONE
    assert sender.sent == []


def test_nothing_leaves_before_its_time_and_then_once(house, clock, told, approve, sender):
    told.refused_message()
    request = carried(house, approve)
    assert resends.send_due(house) == 0
    clock.moment = TUESDAY
    assert resends.send_due(house) == 1
    assert resends.send_due(house) == 0
    assert len(sender.sent) == 1
    assert now_of(house, request).outcome is Outcome.SENT


def test_a_sent_message_clears_the_case(house, clock, told, approve):
    told.refused_message(recipient="hanako@works")
    carried(house, approve)
    clock.moment = TUESDAY
    resends.send_due(house)
    case = house.store.case(house.tenant, Medium.LINE_WORKS, "hanako@works")
    assert case.state == "delivered"


def test_the_cap_again_moves_what_is_left_to_the_next_day(house, clock, told, approve, sender):
    told.refused_message()
    told.refused_message()
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.DAILY_CAP)]
    clock.moment = TUESDAY + timedelta(minutes=1)
    resends.send_due(house)
    assert len(sender.sent) == 1
    rows = house.store.resends(house.tenant, request.id)
    assert {row.state for row in rows} == {ResendState.PLANNED}
    assert min(row.due_at for row in rows) == TUESDAY + timedelta(days=1)


def test_too_fast_waits_for_the_reset_the_vendor_names(house, clock, told, approve, sender):
    told.refused_message()
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.TOO_FREQUENT, retry_after=30)]
    clock.moment = TUESDAY
    resends.send_due(house)
    (row,) = house.store.resends(house.tenant, request.id)
    assert row.due_at == TUESDAY + timedelta(seconds=30)


def test_no_answer_is_an_outcome_and_never_sent_again_by_itself(
    house, clock, told, approve, sender
):
    told.refused_message()
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.UNANSWERED)]
    clock.moment = TUESDAY
    resends.send_due(house)
    assert states(house, request) == [ResendState.UNANSWERED]
    assert now_of(house, request).outcome is Outcome.UNANSWERED
    assert resends.send_due(house) == 0


def test_what_was_leaving_at_a_crash_is_unanswered(house, clock, told, approve, sender):
    told.refused_message()
    request = carried(house, approve)
    sender.send = lambda _: 1 / 0
    clock.moment = TUESDAY
    with pytest.raises(ZeroDivisionError):
        resends.send_due(house)
    assert resends.settle_after_crash(house) == 1
    assert states(house, request) == [ResendState.UNANSWERED]


def test_what_the_host_has_sent_itself_is_not_sent_again(house, clock, told, approve, sender):
    told.refused_message(reference="n-1")
    request = carried(house, approve)
    own = accepted_id("n-1", Medium.LINE_WORKS, "Hanako@works")
    told.success("hanako@works", Medium.LINE_WORKS, source=Source.LINEWORKS_RELAY, source_id=own)
    clock.moment = TUESDAY
    resends.send_due(house)
    assert sender.sent == []
    assert states(house, request) == [ResendState.DROPPED]


def test_too_frequent_is_sent_again_the_same_day_after_the_reset(house, clock, told, sender):
    told.refused_message(Kind.TOO_FREQUENT)
    failures = house.store.resendable(
        house.tenant, [Kind.TOO_FREQUENT], FRIDAY, FRIDAY + timedelta(hours=1)
    )
    (row,) = wishes.planned(house, "r", failures)
    assert row.due_at == FRIDAY + timedelta(seconds=60)


def test_a_planned_message_is_not_planned_twice(house, told, approve):
    told.refused_message()
    request = carried(house, approve)
    assert wishes.wanted(house, now_of(house, request).subject) == []


@pytest.fixture
def unanswered(house, clock, told, approve, sender):
    told.refused_message()
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.UNANSWERED)]
    clock.moment = TUESDAY
    resends.send_due(house)
    return request


def test_a_person_may_send_again_what_stayed_without_an_answer(house, sender, unanswered):
    assert resends.send_again(house, unanswered.id) == 1
    resends.send_due(house)
    assert len(sender.sent) == 2
    assert now_of(house, unanswered).outcome is Outcome.SENT
    assert resends.send_again(house, unanswered.id) == 0


def test_or_leave_it_as_it_is(house, sender, unanswered):
    assert resends.leave(house, unanswered.id) == 1
    assert resends.leave(house, unanswered.id) == 0
    assert resends.send_due(house) == 0
    assert states(house, unanswered) == [ResendState.DROPPED]


def test_who_asked_gets_the_two_buttons(house, chat, unanswered):
    for one in house.store.due_notices(house.tenant, house.now(), 50):
        notices.deliver(house, one)
    ended = [message for place, message, _ in chat.posts if place == ADMIN][-1]
    assert [button.verb for button in buttons_of(ended)] == ["resend_again", "resend_leave"]


def test_what_waited_while_we_were_down_leaves_no_faster_than_the_rate(
    with_policy, clock, told, approve, sender
):
    for _ in range(9):
        told.refused_message()
    house = with_policy(resends_per_minute=4.0)
    carried(house, approve)
    clock.moment = TUESDAY + timedelta(hours=2)
    assert [resends.send_due(house), resends.send_due(house)] == [4, 0]
    assert not resends.due(house)
    clock.turn(seconds=61)
    assert resends.send_due(house) == 4


def test_nobodys_phone_rings_at_night_after_we_were_down(house, clock, told, approve, sender):
    told.refused_message()
    request = carried(house, approve)
    clock.moment = TUESDAY + timedelta(hours=12)
    resends.send_due(house)
    assert sender.sent == []
    (row,) = house.store.resends(house.tenant, request.id)
    assert row.due_at == TUESDAY + timedelta(days=1)


def test_two_requests_for_one_message_send_it_once(house, clock, told, approve, sender):
    told.refused_message()
    first, second = now_of(house, approve()), now_of(house, approve((Kind.DAILY_CAP,)))
    both = wishes.planned(house, second.id, wishes.wanted(house, second.subject))
    resends.carry_out(house, first)
    requests.advance(
        house,
        second.id,
        RequestState.APPROVED,
        lambda now: replace(now, state=RequestState.CARRYING),
        resends=both,
    )
    clock.moment = TUESDAY
    resends.send_due(house)
    resends.send_due(house)
    assert len(sender.sent) == 1
    resends.finish(house)
    assert now_of(house, second).state is RequestState.DONE


def test_the_cap_again_is_told_and_concerns_every_request(house, clock, told, approve, sender):
    told.refused_message()
    carried(house, approve)
    told.refused_message()
    carried(house, approve, kinds=(Kind.DAILY_CAP,))
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.DAILY_CAP)]
    clock.moment = TUESDAY + timedelta(minutes=1)
    resends.send_due(house)
    waiting = house.store.due_notices(house.tenant, house.now(), 50)
    assert [one.topic for one in waiting].count("cap_again") == 2
    assert not resends.due(house)


def test_after_the_cap_again_what_would_come_too_late_ends_at_once(
    house, clock, told, approve, sender
):
    told.refused_message(deadline=TUESDAY + timedelta(hours=9))
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.DAILY_CAP)]
    clock.moment = TUESDAY
    resends.send_due(house)
    assert states(house, request) == [ResendState.DROPPED]
    assert now_of(house, request).state is RequestState.DONE


def test_too_fast_holds_back_everything_that_is_due(with_policy, clock, told, approve, sender):
    for _ in range(resends.BATCH + 5):
        told.refused_message()
    house = with_policy(resends_per_minute=6000.0)
    request = carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.TOO_FREQUENT, retry_after=30)]
    clock.moment = TUESDAY + timedelta(minutes=1)
    resends.send_due(house)
    rows = house.store.resends(house.tenant, request.id)
    assert min(row.due_at for row in rows) == clock.moment + timedelta(seconds=30)


def test_a_second_press_after_the_answer_tells_nobody_again(house, unanswered):
    resends.leave(house, unanswered.id)
    before = len(house.store.due_notices(house.tenant, house.now(), 50))
    assert resends.send_again(house, unanswered.id) == 0
    assert len(house.store.due_notices(house.tenant, house.now(), 50)) == before


def test_send_again_keeps_the_sending_hours(house, clock, sender, unanswered):
    clock.moment = TUESDAY + timedelta(hours=12)
    resends.send_again(house, unanswered.id)
    (row,) = house.store.resends(house.tenant, unanswered.id)
    assert row.due_at == TUESDAY + timedelta(days=1)


def test_a_request_left_unfinished_by_a_crash_is_finished(house, told, approve, monkeypatch):
    told.refused_message(deadline=datetime(2026, 11, 21, tzinfo=UTC))
    with monkeypatch.context() as dying:
        dying.setattr(resends, "_finish_request", lambda *_: None)
        request = carried(house, approve)
    resends.finish(house)
    assert now_of(house, request).state is RequestState.DONE


def test_a_refused_resend_is_told_in_words(house, clock, chat, told, approve, sender):
    told.refused_message()
    carried(house, approve)
    sender.answers = [Sent(outcome=Outcome.REFUSED, kind=Kind.NO_SUCH_ID, word="http_404")]
    clock.moment = TUESDAY
    resends.send_due(house)
    for one in house.store.due_notices(house.tenant, house.now(), 50):
        notices.deliver(house, one)
    ended = [message for place, message, _ in chat.posts if place == ADMIN][-1]
    assert "http_404" not in text_of(ended)
