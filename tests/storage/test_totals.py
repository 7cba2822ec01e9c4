from collections import Counter
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.failures import Kind, Medium, Source
from storage.views import Totals
from tests.storage.examples import NOW, TENANT, batch, bounce, delivery, minutes, refusal

HOUR = timedelta(hours=1)
TENANTS = count()


def totals(store, since=NOW, until=NOW + HOUR):
    return store.totals(TENANT, since, until)


def test_media_are_counted_apart(store):
    sent = delivery(
        source=Source.LINEWORKS_RELAY, medium=Medium.LINE_WORKS, recipient="taro@example"
    )
    store.record(TENANT, batch(bounce(), refusal(), sent), NOW)
    assert totals(store) == {
        Medium.EMAIL: Totals(failed=1),
        Medium.LINE_WORKS: Totals(delivered=1, failed=1),
    }


def test_a_period_is_counted_in_whole_hours(store):
    store.record(TENANT, batch(bounce(), bounce(source_id="e2", occurred_at=NOW + HOUR)), NOW)
    assert totals(store)[Medium.EMAIL].failed == 1
    assert totals(store, until=NOW + HOUR + minutes(1))[Medium.EMAIL].failed == 2
    assert totals(store, since=NOW - HOUR, until=NOW) == {}


def test_what_a_list_and_an_event_tell_is_counted_once(store):
    store.record(TENANT, batch(bounce(), bounce(source=Source.SENDGRID_LISTS)), NOW)
    assert totals(store)[Medium.EMAIL].failed == 1


def test_what_the_logs_and_an_event_tell_is_counted_once_in_either_order(store):
    logged = bounce(source=Source.SENDGRID_LOGS)
    other = bounce(source=Source.SENDGRID_LOGS, source_id="e2", occurred_at=NOW + minutes(1))
    store.record(TENANT, batch(logged, other), NOW)
    store.record(TENANT, batch(bounce(), bounce(source=Source.SENDGRID_LISTS)), NOW)
    assert totals(store)[Medium.EMAIL].failed == 2


def test_without_events_the_lists_are_counted(store):
    store.record(TENANT, batch(bounce(source=Source.SENDGRID_LISTS)), NOW)
    assert totals(store)[Medium.EMAIL].failed == 1


def test_delays_wishes_and_history_are_no_failures(store):
    kinds = (Kind.DEFERRED, Kind.SPAM_REPORT, Kind.UNSUBSCRIBED)
    told = [bounce(source_id=kind, kind=kind) for kind in kinds]
    store.record(TENANT, batch(*told, bounce(history=True)), NOW)
    assert totals(store) == {}


def test_every_telling_that_counts_is_counted_in_its_hour(store):
    first = refusal(each_telling_counts=True)
    store.record(TENANT, batch(first), NOW)
    store.record(TENANT, batch(refusal(each_telling_counts=True, occurred_at=NOW + HOUR)), NOW)
    assert totals(store)[Medium.LINE_WORKS].failed == 1
    assert totals(store, until=NOW + 2 * HOUR)[Medium.LINE_WORKS].failed == 2


def test_deliveries_of_a_source_are_counted_since_a_moment(store):
    relayed = [
        delivery(source=Source.LINEWORKS_RELAY, source_id=f"n{n}", occurred_at=NOW + minutes(n))
        for n in range(3)
    ]
    store.record(TENANT, batch(*relayed, delivery()), NOW)
    since = NOW + minutes(1)
    assert store.successes_since(TENANT, Source.LINEWORKS_RELAY, since) == 2


def test_the_newest_delivery_of_a_source_is_known_since_a_moment(store):
    relayed = [
        delivery(source=Source.LINEWORKS_RELAY, source_id=f"n{n}", occurred_at=NOW + minutes(n))
        for n in range(3)
    ]
    store.record(TENANT, batch(*relayed, delivery(occurred_at=NOW + minutes(9))), NOW)
    newest = store.newest_success(TENANT, Source.LINEWORKS_RELAY, NOW)
    assert newest == NOW + minutes(2)
    assert store.newest_success(TENANT, Source.LINEWORKS_RELAY, NOW + minutes(3)) is None
    assert store.newest_success("other", Source.LINEWORKS_RELAY, NOW) is None


HOUR_BY_HOUR = [NOW + timedelta(hours=hours) for hours in range(3)]
told = st.lists(
    st.tuples(
        st.sampled_from(["a@one.jp", "b@one.jp", "c@two.jp"]),
        st.sampled_from(HOUR_BY_HOUR),
        st.sampled_from([Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, None]),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=told, cut=st.integers(0, 12))
def test_hours_say_what_their_domains_say(store, told, cut):
    """None stands for a delivery; what a list and an event tell of a domain counts once."""
    tenant = f"tenant{next(TENANTS)}"
    for part in (told[:cut], told[cut:]):
        events = [
            delivery(source_id=f"{who}{at}", recipient=who, occurred_at=at)
            if source is None
            else bounce(source=source, source_id=f"{who}{at}", recipient=who, occurred_at=at)
            for who, at, source in part
        ]
        store.record(tenant, batch(*events), NOW)
    counts = Counter((at, who.partition("@")[2], source) for who, at, source in set(told))
    places = {(at, domain) for at, domain, source in counts if source}
    failed = sum(
        max(counts[*place, Source.SENDGRID_EVENTS], counts[*place, Source.SENDGRID_LISTS])
        for place in places
    )
    delivered = sum(many for (_, _, source), many in counts.items() if source is None)
    found = store.totals(tenant, NOW, NOW + timedelta(days=1)).get(Medium.EMAIL, Totals())
    assert (found.delivered, found.failed) == (delivered, failed)
