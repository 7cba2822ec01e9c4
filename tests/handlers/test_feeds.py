"""Reading the host's feed: nothing lost, nothing twice, nothing for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import feeds
from handlers.coverage import lately
from handlers.ports import FeedPage, VendorError
from handlers.show.coverage import status_text
from handlers.show.reader import Reader
from storage.failures import Batch, Failure, Kind, Medium, SetAside, Source, Success
from storage.people import Person
from storage.spans import Span
from storage.store import StorageBusyError
from storage.views import CaseQuery
from tests.fakes import FakeFeed


@pytest.fixture
def feed():
    return FakeFeed()


@pytest.fixture
def asking(house, feed):
    return replace(house, feed=feed)


def failure(house, name="a", **more):
    return Failure(
        source=Source.HOST_FEED,
        source_id=name,
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=f"{name}@example.jp",
        occurred_at=more.pop("at", house.now()),
        reference=name,
        **more,
    )


def page(cursor, *failures, **more):
    batch = Batch(failures=failures, set_aside=more.pop("set_aside", ()))
    lines = len(failures) + len(batch.set_aside)
    return FeedPage(batch=batch, people=(), cursor=cursor, lines=more.pop("lines", lines))


def cases(house, **more):
    return sorted(one.recipient[0] for one in house.store.cases(house.tenant, CaseQuery(**more)))


def coverage(house):
    [one] = [c for c in house.store.coverage(house.tenant) if c.source is Source.HOST_FEED]
    return one


def test_without_a_feed_nothing_is_due(house):
    assert not feeds.due(house)


def test_page_after_page_is_read_until_nothing_is_new(asking, feed):
    feed.pages = {"": page("1", failure(asking)), "1": page("2", failure(asking, "b"))}
    assert feeds.due(asking)
    assert feeds.read(asking)
    assert feed.asked == ["", "1", "2"]
    assert cases(asking) == ["a", "b"]
    assert not feeds.due(asking)


def test_it_goes_on_a_minute_later_from_where_it_was(asking, feed, clock):
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    clock.turn(seconds=60)
    assert feeds.due(asking)
    feeds.read(asking)
    assert feed.asked == ["", "1", "1"]


def test_a_cursor_may_move_without_a_line(asking, feed):
    feed.pages = {"": page("7")}
    feeds.read(asking)
    feeds.read(asking)
    assert feed.asked == ["", "7"]


def test_coverage_says_up_to_when_the_host_was_asked(asking, feed, clock):
    began = clock.now()
    feeds.read(asking)
    clock.turn(minutes=5)
    feeds.read(asking)
    assert (coverage(asking).since, coverage(asking).until) == (began, clock.now())


def test_the_cursor_stays_where_it_is_when_its_page_is_not_stored(asking, feed):
    feed.pages = {"": page("1", failure(asking))}

    class Busy:
        def record(self, *_):
            raise StorageBusyError

        def __getattr__(self, name):
            return getattr(asking.store, name)

    with pytest.raises(StorageBusyError):
        feeds.read(replace(asking, store=Busy()))
    assert feeds.due(asking)
    feeds.read(asking)
    assert feed.asked == ["", "", "1"]
    assert cases(asking) == ["a"]


def test_a_page_that_comes_twice_is_repetitions(asking, feed):
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    asking.store.put_fact(asking.tenant, f"feed_cursor:{feed.id}", "")
    feeds.read(asking)
    assert asking.store.case(asking.tenant, Medium.EMAIL, "a@example.jp").times_seen == 1


def test_what_a_push_told_too_is_one_case(asking, feed, told):
    told.failure(Kind.HARD_BOUNCE, "a@example.jp", source=Source.HOST_PUSH, reference="a")
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    assert asking.store.case(asking.tenant, Medium.EMAIL, "a@example.jp").times_seen == 1


def test_what_happened_before_the_feed_was_first_read_is_history(asking, feed, clock):
    old = failure(asking, "o", at=clock.now() - timedelta(days=9))
    arrived = Success(
        source=Source.HOST_FEED,
        source_id="s",
        medium=Medium.EMAIL,
        recipient="p@example.jp",
        occurred_at=old.occurred_at,
    )
    first = replace(page("1", old), batch=Batch(failures=(old,), successes=(arrived,)))
    feed.pages = {"": first}
    feeds.read(asking)
    clock.turn(minutes=5)
    feed.pages["1"] = page("2", failure(asking, "n"))
    feeds.read(asking)
    assert (cases(asking), cases(asking, fresh=False)) == (["n"], ["n", "o"])
    day = asking.store.totals(asking.tenant, old.occurred_at, clock.now())
    assert day[Medium.EMAIL].delivered == 0


def test_people_and_broken_lines_are_kept_too(asking, feed):
    odd = SetAside(source=Source.HOST_FEED, body=b"{", reason="no JSON")
    person = Person(id="u", name="山田", email="a@example.jp")
    feed.pages = {"": replace(page("1", set_aside=(odd,)), people=(person,), lines=2)}
    feeds.read(asking)
    assert asking.store.person_of(asking.tenant, Medium.EMAIL, "a@example.jp") == person
    [kept] = asking.store.quarantined(asking.tenant, 0, 9)
    assert kept.body == b"{"


@pytest.mark.parametrize("turns", [("",), ("1", ""), ("1", "2", "1")])
def test_a_feed_that_goes_in_circles_is_noticed(asking, feed, turns):
    cursors = ["", *turns]
    for number, (here, there) in enumerate(zip(cursors, turns, strict=False)):
        feed.pages[here] = page(there, failure(asking, "abc"[number]))
    assert not feeds.read(asking)
    assert len(feed.asked) == len(turns)
    assert len(cases(asking)) == len(turns)
    assert coverage(asking).trouble == "stuck"
    assert [one.topic for one in asking.store.due_notices(asking.tenant, asking.now(), 9)] == [
        "alarm"
    ]


def test_a_feed_without_an_end_gives_the_others_their_turn(asking, feed):
    feed.endless = lambda number: page(str(number), failure(asking))
    assert feeds.read(asking)
    assert len(feed.asked) == 100
    assert coverage(asking).until is None
    assert feeds.due(asking)


@pytest.mark.parametrize(
    ("error", "minutes", "alarms"),
    [
        (VendorError("http_500", unanswered=True), 1, 0),
        (VendorError("too_many_requests", retry_after=180), 3, 0),
        (VendorError("token_refused", permanent=True), 10, 1),
    ],
)
def test_trouble_is_said_and_tried_again_in_time(asking, feed, clock, error, minutes, alarms):
    feeds.read(asking)
    read_to = clock.now()
    clock.turn(minutes=5)
    feed.trouble = error
    assert not feeds.read(asking)
    assert not feeds.read(asking)
    assert (coverage(asking).until, coverage(asking).trouble) == (read_to, error.word)
    assert len(asking.store.due_notices(asking.tenant, clock.now(), 9)) == alarms
    clock.turn(minutes=minutes, seconds=-1)
    assert not feeds.due(asking)
    clock.turn(seconds=1)
    assert feeds.due(asking)
    feed.trouble = None
    assert feeds.read(asking)
    assert coverage(asking).trouble == ""


def test_a_cursor_that_the_host_forgot_is_forgotten_here_too(asking, feed, clock):
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    feed.trouble = VendorError(feeds.CURSOR_GONE, permanent=True)
    assert not feeds.read(asking)
    feed.trouble = None
    clock.turn(minutes=1)
    assert feeds.read(asking)
    assert feed.asked == ["", "1", "1", "", "1"]
    assert asking.store.due_notices(asking.tenant, clock.now(), 9) == []


def test_a_feed_that_is_gone_from_the_start_is_told(asking, feed):
    feed.trouble = VendorError(feeds.CURSOR_GONE, permanent=True)
    assert not feeds.read(asking)
    assert len(asking.store.due_notices(asking.tenant, asking.now(), 9)) == 1


def test_another_feed_begins_at_its_own_start(asking, feed):
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    other = FakeFeed(id="other")
    feeds.read(replace(asking, feed=other))
    assert other.asked == [""]


def read_twice(asking, feed, clock, *, held_from):
    """Five minutes apart; in between the host forgot the cursor, and holds what is newer."""
    feed.pages = {"": page("1", failure(asking))}
    feeds.read(asking)
    clock.turn(minutes=1)
    feeds.read(asking)
    clock.turn(minutes=4)
    feed.trouble = VendorError(feeds.CURSOR_GONE, permanent=True)
    feeds.read(asking)
    feed.trouble = None
    clock.turn(minutes=5)
    lines = [failure(asking, "b", at=clock.now() - held_from)] if held_from else []
    feed.pages = {"": page("9", *lines)}
    feeds.read(asking)
    clock.turn(minutes=5)
    feeds.read(asking)


def reader_of(house):
    return Reader(locale="ja", zone=house.zone, now=house.now())


def gaps(house):
    return [(one.source, one.span) for one in lately(house).gaps]


def test_what_is_read_is_one_stretch_however_long_we_were_down(asking, feed, clock):
    feeds.read(asking)
    clock.turn(hours=9)
    feeds.read(asking)
    [stretch] = asking.store.stretches(asking.tenant, clock.now() - timedelta(days=1), clock.now())
    assert (stretch.since, stretch.until) == (clock.now() - timedelta(hours=9), clock.now())
    assert gaps(asking) == []


def test_a_host_that_still_holds_the_time_leaves_no_gap(asking, feed, clock):
    read_twice(asking, feed, clock, held_from=timedelta(minutes=11))
    assert gaps(asking) == []


@pytest.mark.parametrize("held_from", [timedelta(minutes=3), None])
def test_what_a_host_does_not_hold_any_more_is_a_gap(asking, feed, clock, held_from):
    ended = clock.now() + timedelta(minutes=1)
    read_twice(asking, feed, clock, held_from=held_from)
    until = ended + timedelta(minutes=9) - (held_from or timedelta(0))
    assert gaps(asking) == [(Source.HOST_FEED, Span(ended, until))]
    told = status_text(lately(asking), reader_of(asking))
    assert "取得先に残っておらず" in told
    assert "停止していた" not in told


def test_between_two_feeds_lies_a_gap_unless_the_second_reaches_back(asking, feed, clock):
    feeds.read(asking)
    clock.turn(minutes=1)
    feeds.read(asking)
    ended, other = clock.now(), replace(asking, feed=FakeFeed(id="other"))
    for _ in range(2):
        clock.turn(minutes=5)
        feeds.read(other)
    assert gaps(asking) == [(Source.HOST_FEED, Span(ended, ended + timedelta(minutes=5)))]
