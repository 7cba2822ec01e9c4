from dataclasses import replace
from datetime import timedelta

import pytest

from storage.coverage import Coverage
from storage.failures import Batch, Kind, Medium, Source
from storage.requests import Action, Request, Resend, ResendState
from tests.storage.examples import NOW, TENANT, message, minutes, refusal

DAY = timedelta(days=1)
WISH = Request(
    id="r1",
    action=Action.RESEND,
    medium=Medium.LINE_WORKS,
    subject="daily_cap",
    asked_by="slack:UADMIN",
    asked_at=NOW,
    asked_from="slack:CDIGEST",
)
PLANNED = Resend(id="s1", request_id="r1", kept_id="k1", recipient="hanako@example", due_at=NOW)
CAP = (Kind.DAILY_CAP, Kind.TOO_FREQUENT)


@pytest.fixture
def refused(store):
    other = refusal(
        source_id="n2", recipient="taro@example", kind=Kind.DAILY_CAP, kept_message="k2"
    )
    soon = message(id="k2", recipient="taro@example", deadline=NOW + DAY)
    told = Batch(failures=(refusal(kept_message="k1"), other), kept=(message(), soon))
    store.record(TENANT, told, NOW)
    return store


def plan(store, state=ResendState.PLANNED):
    store.ask(TENANT, WISH, [])
    assert store.move(TENANT, "r1", WISH.state, WISH, resends=[replace(PLANNED, state=state)])


def wanted(store, **query):
    chosen = {"kinds": CAP, "since": NOW, "until": NOW + DAY} | query
    return [kept.id for _, kept in store.resendable(TENANT, **chosen)]


def test_a_message_comes_back_byte_for_byte(refused):
    assert refused.kept(TENANT, "k1") == message()
    assert refused.kept("other", "k1") is None


def test_the_message_with_the_oldest_deadline_leaves_first(refused):
    assert wanted(refused) == ["k2", "k1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kinds": (Kind.DAILY_CAP,)}, ["k2"]),
        ({"recipient": "HANAKO@example"}, ["k1"]),
        ({"until": NOW}, []),
        ({"since": NOW + minutes(1)}, []),
    ],
)
def test_a_wish_is_narrowed(refused, query, expected):
    assert wanted(refused, **query) == expected


def test_what_is_planned_already_is_not_wanted_again(refused):
    plan(refused)
    assert wanted(refused) == ["k2"]


def test_what_cannot_be_sent_again_is_not_offered(store):
    told = refusal(kept_message="k1")
    store.record(TENANT, Batch(failures=(told,), kept=(message(resendable=False),)), NOW)
    assert wanted(store) == []


def test_the_failure_goes_with_its_message(refused):
    ((failure, kept),) = refused.resendable(TENANT, (Kind.DAILY_CAP,), NOW, NOW + DAY)
    assert (failure.recipient, failure.kept_message) == (kept.recipient, kept.id)


def test_old_bodies_are_forgotten(refused):
    assert refused.forget_kept(TENANT, NOW) == 0
    assert refused.forget_kept(TENANT, NOW + minutes(1)) == 2
    assert refused.kept(TENANT, "k1") is None
    assert wanted(refused) == []


@pytest.mark.parametrize(("state", "left"), [(ResendState.PLANNED, 1), (ResendState.SENT, 0)])
def test_a_body_that_is_about_to_leave_is_not_forgotten(refused, state, left):
    plan(refused, state)
    assert refused.forget_kept(TENANT, NOW + DAY) == 2 - left


def test_coverage_is_as_the_source_said_last(store):
    up = Coverage(source=Source.SENDGRID_EVENTS, since=NOW)
    heard = replace(up, until=NOW + minutes(5), trouble="rate_limited")
    store.cover(TENANT, up)
    store.cover(TENANT, heard)
    store.cover("other", up)
    assert store.coverage(TENANT) == [heard]


def test_facts_are_replaced(store):
    assert store.fact(TENANT, "connected_at") is None
    store.put_fact(TENANT, "connected_at", "today")
    store.put_fact(TENANT, "connected_at", "tomorrow")
    assert store.fact(TENANT, "connected_at") == "tomorrow"
    assert store.fact("other", "connected_at") is None


def test_a_draft_lasts_until_it_is_dropped(store):
    store.put_draft(TENANT, "lineworks:u1", "{}", NOW)
    store.put_draft(TENANT, "lineworks:u1", '{"a": 1}', NOW)
    assert store.draft(TENANT, "lineworks:u1") == '{"a": 1}'
    assert store.drop_draft(TENANT, "lineworks:u1")
    assert not store.drop_draft(TENANT, "lineworks:u1")
    assert store.draft(TENANT, "lineworks:u1") is None
