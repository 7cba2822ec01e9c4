"""The walk over the past, and what a new reading moves: rows, cases, and nothing else."""

from dataclasses import replace

from storage.failures import Cause, Kind, Medium, Permanence, Reading
from storage.rereading import Reread
from storage.views import CaseQuery
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery, minutes, refusal


def read_as(cause, rule_set="old", **more):
    return Reading(cause=cause, confidence=0.9, rule="r", rule_set=rule_set, **more)


def rereads(store, cause, **more):
    """Everything stored, as if a new rule had read it."""
    return [
        Reread(
            number=number,
            failure=failure,
            reading=read_as(cause, "new", **more),
            kind=failure.kind,
        )
        for number, failure in store.failures_after(TENANT, 0, 99)
    ]


def readings(store):
    return [failure.reading for _, failure in store.failures_after(TENANT, 0, 99)]


def test_the_walk_goes_by_the_number_of_the_row_and_ends(store):
    told = [bounce(source_id=f"e{n}", recipient=f"{n}@example.jp") for n in range(5)]
    store.record(TENANT, batch(*told), NOW)
    store.record("other", batch(bounce(source_id="x")), NOW)
    first = store.failures_after(TENANT, 0, 3)
    rest = store.failures_after(TENANT, first[-1][0], 3)
    assert [failure.source_id for _, failure in first + rest] == [one.source_id for one in told]
    assert store.failures_after(TENANT, rest[-1][0], 3) == []


def test_the_newest_row_has_the_highest_number(store):
    assert store.last_failure() == 0
    store.record(TENANT, batch(bounce(), bounce(source_id="e2")), NOW)
    assert store.last_failure() == store.failures_after(TENANT, 0, 9)[-1][0]


def test_what_these_rule_sets_have_read_may_be_passed_over(store):
    store.record(
        TENANT,
        batch(
            bounce(source_id="a", reading=read_as(Cause.OTHER, "v1")),
            bounce(source_id="b", reading=read_as(Cause.OTHER, "v2")),
            bounce(source_id="c"),
        ),
        NOW,
    )
    found = store.failures_after(TENANT, 0, 9, but=("v1", "v2"))
    assert [failure.source_id for _, failure in found] == ["c"]


def test_a_new_reading_moves_the_row_and_its_case(store):
    store.record(TENANT, batch(bounce(reading=read_as(Cause.USER_UNKNOWN))), NOW)
    more = {"permanence": Permanence.HARD}
    assert store.reread(TENANT, rereads(store, Cause.MAILBOX_FULL, **more)) == 1
    case = store.case(TENANT, Medium.EMAIL, HANAKO)
    assert (case.cause, case.permanence) == (Cause.MAILBOX_FULL, Permanence.HARD)
    assert readings(store) == [read_as(Cause.MAILBOX_FULL, "new", **more)]


def test_a_case_goes_on_from_its_new_reading(store):
    store.record(TENANT, batch(bounce()), NOW)
    store.reread(TENANT, rereads(store, Cause.MAILBOX_FULL))
    later = bounce(source_id="e2", kind=Kind.DEFERRED, occurred_at=NOW - minutes(60))
    store.record(TENANT, batch(later), NOW + minutes(1))
    assert store.case(TENANT, Medium.EMAIL, HANAKO).cause is Cause.MAILBOX_FULL


def test_a_new_reading_is_no_news_and_clears_nothing(store):
    store.record(TENANT, batch(bounce(), delivery(occurred_at=NOW + minutes(5))), NOW)
    before = store.case(TENANT, Medium.EMAIL, HANAKO)
    store.reread(TENANT, rereads(store, Cause.MAILBOX_FULL))
    after = store.case(TENANT, Medium.EMAIL, HANAKO)
    assert after == replace(before, cause=Cause.MAILBOX_FULL)
    learnt = CaseQuery(since=NOW + minutes(1), learnt=True)
    assert store.cases(TENANT, learnt) == []


def test_a_row_that_has_changed_meanwhile_is_left(store):
    store.record(TENANT, batch(refusal(each_telling_counts=True)), NOW)
    looked_at = rereads(store, Cause.OTHER)
    again = refusal(each_telling_counts=True, provider_text="other words now")
    store.record(TENANT, batch(again), NOW)
    assert store.reread(TENANT, looked_at) == 0
    assert store.reread(TENANT, rereads(store, Cause.OTHER)) == 1


def test_reading_twice_changes_nothing_the_second_time(store):
    store.record(TENANT, batch(bounce()), NOW)
    once = rereads(store, Cause.MAILBOX_FULL)
    assert (store.reread(TENANT, once), store.reread(TENANT, once)) == (1, 0)


def test_a_kind_may_be_told_anew_too(store):
    store.record(TENANT, batch(refusal()), NOW)
    [(number, failure)] = store.failures_after(TENANT, 0, 9)
    one = Reread(number=number, failure=failure, reading=failure.reading, kind=Kind.NO_SUCH_ID)
    store.reread(TENANT, [one])
    assert store.case(TENANT, Medium.LINE_WORKS, "hanako@example").kind is Kind.NO_SUCH_ID


def test_only_what_says_something_else_moves_a_case():
    failure = bounce(reading=read_as(Cause.OTHER))
    same = read_as(Cause.OTHER, "new", permanence=Permanence.SOFT)
    assert not Reread(number=1, failure=failure, reading=same, kind=failure.kind).moves
    for other in (
        {"reading": read_as(Cause.MAILBOX_FULL)},
        {"reading": read_as(Cause.OTHER, permanence=Permanence.HARD)},
        {"kind": Kind.SOFT_BOUNCE},
    ):
        assert Reread(
            **{"number": 1, "failure": failure, "reading": same, "kind": failure.kind} | other
        ).moves
