"""Reading the lists on a schedule: history stays history, trouble is said."""

from datetime import timedelta

import pytest

from handlers import polls
from handlers.ports import ListPage, VendorError
from storage.failures import Failure, Kind, Medium, SetAside, Source
from storage.lists import ListName
from storage.views import CaseQuery


def as_failure(entry, connected_at, _read_at):
    return Failure(
        source=Source.SENDGRID_LISTS,
        source_id=f"{entry.name}/{entry.address}/{entry.created}",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=entry.address,
        occurred_at=entry.created,
        history=entry.created < connected_at,
    )


@pytest.fixture
def connected(house):
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    return house


def cases(house, **more):
    return [one.recipient for one in house.store.cases(house.tenant, CaseQuery(**more))]


def test_the_lists_are_due_at_once_and_then_after_the_pause(connected, clock):
    assert polls.due(connected)
    polls.poll(connected, as_failure)
    assert not polls.due(connected)
    clock.turn(seconds=300)
    assert polls.due(connected)


def test_what_was_listed_before_is_history_and_no_news(connected, clock, lists):
    lists.put(ListName.BOUNCES, "old@example.jp", clock.now() - timedelta(days=30))
    polls.poll(connected, as_failure)
    assert cases(connected) == []
    assert cases(connected, fresh=False) == ["old@example.jp"]


def test_what_is_listed_later_is_news(connected, clock, lists):
    polls.poll(connected, as_failure)
    clock.turn(minutes=5)
    lists.put(ListName.BOUNCES, "new@example.jp", clock.now())
    clock.turn(minutes=5)
    polls.poll(connected, as_failure)
    assert cases(connected) == ["new@example.jp"]


def test_a_walk_twice_over_the_same_entries_tells_one_failure(connected, clock, lists):
    lists.put(ListName.BOUNCES, "a@example.jp", clock.now())
    for _ in range(2):
        clock.turn(minutes=5)
        polls.poll(connected, as_failure)
    case = connected.store.case(connected.tenant, Medium.EMAIL, "a@example.jp")
    assert case.times_seen == 1


def test_the_event_and_the_list_tell_one_case(connected, clock, lists, told):
    lists.put(ListName.BOUNCES, "taro@example.jp", clock.now())
    told.failure(Kind.HARD_BOUNCE, "taro@example.jp")
    clock.turn(minutes=5)
    polls.poll(connected, as_failure)
    case = connected.store.case(connected.tenant, Medium.EMAIL, "taro@example.jp")
    assert case.times_seen == 1


def test_our_copy_of_the_lists_carries_its_time(connected, clock, lists):
    lists.put(ListName.BOUNCES, "a@example.jp", clock.now())
    polls.poll(connected, as_failure)
    held = connected.store.membership(connected.tenant, "a@example.jp")
    assert held.on(ListName.BOUNCES)
    assert held.read_at == clock.now()


def test_trouble_keeps_the_old_mark_and_is_said(connected, clock, lists):
    polls.poll(connected, as_failure)
    read_to = clock.now()
    clock.turn(minutes=5)
    lists.trouble = VendorError("forbidden", permanent=True)
    assert not polls.poll(connected, as_failure)
    (coverage,) = connected.store.coverage(connected.tenant)
    assert (coverage.until, coverage.trouble) == (read_to, "forbidden")


@pytest.mark.parametrize(
    ("word", "told"),
    [("forbidden", "sendgrid_refused"), ("redirected", "sendgrid_redirected")],
)
def test_a_no_for_good_is_told_to_the_admins_once_a_day(connected, clock, lists, word, told):
    lists.trouble = VendorError(word, permanent=True)
    for _ in range(2):
        polls.poll(connected, as_failure)
        clock.turn(minutes=5)
    notices = connected.store.due_notices(connected.tenant, clock.now(), 9)
    assert [one.subject.partition("|")[0] for one in notices] == [told]


def test_after_the_trouble_nothing_of_the_gap_is_missed(connected, clock, lists):
    polls.poll(connected, as_failure)
    clock.turn(minutes=5)
    lists.put(ListName.BOUNCES, "gap@example.jp", clock.now())
    lists.trouble = VendorError("timeout")
    polls.poll(connected, as_failure)
    lists.trouble = None
    clock.turn(hours=2)
    polls.poll(connected, as_failure)
    assert cases(connected) == ["gap@example.jp"]


def test_without_sendgrid_nothing_is_polled(house):
    from dataclasses import replace

    assert not polls.due(replace(house, lists=None))


def test_a_walk_that_breaks_off_proves_nothing_of_who_was_not_met(connected, clock, lists):
    def pages(name, since, until):
        yield ListPage(entries=())
        raise VendorError("timeout")

    lists.pages = pages
    polls.poll(connected, as_failure)
    assert connected.store.membership(connected.tenant, "a@example.jp").read_at is None


def test_trouble_in_one_list_does_not_stop_the_others(connected, clock, lists):
    real = lists.pages
    lists.put(ListName.BLOCKS, "a@example.jp", clock.now())

    def pages(name, since, until):
        if name is ListName.BOUNCES:
            raise VendorError("missing_scope", permanent=True)
        return real(name, since, until)

    lists.pages = pages
    for _ in range(2):
        assert not polls.poll(connected, as_failure)
        clock.turn(minutes=5)
    assert cases(connected) == ["a@example.jp"]
    notices = connected.store.due_notices(connected.tenant, clock.now(), 9)
    assert [one.topic for one in notices] == ["alarm"]


def test_what_each_list_brought_is_told(connected, clock, lists):
    lists.put(ListName.BOUNCES, "a@example.jp", clock.now())
    told = []
    assert polls.poll(connected, as_failure, told.append)
    assert [one.name for one in told] == list(ListName)
    assert [(one.read, one.new) for one in told if one.read] == [(1, 1)]
    polls.poll(connected, as_failure, told.clear() or told.append)
    assert [(one.read, one.new, one.trouble) for one in told if one.read] == [(1, 0, "")]


def test_a_list_that_could_not_be_read_is_told_with_its_trouble(connected, lists):
    lists.trouble = VendorError("http_500")
    told = []
    assert not polls.poll(connected, as_failure, told.append)
    assert {one.trouble for one in told} == {"http_500"}


def test_an_element_that_names_nobody_is_put_into_quarantine_once(connected, clock, lists):
    odd = SetAside(source=Source.SENDGRID_LISTS, body=b"{}", reason="email: missing")
    lists.pages = lambda name, since, until: [ListPage(entries=(), odd=(odd,))]
    for _ in range(2):
        polls.poll(connected, as_failure)
    assert connected.store.quarantine_filled(connected.tenant).count == 1
