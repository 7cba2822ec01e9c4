"""The judge of the crash run sees what it is there to see, whatever the store."""

from datetime import UTC, datetime, timedelta

import pytest

from crash.burst import PUSH, RELAY, WEBHOOK, Burst, Post, again
from crash.house import TENANT
from crash.judge import Judge
from storage.coverage import Coverage
from storage.failures import Batch, Source
from storage.opening import open_store
from tests.storage.examples import bounce, delivery, refusal

NOW = datetime.now(UTC).replace(microsecond=0)
STARTED = NOW - timedelta(minutes=1)
TARO = "taro@example.jp"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'judged.db'}"
        return
    server = request.getfixturevalue("postgres")
    fresh = server.database()
    yield fresh
    server.drop(fresh)


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()


def post(*references, path=WEBHOOK, answered=True, delivered=0):
    told = [(TARO, one) for one in references]
    return Post(path=path, events=[], told=told, answered=answered, delivered=delivered)


def stored(store, *references, make=bounce, **more):
    told = [
        make(source_id=f"{at}", reference=one, occurred_at=NOW, recipient=TARO, **more)
        for at, one in enumerate(references)
    ]
    store.record(TENANT, Batch(failures=tuple(told)), NOW)


@pytest.fixture
def judged(url):
    def after(*posts, **more):
        judge = Judge(url)
        judge.after(Burst(posts=list(posts), **more), STARTED)
        return judge

    return after


def counts(judge):
    found = judge.verdict
    return found.losses, found.doubles, found.halves, found.lies


def test_what_was_answered_and_is_stored_once_is_fine(store, judged):
    stored(store, "a", "b")
    judge = judged(post("a", "b"), post("c", answered=False))
    assert judge.verdict.fine()
    assert judge.verdict.answered == 1


@pytest.mark.parametrize("path", [WEBHOOK, PUSH])
def test_what_was_answered_and_is_not_there_is_a_loss(store, judged, path):
    stored(store, "a")
    judge = judged(post("a", "b", path=path))
    assert counts(judge) == (1, 0, 0, 0)
    assert not judge.verdict.fine()


def test_what_is_there_twice_is_a_double(store, judged):
    stored(store, "a", "a")
    assert counts(judged(post("a", answered=False))) == (0, 1, 0, 0)


def test_a_post_that_is_half_there_is_told(store, judged):
    stored(store, "a")
    assert counts(judged(post("a", "b", answered=False))) == (0, 0, 1, 0)


def test_a_relayed_message_may_be_untold_but_not_told_twice(store, judged):
    message = post("m", path=f"{RELAY}/bots/7")
    judge = judged(message)
    assert (judge.verdict.relay_gaps, judge.verdict.fine()) == (1, True)
    assert judge.untold() == [message]
    stored(store, "m", "m", make=refusal)
    assert counts(judged(message)) == (0, 1, 0, 0)


@pytest.mark.parametrize(("since", "lies"), [(STARTED, 0), (STARTED - timedelta(seconds=1), 1)])
def test_nobody_may_claim_the_time_before_the_restart(store, judged, since, lies):
    store.cover(TENANT, Coverage(source=Source.SENDGRID_EVENTS, since=since, until=NOW))
    assert counts(judged()) == (0, 0, 0, lies)


@pytest.mark.parametrize("known", [True, False])
def test_a_list_that_was_read_has_all_its_entries(store, judged, known):
    store.cover(TENANT, Coverage(source=Source.SENDGRID_LISTS, since=STARTED, until=NOW))
    if known:
        stored(store, "a")
    later, before = int(NOW.timestamp()) + 5, int(NOW.timestamp()) - 5
    judge = judged(listed={TARO: before, "later@example.jp": later})
    assert counts(judge) == (0, 0, 0, 0 if known else 1)


def test_in_the_end_failures_and_deliveries_are_counted_exactly(store, judged):
    stored(store, "a")
    judge = judged(post("a", delivered=2))
    judge.at_the_end()
    assert counts(judge) == (1, 0, 0, 0)
    told = [delivery(source_id=f"{n}", occurred_at=NOW, recipient=f"{n}@x") for n in range(2)]
    store.record(TENANT, Batch(successes=tuple(told)), NOW)
    judge = judged(post("a", delivered=2))
    judge.at_the_end()
    assert judge.verdict.fine()
    judge = judged(post("a", delivered=1))
    judge.at_the_end()
    assert counts(judge) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    "burst", [{"stuck": 1}, {"refused": ["/failures 500 something went wrong"]}]
)
def test_a_stuck_or_refused_request_is_not_fine(store, judged, burst):
    assert not judged(**burst).verdict.fine()


def test_what_is_not_answered_even_by_a_living_bot_is_a_loss(store, judged):
    judge = judged()
    judge.repeated(Burst(posts=[post("a", answered=False)]))
    assert counts(judge) == (1, 0, 0, 0)


def test_a_repetition_has_other_event_ids_and_is_otherwise_the_same():
    event = {"email": TARO, "sg_event_id": "x"}
    first = Post(path=WEBHOOK, events=[event], told=[(TARO, "a")])
    second = again(first)
    assert second.events[0]["sg_event_id"] != "x"
    assert (second.told, second.events[0]["email"]) == (first.told, TARO)
