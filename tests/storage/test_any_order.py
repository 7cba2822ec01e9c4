"""The same events give the same answers, in whatever order and portions they arrive."""

from datetime import timedelta
from itertools import count, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.cases import tell
from storage.failures import (
    Batch,
    Cause,
    DroppedBy,
    Failure,
    Kind,
    Medium,
    Reading,
    SetAside,
    Source,
    Success,
    fold_recipient,
    told_again,
)
from storage.views import CaseQuery
from tests.storage.examples import NOW, batch

ADDRESSES = ["hanako@example.jp", "Hanako@Example.jp", "taro@example.co.jp"]
# Few moments, close together and far apart, so that events meet.
MOMENTS = [
    NOW + timedelta(seconds=seconds) for seconds in (0, 1, 60, 300, 900, 4000, 90_000, 700_000)
]
DROPS = [DroppedBy.BOUNCE_LIST, DroppedBy.INVALID_LIST, DroppedBy.OVER_QUOTA]
KINDS = [
    Kind.HARD_BOUNCE,
    Kind.SOFT_BOUNCE,
    Kind.DEFERRED,
    Kind.INVALID_ADDRESS,
    Kind.SPAM_REPORT,
]
TENANTS = (f"tenant{number}" for number in count())
ODD = SetAside(source=Source.HOST_PUSH, body=b"?", reason="no recipient")


def fingerprinted(failure):
    """What differs is another failure."""
    parts = (failure.kind, failure.occurred_at, failure.reference, failure.dropped_by)
    words = (failure.history, failure.reading.cause, failure.recipient)
    return "|".join(str(part) for part in (*parts, *words))


failures = st.builds(
    Failure,
    source=st.sampled_from(
        [Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.SENDGRID_LOGS, Source.HOST_PUSH]
    ),
    source_id=st.just(""),
    medium=st.just(Medium.EMAIL),
    kind=st.sampled_from(KINDS),
    recipient=st.sampled_from(ADDRESSES),
    occurred_at=st.sampled_from(MOMENTS),
    reading=st.sampled_from([Reading(cause=Cause.USER_UNKNOWN), Reading(cause=Cause.OTHER)]),
    reference=st.sampled_from(["", "m1", "m2"]),
    history=st.booleans(),
)
drops = st.builds(
    lambda failure, by: Failure(**vars(failure) | {"kind": Kind.DROPPED, "dropped_by": by}),
    failures,
    st.sampled_from(DROPS),
)
told_once = st.one_of(failures, drops).map(
    lambda failure: Failure(**vars(failure) | {"source_id": fingerprinted(failure)})
)
counted_each_time = st.builds(
    Failure,
    source=st.just(Source.HOST_PUSH),
    source_id=st.sampled_from(["body1", "body2"]),
    medium=st.just(Medium.EMAIL),
    kind=st.sampled_from([Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE]),
    recipient=st.sampled_from(ADDRESSES),
    occurred_at=st.sampled_from(MOMENTS),
    each_telling_counts=st.just(True),
)
deliveries = st.builds(
    lambda recipient, moment: Success(
        source=Source.SENDGRID_EVENTS,
        source_id=f"{recipient}|{moment}",
        medium=Medium.EMAIL,
        recipient=recipient,
        occurred_at=moment,
    ),
    st.sampled_from(ADDRESSES),
    st.sampled_from(MOMENTS),
)
events = st.lists(st.one_of(told_once, counted_each_time, deliveries), max_size=14)
any_order = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def tell_in_portions(store, tenant, told, cuts):
    edges = sorted({0, len(told), *(cut % (len(told) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        yield store.record(tenant, batch(*told[start:end]), NOW)


def stored_once(told):
    """What a store should hold: each failure once, or as often as its tellings count."""
    rows = {}
    for event in told:
        if isinstance(event, Failure):
            key = (fold_recipient(event.recipient), event.source, event.source_id)
            if key not in rows:
                rows[key] = event
            elif event.each_telling_counts:
                rows[key] = told_again(rows[key], event)
    return rows


@any_order
@given(told=events, cuts=st.lists(st.integers(0, 20), max_size=4), data=st.data())
def test_any_order_and_any_portions_give_the_same_answers(store, told, cuts, data):
    one, other = next(TENANTS), next(TENANTS)
    shuffled = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
    repeats = [event for event in repeats if not getattr(event, "each_telling_counts", False)]
    list(tell_in_portions(store, one, told, []))
    list(tell_in_portions(store, other, shuffled + repeats, cuts))
    period = (NOW, NOW + timedelta(days=30))
    query = CaseQuery(since=NOW, fresh=False)
    assert store.cases(one, query) == store.cases(other, query)
    assert store.groups(one, query) == store.groups(other, query)
    assert store.totals(one, *period) == store.totals(other, *period)


@any_order
@given(told=events, cuts=st.lists(st.integers(0, 20), max_size=4))
def test_a_stored_case_is_the_one_that_its_failures_tell(store, told, cuts):
    tenant = next(TENANTS)
    list(tell_in_portions(store, tenant, told, cuts))
    rows = stored_once(told)
    for folded in map(fold_recipient, ADDRESSES):
        own = [event for event in told if fold_recipient(event.recipient) == folded]
        reached = max((e.occurred_at for e in own if isinstance(e, Success)), default=None)
        expected = tell([row for key, row in rows.items() if key[0] == folded], reached)
        assert store.case(tenant, Medium.EMAIL, folded) == expected


@any_order
@given(told=events, cuts=st.lists(st.integers(0, 20), max_size=4), odd=st.integers(0, 3))
def test_accepted_is_new_and_repeated_and_set_aside(store, told, cuts, odd):
    tenant = next(TENANTS)
    recorded = [store.record(tenant, Batch(set_aside=(ODD,) * odd), NOW)]
    recorded += tell_in_portions(store, tenant, told, cuts)
    accepted = sum(one.new + one.repeated + one.set_aside for one in recorded)
    distinct = {(e.source, e.source_id) for e in told if isinstance(e, Success)}
    assert accepted == len(told) + odd
    assert sum(one.new for one in recorded) == len(stored_once(told)) + len(distinct)
