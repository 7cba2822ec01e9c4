from dataclasses import replace
from datetime import date, timedelta

import pytest

from storage.digests import Notice, Posting, PostState
from tests.storage.examples import NOW, TENANT, minutes

NOTICE = Notice(id="n1", place="slack:C1", topic="alarm", subject="suspended", due_at=NOW)
FRIDAY = date(2026, 11, 20)
DIGEST = Posting(
    channel="slack:C1",
    day=FRIDAY,
    since=NOW - timedelta(days=1),
    until=NOW,
    state=PostState.CLAIMED,
    claimed_at=NOW,
)
CHANNEL = DIGEST.channel


def test_a_notice_is_kept_once(store):
    store.notify(TENANT, [NOTICE, NOTICE])
    store.notify(TENANT, [replace(NOTICE, subject="told differently")])
    assert store.due_notices(TENANT, NOW, 9) == [NOTICE]
    assert store.due_notices("other", NOW, 9) == []


def test_notices_are_due_at_their_time_and_in_its_order(store):
    later = [replace(NOTICE, id=f"n{n}", due_at=NOW + minutes(n)) for n in (2, 3)]
    store.notify(TENANT, [*later, NOTICE])
    due = store.due_notices(TENANT, NOW + minutes(2), 9)
    assert [notice.id for notice in due] == ["n1", "n2"]
    assert store.due_notices(TENANT, NOW + minutes(2), 1) == [NOTICE]


def test_a_notice_is_claimed_by_one(store):
    store.notify(TENANT, [NOTICE])
    assert store.claim_notice(TENANT, "n1")
    assert not store.claim_notice(TENANT, "n1")
    assert not store.claim_notice("other", "n1")
    assert store.due_notices(TENANT, NOW, 9) == []
    assert store.claimed_notices(TENANT) == [replace(NOTICE, state=PostState.CLAIMED)]


def test_a_settled_notice_may_wait_for_another_try(store):
    store.notify(TENANT, [NOTICE])
    store.claim_notice(TENANT, "n1")
    again = replace(NOTICE, attempts=1, due_at=NOW + minutes(1))
    store.settle_notice(TENANT, again)
    assert store.due_notices(TENANT, NOW + minutes(1), 9) == [again]


def test_notices_without_an_answer_are_counted(store):
    store.notify(TENANT, [NOTICE])
    store.settle_notice(TENANT, replace(NOTICE, state=PostState.UNANSWERED))
    assert store.unanswered_notices(TENANT) == 1


def test_a_days_digest_is_claimed_once_in_each_channel(store):
    assert store.claim_posting(TENANT, DIGEST)
    assert not store.claim_posting(TENANT, replace(DIGEST, late=True))
    assert store.claim_posting(TENANT, replace(DIGEST, channel="slack:C2"))
    assert store.claim_posting("other", DIGEST)
    assert store.last_posting(TENANT, CHANNEL) == DIGEST


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (PostState.WAITING, True),
        (PostState.POSTED, False),
        (PostState.UNANSWERED, False),
        (PostState.REFUSED, False),
    ],
)
def test_only_a_digest_that_waits_may_be_claimed_again(store, state, again):
    store.claim_posting(TENANT, DIGEST)
    store.settle_posting(TENANT, CHANNEL, FRIDAY, state, "ref")
    late = replace(DIGEST, late=True, until=NOW + minutes(5))
    assert store.claim_posting(TENANT, late) is again
    assert (store.last_posting(TENANT, CHANNEL) == late) is again


def test_what_is_covered_ends_with_the_last_digest_that_stands_there(store):
    assert store.covered_until(TENANT, CHANNEL) is None
    store.claim_posting(TENANT, DIGEST)
    store.settle_posting(TENANT, CHANNEL, FRIDAY, PostState.POSTED, "slack:C1/1")
    lost = replace(DIGEST, day=FRIDAY + timedelta(days=1), until=NOW + timedelta(days=1))
    store.claim_posting(TENANT, lost)
    store.settle_posting(TENANT, CHANNEL, lost.day, PostState.UNANSWERED, "")
    assert store.covered_until(TENANT, CHANNEL) == NOW
    assert store.last_posting(TENANT, CHANNEL).day == lost.day
    assert store.postings(TENANT, PostState.POSTED)[0].ref == "slack:C1/1"
