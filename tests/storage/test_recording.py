from datetime import timedelta

import pytest

from storage.failures import Medium, Recorded, Source
from storage.views import CaseQuery, Totals
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery, minutes, refusal


def test_a_failure_told_twice_is_stored_once(store):
    first = store.record(TENANT, batch(bounce()), NOW)
    again = store.record(TENANT, batch(bounce()), NOW)
    assert first == Recorded(new=1, new_failures=(bounce(),))
    assert again == Recorded(repeated=1)
    assert len(store.failures(TENANT, Medium.EMAIL, HANAKO)) == 1


def test_a_failure_comes_back_as_it_was_told(store):
    told = bounce(recipient="Hanako@Example.JP", tag="invoice", raw='{"a": 1}', smtp_code="550")
    store.record(TENANT, batch(told), NOW)
    (stored,) = store.failures(TENANT, Medium.EMAIL, HANAKO)
    assert stored.told_at == NOW
    assert stored.recipient == "Hanako@Example.JP"
    assert stored.raw == '{"a": 1}'


def test_tenants_do_not_see_each_other(store):
    store.record("a", batch(bounce()), NOW)
    assert store.case("b", Medium.EMAIL, HANAKO) is None
    assert store.record("b", batch(bounce()), NOW).new == 1


def test_one_id_told_of_two_recipients_is_two_failures(store):
    other = bounce(recipient="taro@example.jp")
    assert store.record(TENANT, batch(bounce(), other), NOW).new == 2


def test_every_telling_counts_where_the_source_has_no_id(store):
    first = refusal(each_telling_counts=True)
    again = refusal(each_telling_counts=True, occurred_at=NOW + minutes(3))
    store.record(TENANT, batch(first, again), NOW)
    recorded = store.record(TENANT, batch(again), NOW)
    (stored,) = store.failures(TENANT, Medium.LINE_WORKS, first.recipient)
    assert recorded == Recorded(repeated=1)
    assert stored.times_seen == 3
    assert stored.occurred_at == NOW + minutes(3)


def test_a_delivery_is_counted_once(store):
    store.record(TENANT, batch(delivery()), NOW)
    assert store.record(TENANT, batch(delivery()), NOW) == Recorded(repeated=1)
    assert store.totals(TENANT, NOW, NOW + minutes(60)) == {Medium.EMAIL: Totals(delivered=1)}


def test_an_older_delivery_never_moves_the_last_success_back(store):
    store.record(TENANT, batch(delivery()), NOW)
    earlier = delivery(source_id="d0", occurred_at=NOW - minutes(5))
    store.record(TENANT, batch(earlier), NOW)
    assert store.last_success(TENANT, Medium.EMAIL, HANAKO) == NOW


def test_forgotten_fingerprints_are_the_old_ones(store):
    store.record(TENANT, batch(delivery(occurred_at=NOW - timedelta(days=4))), NOW)
    old = delivery(source_id="d2", occurred_at=NOW - timedelta(days=4))
    store.record(TENANT, batch(old), NOW - timedelta(days=4))
    assert store.forget_fingerprints(TENANT, NOW - timedelta(days=3)) == 1
    assert store.succeeded(TENANT, Source.SENDGRID_EVENTS, "d1")
    assert not store.succeeded(TENANT, Source.SENDGRID_EVENTS, "d2")


def test_what_is_remembered_of_a_source_is_forgotten_like_deliveries(store):
    logs, names = Source.SENDGRID_LOGS, ["m1", "m2", "\0"]
    store.remember(TENANT, logs, [], NOW)
    store.remember(TENANT, logs, ["m1", "m1", "\0"], NOW)
    store.remember(TENANT, logs, ["m1", "m2"], NOW + minutes(5))
    assert store.remembered(TENANT, logs, names) == {"m1", "m2", "\ufffd"}
    assert store.remembered(TENANT, Source.SENDGRID_EVENTS, names) == frozenset()
    assert store.remembered("other", logs, names) == frozenset()
    assert store.remembered(TENANT, logs, []) == frozenset()
    assert store.totals(TENANT, NOW, NOW + minutes(60)) == {}
    assert store.forget_fingerprints(TENANT, NOW + minutes(1)) == 2
    assert store.remembered(TENANT, logs, names) == {"m2"}


def test_a_naive_time_is_refused_and_nothing_is_stored(store):
    with pytest.raises(TypeError):
        store.record(TENANT, batch(bounce(occurred_at=NOW.replace(tzinfo=None))), NOW)
    assert store.case(TENANT, Medium.EMAIL, HANAKO) is None


def test_what_is_recorded_behind_a_line_was_told_then_or_later(store):
    store.record(TENANT, batch(bounce(source_id="before")), NOW)
    store.draw_line(TENANT, NOW + minutes(5))
    store.draw_line("other", NOW + minutes(50))
    store.record(TENANT, batch(bounce(source_id="behind")), NOW)
    store.record(TENANT, batch(bounce(source_id="later")), NOW + minutes(9))
    told = {one.source_id: one.told_at for one in store.failures(TENANT, Medium.EMAIL, HANAKO)}
    assert told == {"before": NOW, "behind": NOW + minutes(5), "later": NOW + minutes(9)}
    learnt = CaseQuery(since=NOW + minutes(5), until=NOW + minutes(6), learnt=True)
    assert [one.recipient for one in store.cases(TENANT, learnt)] == [HANAKO]
