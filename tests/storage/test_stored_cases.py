from dataclasses import replace
from datetime import timedelta

import pytest

from storage.cases import CaseState, tell
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source
from storage.views import CaseQuery, Group
from storage.weighing import MOST_WEIGHED
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery, minutes, refusal

FULL = Reading(cause=Cause.MAILBOX_FULL)
WEEK = (
    bounce(),
    bounce(source_id="e2", recipient="taro@example.jp", kind=Kind.SOFT_BOUNCE, reading=FULL),
    bounce(source_id="e3", recipient="jiro@example.jp", occurred_at=NOW + minutes(60)),
    bounce(
        source_id="e4",
        recipient="saburo@example.jp",
        kind=Kind.DROPPED,
        dropped_by=DroppedBy.OVER_QUOTA,
        occurred_at=NOW + minutes(30),
    ),
    bounce(source=Source.SENDGRID_LISTS, recipient="old@example.jp", history=True),
    refusal(occurred_at=NOW + minutes(90)),
)


@pytest.fixture
def week(store):
    store.record(TENANT, batch(*WEEK, delivery(recipient="taro@example.jp")), NOW)
    store.record(
        TENANT,
        batch(delivery(source_id="d2", recipient="jiro@example.jp", occurred_at=NOW + minutes(70))),
        NOW,
    )
    return store


def found(store, **query):
    return [case.recipient.partition("@")[0] for case in store.cases(TENANT, CaseQuery(**query))]


def test_the_last_seen_comes_first_and_history_is_left_out(week):
    assert found(week) == ["hanako", "jiro", "saburo", "hanako", "taro"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"fresh": False, "until": NOW + minutes(1)}, ["hanako", "old", "taro"]),
        ({"since": NOW + minutes(30), "until": NOW + minutes(60)}, ["saburo"]),
        ({"medium": Medium.LINE_WORKS}, ["hanako"]),
        ({"kinds": (Kind.SOFT_BOUNCE, Kind.DROPPED)}, ["saburo", "taro"]),
        ({"dropped_by": (DroppedBy.OVER_QUOTA,)}, ["saburo"]),
        ({"causes": (Cause.MAILBOX_FULL,)}, ["taro"]),
        ({"state": CaseState.DELIVERED}, ["jiro"]),
        ({"limit": 2, "offset": 1}, ["jiro", "saburo"]),
    ],
)
def test_each_part_of_a_query_narrows_it(week, query, expected):
    assert found(week, **query) == expected


def test_every_case_is_walked_whatever_the_limit(week):
    walked = list(week.each_case(TENANT, CaseQuery(limit=1)))
    assert walked == week.cases(TENANT, CaseQuery())


def test_a_walk_sees_what_stood_when_it_began(week):
    before = week.cases(TENANT, CaseQuery())
    walk = week.each_case(TENANT, CaseQuery())
    first = next(walk)
    week.record(TENANT, batch(bounce(source_id="late", occurred_at=NOW + minutes(999))), NOW)
    assert [first, *walk] == before


@pytest.mark.engine("sqlite")
def test_a_walk_given_up_leaves_nothing_behind(week):
    before = list(week._readers)
    walk = week.each_case(TENANT, CaseQuery())
    next(walk)
    walk.close()
    assert week._readers == before


def test_groups_say_how_many_and_how_many_are_new(week):
    (largest, *others) = week.groups(TENANT, CaseQuery(since=NOW, medium=Medium.EMAIL))
    assert largest == Group(
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        dropped_by=None,
        cause=Cause.OTHER,
        count=2,
        new=2,
        oldest=NOW,
        newest=NOW + minutes(60),
    )
    assert [group.kind for group in others] == [Kind.DROPPED, Kind.SOFT_BOUNCE]


def test_a_case_that_goes_on_is_not_new(week):
    later = NOW + timedelta(days=1)
    week.record(TENANT, batch(bounce(source_id="e9", occurred_at=later)), later)
    (group,) = week.groups(TENANT, CaseQuery(since=later))
    assert (group.count, group.new, group.oldest) == (1, 0, NOW)


@pytest.mark.parametrize("learnt", [False, True])
def test_who_fails_again_afterwards_still_belongs_to_the_period(week, learnt):
    period = {"until": NOW + minutes(1), "medium": Medium.EMAIL, "learnt": learnt}
    before = found(week, **period), week.groups(TENANT, CaseQuery(**period))
    later = NOW + timedelta(days=1)
    again = bounce(source_id="e9", occurred_at=later, kind=Kind.HARD_BOUNCE)
    week.record(TENANT, batch(again), later)
    assert sorted(found(week, **period)) == sorted(before[0])
    assert [one.count for one in week.groups(TENANT, CaseQuery(**period))] == [
        one.count for one in before[1]
    ]


def test_who_fails_only_afterwards_does_not_belong_to_the_period(week):
    later = NOW + timedelta(days=1)
    week.record(
        TENANT, batch(bounce(source_id="e9", recipient="a@example.jp", occurred_at=later)), later
    )
    assert "a" not in found(week, until=later)


def test_what_was_put_off_and_then_delivered_is_no_failure(week):
    late = NOW + minutes(5)
    week.record(
        TENANT, batch(bounce(source_id="d1", recipient="slow@example.jp", kind=Kind.DEFERRED)), NOW
    )
    assert "slow" in found(week)
    week.record(
        TENANT, batch(delivery(source_id="d9", recipient="slow@example.jp", occurred_at=late)), late
    )
    assert "slow" not in found(week)
    assert Kind.DEFERRED not in {one.kind for one in week.groups(TENANT, CaseQuery())}


def test_buttons_find_their_case_again(week):
    cases = week.cases(TENANT, CaseQuery())
    ids = week.case_ids(TENANT, cases)
    assert [week.case_by_id(TENANT, one) for one in ids] == cases
    assert not any(HANAKO in one for one in ids)


@pytest.mark.parametrize("strange", ["", "1", "1-", "x-y", "1-0123456789abcdef", "-1-1", "９-1"])
def test_a_made_up_button_finds_nothing(week, strange):
    assert week.case_by_id(TENANT, strange) is None


def test_another_tenants_button_finds_nothing(week):
    (one,) = week.case_ids(TENANT, week.cases(TENANT, CaseQuery(limit=1)))
    assert week.case_by_id("other", one) is None


def test_a_cases_button_outlives_its_changes(week):
    (before,) = week.case_ids(TENANT, [week.case(TENANT, Medium.EMAIL, HANAKO)])
    week.record(TENANT, batch(bounce(source_id="e9", occurred_at=NOW + minutes(999))), NOW)
    assert week.case_by_id(TENANT, before).times_seen == 2


def test_a_recipient_of_deliveries_alone_has_no_case(store):
    store.record(TENANT, batch(delivery()), NOW)
    assert store.case(TENANT, Medium.EMAIL, HANAKO) is None
    assert store.failures(TENANT, Medium.EMAIL, "nobody@example.jp") == []
    assert store.last_success(TENANT, Medium.EMAIL, "nobody@example.jp") is None


def test_failures_are_shown_the_newest_first(store):
    told = [bounce(source_id=f"e{n}", occurred_at=NOW + minutes(n)) for n in range(5)]
    store.record(TENANT, batch(*told), NOW)
    shown = store.failures(TENANT, Medium.EMAIL, HANAKO, limit=2)
    assert [failure.source_id for failure in shown] == ["e4", "e3"]


def test_a_very_long_story_is_told_like_a_short_one(store):
    told = [
        bounce(source_id=f"e{number}", occurred_at=NOW + minutes(number))
        for number in range(MOST_WEIGHED + 20)
    ]
    for start in range(0, len(told), 510):
        store.record(TENANT, batch(*told[start : start + 510]), NOW)
    assert store.case(TENANT, Medium.EMAIL, HANAKO) == tell(told, None)


def test_earlier_refusals_get_the_name_that_was_found_out_later(store):
    told = [refusal(source_id=f"n{n}", occurred_at=NOW + minutes(n)) for n in range(4)]
    store.record(TENANT, batch(*told), NOW)
    since, until = NOW + minutes(1), NOW + minutes(3)
    assert store.relabel(TENANT, Kind.TOO_FREQUENT, Kind.DAILY_CAP, since, until) == 2
    kinds = [f.kind for f in store.failures(TENANT, Medium.LINE_WORKS, told[0].recipient)]
    assert kinds == [Kind.TOO_FREQUENT, Kind.DAILY_CAP, Kind.DAILY_CAP, Kind.TOO_FREQUENT]


def test_relabelling_moves_the_case_too(store):
    store.record(TENANT, batch(refusal()), NOW)
    store.relabel(TENANT, Kind.TOO_FREQUENT, Kind.DAILY_CAP, NOW, NOW + minutes(1))
    assert store.case(TENANT, Medium.LINE_WORKS, refusal().recipient).kind is Kind.DAILY_CAP


def test_a_guess_is_remembered_as_one_until_something_proven_is_told(store):
    guess = refusal(kind=Kind.BOT_NOT_ALLOWED, guessed=True, each_telling_counts=True)
    store.record(TENANT, batch(guess), NOW)
    assert store.failures(TENANT, Medium.LINE_WORKS, guess.recipient)[0].guessed
    assert store.case(TENANT, Medium.LINE_WORKS, guess.recipient).guessed
    assert next(iter(store.cases(TENANT, CaseQuery()))).guessed
    proven = replace(guess, guessed=False, kind=Kind.MISSING_SCOPE, occurred_at=NOW + minutes(1))
    store.record(TENANT, batch(proven), NOW)
    assert not store.case(TENANT, Medium.LINE_WORKS, guess.recipient).guessed


def test_relabelling_says_whether_the_new_name_is_a_guess(store):
    store.record(TENANT, batch(refusal()), NOW)
    period = (NOW, NOW + minutes(1))
    for kinds, guessed in [
        ((Kind.TOO_FREQUENT, Kind.DAILY_CAP_SUSPECTED), True),
        ((Kind.DAILY_CAP_SUSPECTED, Kind.DAILY_CAP), False),
    ]:
        store.relabel(TENANT, *kinds, *period, guessed=guessed)
        assert store.case(TENANT, Medium.LINE_WORKS, refusal().recipient).guessed is guessed


def test_refusals_of_a_source_are_listed_from_a_moment_on_the_oldest_first(store):
    told = [
        refusal(source_id=f"n{n}", recipient=f"r{n % 2}@example", occurred_at=NOW + minutes(n))
        for n in range(4)
    ]
    pushed = refusal(source=Source.HOST_PUSH, occurred_at=NOW + minutes(2))
    other = refusal(source_id="other", kind=Kind.NO_SUCH_ID, occurred_at=NOW + minutes(2))
    store.record(TENANT, batch(*reversed(told), pushed, other), NOW)
    asked = (TENANT, Source.LINEWORKS_RELAY, [Kind.TOO_FREQUENT], NOW + minutes(1))
    assert [one.source_id for one in store.refusals(*asked, 9)] == ["n1", "n2", "n3"]
    assert [one.source_id for one in store.refusals(*asked, 2)] == ["n1", "n2"]


def test_certain_failures_can_be_given_another_name(store):
    told = [refusal(source_id=f"n{n}", kind=Kind.PROVIDER_DOWN) for n in range(3)]
    other = refusal(source_id="n0", recipient="Jiro@example", kind=Kind.PROVIDER_DOWN)
    cleared = refusal(source_id="n9", kind=Kind.NO_SUCH_ID)
    store.record(TENANT, batch(*told, other, cleared), NOW)
    which = [(told[0].recipient, "n0"), ("JIRO@example", "n0"), (told[0].recipient, "n9")]
    kinds = (Kind.PROVIDER_DOWN, Kind.MESSAGE_REJECTED)
    assert store.relabel_told(TENANT, Source.LINEWORKS_RELAY, which, *kinds, guessed=True) == 2
    assert store.relabel_told("other", Source.LINEWORKS_RELAY, which, *kinds) == 0
    found = store.failures(TENANT, Medium.LINE_WORKS, told[0].recipient)
    assert {one.source_id for one in found if one.kind is Kind.MESSAGE_REJECTED} == {"n0"}
    case = store.case(TENANT, Medium.LINE_WORKS, "jiro@example")
    assert (case.kind, case.guessed) == (Kind.MESSAGE_REJECTED, True)
