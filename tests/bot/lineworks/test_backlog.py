"""What was relayed is told in order; what cannot be told is a gap, and stops nobody."""

from __future__ import annotations

import gzip
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.lineworks.backlog import Backlog, Seen, Teller
from bot.lineworks.relayed import read
from storage.failures import Kind
from storage.store import StorageBusyError

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
RATE = b'{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'
RELAYED = read("POST", "/v1.0/bots/7/users/taro/messages", (), b'{"content":{}}')


def seen(second=0, **more):
    at = AT + timedelta(seconds=second)
    return Seen(**{"tenant": "t", "at": at, "relayed": RELAYED, "status": 201, **more})


def refused(second=0):
    return seen(second, status=429, headers=(("rateLimit-reset", "60"),), body=RATE)


@pytest.fixture
def taken():
    return []


@pytest.fixture
def make_teller(sealing, taken):
    def make(take=lambda _tenant, batch: taken.append(batch), **more):
        given = {
            "successes": lambda _tenant, _since: 0,
            "limited": lambda _tenant, since: (since, ()),
            "rejected": lambda _tenant, _told: None,
            "deadline": lambda at: at,
        }
        return Teller(take=take, cipher=sealing, **{**given, **more})

    return make


def kinds(taken):
    return [failure.kind for batch in taken for failure in batch.failures]


def test_an_acceptance_is_told_as_a_delivery(make_teller, taken):
    make_teller().tell(seen())
    assert taken[0].successes[0].recipient == "taro"


def test_a_packed_refusal_is_unpacked_before_it_is_read(make_teller, taken):
    packed = gzip.compress(RATE, mtime=0)
    make_teller().tell(seen(status=429, headers=(("Content-Encoding", "gzip"),), body=packed))
    assert kinds(taken) == [Kind.TOO_FREQUENT]


@pytest.mark.parametrize("body", [b"not packed", gzip.compress(RATE, mtime=0)[:20]])
def test_a_badly_packed_refusal_is_told_all_the_same(make_teller, taken, body):
    make_teller().tell(seen(status=503, headers=(("content-encoding", "gzip"),), body=body))
    assert kinds(taken) == [Kind.PROVIDER_DOWN]


@pytest.mark.parametrize(
    ("never_left", "kind"), [(True, Kind.PROVIDER_DOWN), (False, Kind.UNANSWERED)]
)
def test_no_answer_is_told_by_whether_it_may_have_arrived(make_teller, taken, never_left, kind):
    make_teller().tell(seen(status=0, lost="ReadTimeout", never_left=never_left))
    assert kinds(taken) == [kind]
    assert taken[0].failures[0].status == ""


def test_refusals_that_outlive_their_resets_become_a_suspected_cap(make_teller, taken):
    teller = make_teller()
    for second in (0, 61, 122, 301):
        teller.tell(refused(second))
    assert kinds(taken) == [Kind.TOO_FREQUENT] * 3 + [Kind.DAILY_CAP_SUSPECTED]
    assert [one.guessed for told in taken for one in told.failures] == [False] * 3 + [True]


def test_an_acceptance_in_between_keeps_them_too_frequent(make_teller, taken):
    teller = make_teller()
    for one in (refused(0), refused(61), refused(122), seen(200), refused(301)):
        teller.tell(one)
    assert set(kinds(taken)) == {Kind.TOO_FREQUENT}


def test_a_configured_cap_is_compared_with_the_days_acceptances(make_teller, taken):
    asked = []

    def successes(tenant, since):
        asked.append((tenant, since.isoformat()))
        return 100

    make_teller(successes=successes, cap=100).tell(refused())
    assert asked == [("t", "2026-11-23T00:00:00+09:00")]
    assert kinds(taken) == [Kind.DAILY_CAP_SUSPECTED]


def test_a_busy_storage_is_told_again(make_teller, taken):
    busy = iter([StorageBusyError(), StorageBusyError()])

    def take(tenant, batch):
        for trouble in busy:
            raise trouble
        taken.append(batch)

    make_teller(take=take).tell(seen())
    assert len(taken) == 1


def test_everything_put_is_told_in_order():
    told = []
    backlog = Backlog(told.append, gap=lambda _tenant, _at: None)
    moments = [seen(n) for n in range(50)]
    for one in moments:
        backlog.put(one)
    backlog.close()
    assert told == moments


def test_what_cannot_be_told_is_a_gap_and_the_next_is_told():
    told, gaps = [], []

    def tell(one):
        if one.at == AT:
            raise OSError("disk full")
        told.append(one)

    backlog = Backlog(tell, gap=lambda tenant, at: gaps.append((tenant, at)))
    backlog.put(seen(0))
    backlog.put(seen(1))
    backlog.close()
    assert (gaps, len(told)) == ([("t", AT)], 1)


def test_a_full_queue_makes_a_gap_and_never_waits():
    free, gaps = threading.Event(), []
    backlog = Backlog(lambda _one: free.wait(5), lambda _tenant, at: gaps.append(at), longest=1)
    for second in range(5):
        backlog.put(seen(second))
    free.set()
    backlog.close()
    assert gaps[-1] == AT + timedelta(seconds=4)


def test_a_gap_that_cannot_be_told_stops_nothing():
    told = threading.Event()

    def broken(*_):
        raise OSError

    def tell(one):
        if one.status == 201:
            broken()
        told.set()

    backlog = Backlog(tell, gap=broken)
    backlog.put(seen())
    backlog.put(refused())
    assert told.wait(5)
    backlog.close()
