"""A gap is read again where lists and logs can be asked, and what they tell is counted once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import digests, intake, mail_logs, polls, reconciling, tasks
from handlers.coverage import view
from handlers.ports import VendorError
from handlers.pulse import Pulse
from storage.failures import Kind, Medium, Source
from storage.lists import ListName
from tests.fakes import FakeLogs
from tests.handlers.conftest import DIGEST, text_of
from tests.handlers.test_polls import as_failure

EVENTS = Source.SENDGRID_EVENTS


def awake():
    """A wall that never goes on without us."""
    return 0.0


@pytest.fixture
def down(house, clock):
    """Up from 10:00 to 10:10, then down until 10:40; `down.house` has been started again."""
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    first = Pulse(house, [EVENTS], awake)
    intake.listen(house, EVENTS)
    polls.poll(house, as_failure)
    for _ in range(10):
        clock.turn(minutes=1)
        first.beat()
    clock.turn(minutes=30)
    second = Pulse(house, [EVENTS], awake)
    return replace(house, up=second.up)


def seen(house):
    return view(house, house.now() - timedelta(hours=5), house.now())


def only(house):
    (gap,) = seen(house).gaps
    return gap


def listed(house, lists, name, address, minutes):
    lists.put(name, address, house.now() - timedelta(minutes=minutes))


def test_the_time_of_being_down_is_a_gap_that_nobody_has_read_again(down):
    gap = only(down)
    assert gap.span.until - gap.span.since == timedelta(minutes=30)
    assert (gap.known, gap.found) == ((), None)


def test_the_next_walk_reads_it_and_counts_what_it_found(down, lists):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    listed(down, lists, ListName.BLOCKS, "b@example.jp", 10)
    listed(down, lists, ListName.BOUNCES, "outside@example.jp", 35)
    polls.poll(down, as_failure)
    gap = only(down)
    assert gap.found == 2
    assert gap.unknown == (Kind.DEFERRED, Kind.DROPPED)


def test_a_walk_that_found_nothing_says_so(down):
    polls.poll(down, as_failure)
    assert only(down).found == 0


def test_what_overlapping_walks_meet_again_is_counted_once(down, lists, clock):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 3)
    for _ in range(3):
        polls.poll(down, as_failure)
        clock.turn(minutes=5)
    assert only(down).found == 1


def test_what_appears_late_in_a_list_is_counted_too(down, lists, clock):
    polls.poll(down, as_failure)
    clock.turn(minutes=5)
    listed(down, lists, ListName.BOUNCES, "late@example.jp", 8)
    polls.poll(down, as_failure)
    assert only(down).found == 1


def test_what_the_events_told_after_all_is_not_counted_again(down, lists, told):
    at = down.now() - timedelta(minutes=20)
    told.failure(Kind.HARD_BOUNCE, "a@example.jp", at=at)
    lists.put(ListName.BOUNCES, "a@example.jp", at)
    polls.poll(down, as_failure)
    assert only(down).found == 0


def test_a_list_that_does_not_answer_is_read_again_by_the_next_walk(down, lists, clock):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    lists.trouble = VendorError("timeout")
    assert not polls.poll(down, as_failure)
    assert (only(down).known, only(down).found) == ((), None)
    lists.trouble = None
    clock.turn(minutes=5)
    polls.poll(down, as_failure)
    assert only(down).found == 1


def test_what_was_found_before_a_walk_broke_off_stays_counted(down, lists, clock):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    whole = lists.pages

    def breaking(name, since, until):
        yield from whole(name, since, until)
        raise VendorError("timeout")

    lists.pages = breaking
    polls.poll(down, as_failure)
    lists.pages = whole
    clock.turn(minutes=5)
    polls.poll(down, as_failure)
    assert only(down).found == 1


def test_a_gap_older_than_the_last_walk_is_walked_over_again(down, lists, clock):
    """As after a clock that was turned back: what it claimed is gone, the mark is not."""
    down.store.put_fact(down.tenant, f"read_to:{ListName.BOUNCES}", down.now().isoformat())
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 25)
    polls.poll(down, as_failure)
    assert only(down).found == 1


def post(house, clock):
    posting = digests.post(house, DIGEST)
    clock.turn(days=1)
    return posting


def told_by(chat, number):
    return text_of(chat.posts[number][1])


FOUND = "1 entry was found"


def test_a_digest_tells_once_what_was_found_in_a_gap(down, lists, clock, chat):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    post(down, clock)
    assert "has not been read again yet" in told_by(chat, 0)
    polls.poll(down, as_failure)
    clock.turn(minutes=2)
    post(down, clock)
    assert "About the time from Fri 20 Nov 10:10 to 10:40" in told_by(chat, 1)
    assert FOUND in told_by(chat, 1)
    post(down, clock)
    assert FOUND not in told_by(chat, 2)


def test_a_gap_mended_while_the_digest_is_written_is_told_by_the_next(
    down, lists, clock, chat, monkeypatch
):
    """The walk ends between the digest's `until` and its questions: no half, no double."""
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    asked = down.store.mendings

    def meanwhile(*words, **how):
        monkeypatch.setattr(down.store, "mendings", asked)
        polls.poll(down, as_failure)
        return asked(*words, **how)

    monkeypatch.setattr(down.store, "mendings", meanwhile)
    post(down, clock)
    post(down, clock)
    post(down, clock)
    assert [FOUND in told_by(chat, number) for number in range(3)] == [False, True, False]


def test_an_entry_of_the_second_in_which_the_gap_began_is_of_the_gap(house, clock, lists):
    clock.turn(seconds=0.7)
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    intake.listen(house, EVENTS)
    first = Pulse(house, [EVENTS], awake)
    clock.turn(minutes=1)
    first.beat()
    second = house.now().replace(microsecond=0)
    clock.turn(minutes=10)
    house = replace(house, up=Pulse(house, [EVENTS], awake).up)
    lists.put(ListName.BOUNCES, "a@example.jp", second)
    polls.poll(house, as_failure)
    assert only(house).found == 1
    assert house.store.case(house.tenant, Medium.EMAIL, "a@example.jp")


@pytest.fixture
def logs(down):
    """At hand when the house is started again; one mail is held up and one dropped meanwhile."""
    logs = FakeLogs()
    made = down.now() - timedelta(minutes=20)
    logs.put("m1", "slow@example.jp", made, Kind.DEFERRED)
    logs.put("m2", "never@example.jp", made, Kind.DROPPED)
    return logs


def test_a_start_has_the_logs_tell_of_a_gap_what_no_list_does(down, logs, clock):
    house = replace(down, logs=logs)
    tasks.take_up(house)
    clock.turn(minutes=30)
    assert mail_logs.due(house)
    assert mail_logs.read(house)
    assert only(house).found == 2
    assert not {Kind.DEFERRED, Kind.DROPPED} & set(only(house).unknown)
    polls.poll(house, as_failure)
    assert (only(house).found, only(house).closed) == (2, True)


def test_what_the_logs_have_not_settled_yet_stays_unknown(down, logs, clock):
    house = replace(down, logs=logs)
    tasks.take_up(house)
    clock.turn(minutes=29)
    assert mail_logs.read(house)
    assert only(house).known == ()


def test_logs_that_do_not_answer_claim_nothing_of_a_gap(down, logs, clock):
    house = replace(down, logs=logs)
    tasks.take_up(house)
    clock.turn(minutes=30)
    logs.trouble = VendorError("timeout")
    assert not mail_logs.read(house)
    assert (only(house).known, only(house).found) == ((), None)


def test_what_is_older_than_the_logs_are_kept_stays_unknown(down, logs, clock):
    house = replace(down, logs=logs)
    clock.turn(days=28)
    tasks.take_up(house)
    assert mail_logs.read(house)
    (gap,) = view(house, house.now() - timedelta(days=29), house.now()).gaps
    assert gap.known == ()


def test_a_bounce_that_list_and_logs_tell_of_is_counted_once(down, logs, lists, clock):
    house = replace(down, logs=logs)
    at = house.now() - timedelta(minutes=20)
    lists.put(ListName.BOUNCES, "a@example.jp", at)
    logs.put("m3", "a@example.jp", at, Kind.HARD_BOUNCE)
    tasks.take_up(house)
    polls.poll(house, as_failure)
    clock.turn(minutes=30)
    mail_logs.read(house)
    assert only(house).found == 3


def test_a_digest_of_a_later_reading_tells_what_the_first_had_found_too(
    down, logs, lists, clock, chat
):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    house = replace(down, logs=logs)
    tasks.take_up(house)
    polls.poll(house, as_failure)
    logs.messages.clear()
    post(house, clock)
    mail_logs.read(house)
    clock.turn(minutes=2)
    post(house, clock)
    assert FOUND in told_by(chat, 1)
    assert "Not known" not in told_by(chat, 1)
    post(house, clock)
    assert FOUND not in told_by(chat, 2)


def test_the_nightly_walk_counts_what_it_meets_first(down, lists, clock):
    listed(down, lists, ListName.BOUNCES, "a@example.jp", 20)
    clock.turn(hours=18)
    assert reconciling.due(down)
    reconciling.read(down, as_failure)
    polls.poll(down, as_failure)
    (gap,) = view(down, down.now() - timedelta(days=1), down.now()).gaps
    assert gap.found == 1
