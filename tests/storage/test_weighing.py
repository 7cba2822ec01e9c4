"""How failures and deliveries make one case."""

from datetime import timedelta

import pytest

from storage.cases import DEFERRAL_LOST, CaseState, tell
from storage.failures import DroppedBy, Kind, Medium, Source
from storage.weighing import MOST_WEIGHED
from tests.storage.examples import NOW, bounce, minutes, refusal

DAY = timedelta(days=1)


def drop(by=DroppedBy.BOUNCE_LIST, **changes):
    return bounce(kind=Kind.DROPPED, dropped_by=by, **{"source_id": "drop"} | changes)


def listed(**changes):
    return bounce(source=Source.SENDGRID_LISTS, **{"source_id": "entry"} | changes)


def deferral(number, **changes):
    values = {"source_id": f"deferred{number}", "occurred_at": NOW + minutes(number)}
    return bounce(kind=Kind.DEFERRED, reference="m1", **values | changes)


def test_no_failure_makes_no_case():
    assert tell([], NOW) is None


def test_one_bounce_opens_a_case():
    case = tell([bounce(provider_text="550 no such user")], None)
    assert (case.state, case.kind, case.times_seen, case.drops) == (
        CaseState.OPEN,
        Kind.HARD_BOUNCE,
        1,
        0,
    )
    assert case.opened_at == case.last_seen == NOW
    assert case.provider_text == "550 no such user"


def test_a_drop_joins_the_bounce_before_it():
    case = tell([bounce(), drop(occurred_at=NOW + DAY)], None)
    assert (case.kind, case.times_seen, case.drops) == (Kind.HARD_BOUNCE, 1, 1)
    assert case.last_seen == NOW + DAY


def test_a_drop_told_before_its_bounce_joins_it_all_the_same():
    early = drop(occurred_at=NOW + DAY)
    assert tell([early], None).kind is Kind.DROPPED
    assert tell([early, bounce()], None) == tell([bounce(), early], None)


def test_a_drop_in_the_very_second_of_its_list_entry_joins_it():
    entry = listed(kind=Kind.INVALID_ADDRESS, source_id="z")
    case = tell([drop(DroppedBy.INVALID_LIST, source_id="a"), entry], None)
    assert (case.kind, case.times_seen, case.drops) == (Kind.INVALID_ADDRESS, 1, 1)


def test_further_drops_without_a_known_bounce_join_the_first():
    drops = [drop(source_id=f"d{day}", occurred_at=NOW + day * DAY) for day in range(3)]
    case = tell(drops, None)
    assert (case.kind, case.times_seen, case.drops) == (Kind.DROPPED, 1, 2)


def test_drops_by_other_lists_are_troubles_of_their_own():
    case = tell([bounce(), drop(DroppedBy.SPAM_REPORT_LIST, occurred_at=NOW + DAY)], None)
    assert (case.kind, case.times_seen, case.drops) == (Kind.DROPPED, 2, 0)


def test_drops_for_the_senders_reasons_never_join():
    drops = [drop(DroppedBy.OVER_QUOTA, source_id=f"d{day}") for day in range(2)]
    assert tell(drops, None).times_seen == 2


def test_a_drop_after_a_delivery_starts_a_run_of_its_own():
    case = tell([bounce(), drop(occurred_at=NOW + 2 * DAY)], NOW + DAY)
    assert (case.state, case.kind, case.times_seen) == (CaseState.OPEN, Kind.DROPPED, 1)
    assert case.reopened


def test_a_later_delivery_clears_and_an_older_one_does_not():
    assert tell([bounce()], NOW + minutes(1)).state is CaseState.DELIVERED
    assert tell([bounce()], NOW - minutes(1)).state is CaseState.OPEN


@pytest.mark.parametrize(
    ("kind", "state"),
    [(Kind.DEFERRED, CaseState.DELIVERED), (Kind.SOFT_BOUNCE, CaseState.OPEN)],
)
def test_within_one_second_a_delivery_ends_a_delay_but_hides_no_bounce(kind, state):
    assert tell([bounce(kind=kind)], NOW).state is state


def test_a_failure_after_the_delivery_reopens_and_counts_anew():
    case = tell([bounce(), bounce(source_id="e2", occurred_at=NOW + 2 * DAY)], NOW + DAY)
    assert (case.state, case.times_seen, case.opened_at) == (CaseState.OPEN, 1, NOW + 2 * DAY)
    assert case.reopened


def test_a_cleared_case_tells_of_its_last_run_alone():
    old, new = bounce(), bounce(source_id="e2", occurred_at=NOW + 30 * DAY)
    case = tell([old, new], NOW + 31 * DAY)
    assert (case.state, case.times_seen, case.opened_at) == (
        CaseState.DELIVERED,
        1,
        NOW + 30 * DAY,
    )


def test_delays_of_one_notification_are_one_trouble():
    case = tell([deferral(0), deferral(30), deferral(90)], None)
    assert (case.kind, case.times_seen) == (Kind.DEFERRED, 1)
    assert (case.opened_at, case.last_seen) == (NOW, NOW + minutes(90))


def test_a_delay_ends_with_its_own_refusal_in_one_trouble():
    refused = bounce(kind=Kind.SOFT_BOUNCE, reference="m1", occurred_at=NOW + 3 * DAY)
    entry = listed(kind=Kind.SOFT_BOUNCE, occurred_at=refused.occurred_at)
    case = tell([deferral(0), deferral(60), refused, entry], None)
    assert (case.kind, case.times_seen, case.opened_at) == (Kind.SOFT_BOUNCE, 1, NOW)


def test_a_delay_is_counted_from_its_own_first_try():
    earlier = bounce(kind=Kind.SOFT_BOUNCE, occurred_at=NOW - DAY)
    case = tell([earlier, deferral(0), deferral(9)], None)
    assert (case.kind, case.opened_at, case.times_seen) == (Kind.DEFERRED, NOW, 2)
    assert case.retried_until() == NOW + 3 * DAY
    assert not case.result_lost(NOW + DEFERRAL_LOST)
    assert case.result_lost(NOW + DEFERRAL_LOST + minutes(1))


def test_a_mere_delay_does_not_hide_that_the_address_is_listed():
    assert tell([bounce(), deferral(5)], None).kind is Kind.HARD_BOUNCE


@pytest.mark.parametrize("apart", [-9, 0, 9])
def test_a_list_entry_and_its_event_are_one_trouble(apart):
    case = tell([bounce(), listed(occurred_at=NOW + minutes(apart))], None)
    assert case.times_seen == 1


def test_a_list_entry_much_later_is_another_trouble():
    assert tell([bounce(), listed(occurred_at=NOW + minutes(11))], None).times_seen == 2


def test_two_refusals_in_a_row_stay_two_beside_their_entry():
    events = [bounce(), bounce(source_id="e2", occurred_at=NOW + minutes(1)), listed()]
    assert tell(events, None).times_seen == 2


def test_a_relay_and_a_push_of_one_refusal_are_one_trouble():
    pushed = refusal(source=Source.HOST_PUSH, occurred_at=NOW + minutes(30), reference="n1")
    assert tell([refusal(reference="n1"), pushed], None).times_seen == 1


def test_tellings_that_count_each_time_add_up():
    events = [refusal(times_seen=3), refusal(source_id="n2", occurred_at=NOW + DAY)]
    assert tell(events, None).times_seen == 4


def test_a_case_is_history_until_something_new_comes():
    old = listed(history=True)
    assert tell([old], None).history
    assert not tell([old, drop(occurred_at=NOW + DAY)], None).history


def test_of_a_thousand_tellings_the_newest_are_weighed():
    events = [
        refusal(source_id=f"n{number}", occurred_at=NOW + minutes(number))
        for number in range(MOST_WEIGHED + 5)
    ]
    case = tell(events, None)
    assert (case.times_seen, case.opened_at) == (MOST_WEIGHED, NOW + minutes(5))


def test_the_case_speaks_with_the_words_of_its_latest_trouble():
    later = bounce(source_id="e2", occurred_at=NOW + DAY, status="5.1.1", recipient="H@x.jp")
    case = tell([bounce(status="4.2.2"), later], None)
    assert (case.medium, case.recipient) == (Medium.EMAIL, "H@x.jp")
    assert (case.status, case.source_id) == ("5.1.1", "e2")


def test_who_left_the_lists_is_cleared_of_what_they_held():
    case = tell([bounce(), drop(occurred_at=NOW + DAY)], None, NOW + 2 * DAY)
    assert (case.state, case.gone_at) == (CaseState.GONE, NOW + 2 * DAY)


@pytest.mark.parametrize("kind", [Kind.SOFT_BOUNCE, Kind.DEFERRED])
def test_leaving_the_lists_clears_nothing_that_they_do_not_hold(kind):
    assert tell([bounce(kind=kind)], None, NOW + DAY).state is CaseState.OPEN


def test_a_bounce_after_leaving_the_lists_is_a_run_of_its_own():
    again = bounce(source_id="e2", occurred_at=NOW + 2 * DAY)
    case = tell([bounce(), again], None, NOW + DAY)
    assert (case.state, case.times_seen, case.opened_at) == (CaseState.OPEN, 1, NOW + 2 * DAY)


def test_a_bounce_told_late_does_not_bring_back_who_has_left():
    earlier = bounce(source_id="e0", occurred_at=NOW - DAY)
    assert tell([bounce(), earlier], None, NOW + DAY).state is CaseState.GONE


@pytest.mark.parametrize("delivered", [NOW + 2 * DAY, NOW + minutes(1)])
def test_a_delivery_says_more_than_that_the_lists_are_left(delivered):
    assert tell([bounce()], delivered, NOW + DAY).state is CaseState.DELIVERED


def test_a_delivery_before_the_bounce_does_not_explain_why_it_is_over():
    assert tell([bounce()], NOW - DAY, NOW + DAY).state is CaseState.GONE


def test_the_webhook_and_the_logs_tell_one_event_once():
    logged = bounce(source=Source.SENDGRID_LOGS)
    case = tell([logged, bounce()], None)
    assert (case.times_seen, case.source_id) == (1, "e1")
    dropped = drop(occurred_at=NOW + DAY)
    again = drop(occurred_at=NOW + DAY, source=Source.SENDGRID_LOGS)
    assert tell([bounce(), dropped, again], None).drops == 1


def test_what_the_logs_alone_tell_counts():
    logged = bounce(source=Source.SENDGRID_LOGS, source_id="other", occurred_at=NOW + DAY)
    assert tell([bounce(), logged], None).times_seen == 2
