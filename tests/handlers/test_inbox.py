"""Posts of a burst: read at once by whoever may, else kept first and read after, once."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Lock

import pytest

from handlers import desk, inbox, intake, tasks
from handlers.conversation import Command
from handlers.intake import heard
from handlers.ports import AccountNews, Telling
from storage.failures import Batch, Failure, Kind, Medium, SetAside, Source, Success
from storage.quarantine import Tally
from storage.store import StorageBusyError
from storage.verbs import inbox as stored
from tests.handlers.conftest import ADMIN, text_of

EVENTS = Source.SENDGRID_EVENTS


def telling(aside, now, rules):
    """A post is an array of addresses; `boom` is what our own reading breaks on."""
    told = json.loads(aside.body)
    assert "boom" not in told
    failures = tuple(
        Failure(
            source=EVENTS,
            source_id=one,
            medium=Medium.EMAIL,
            kind=Kind.HARD_BOUNCE,
            recipient=one,
            occurred_at=now - timedelta(minutes=1),
        )
        for one in told
        if "@" in one
    )
    odd = tuple(
        SetAside(source=EVENTS, body=one.encode(), reason="odd") for one in told if one == "odd"
    )
    news = (AccountNews(alarm="account_banned", word="-", at=now),) if "ban" in told else ()
    ignored = len(told) - len(failures) - len(odd)
    return Telling(
        batch=Batch(failures=failures, set_aside=odd, source=EVENTS, ignored=ignored), news=news
    )


@pytest.fixture
def house(house):
    return replace(house, vocabulary=replace(house.vocabulary, read_again={EVENTS: telling}))


def take_in(house, *told):
    body = json.dumps(told).encode()
    aside = SetAside(source=EVENTS, body=body, reason="", whole=True)
    return inbox.take_in(house, EVENTS, body, partial(telling, aside, house.now(), house.rules))


@pytest.fixture
def during(house):
    """`during(post, …)`: what arrives while another post is being read."""

    def arrive(*posts):
        with house.reading:
            return [take_in(house, *post) for post in posts]

    return arrive


def cases(house, *addresses):
    found = [house.store.case(house.tenant, Medium.EMAIL, one) for one in addresses]
    return [one and one.times_seen for one in found]


def test_who_comes_alone_is_read_at_once(house):
    told, recorded = take_in(house, "a@example.jp", "odd")
    assert (told.batch.elements, recorded.new, recorded.set_aside) == (2, 1, 1)
    assert not inbox.waits(house)
    assert not house.reading.locked()


def test_who_comes_while_one_is_read_is_kept_and_read_after_it(house, during):
    woken = []
    house = replace(house, wake=lambda: woken.append(1))
    with house.reading:
        assert take_in(house, "a@example.jp", "b@example.jp") is None
    assert woken
    assert cases(house, "a@example.jp") == [None]
    assert [one.key for one in tasks.due(house, ())].count("inbox") == 1
    inbox.read(house)
    assert cases(house, "a@example.jp", "b@example.jp") == [1, 1]
    assert not inbox.waits(house)
    assert "inbox" not in [one.key for one in tasks.due(house, ())]


def test_several_posts_end_in_one_write_and_every_element_counts(house, during):
    during(["a@example.jp", "odd"], ["b@example.jp", "click"], ["a@example.jp", "ban"])
    inbox.read(house)
    [tally] = house.store.tallies(house.tenant)
    assert tally == Tally(source=EVENTS, elements=6, new=2, repeated=1, set_aside=1, ignored=2)
    assert any("account_banned" in one.topic + one.subject for one in _notices(house))


def _notices(house):
    return house.store.due_notices(house.tenant, house.now(), 99)


def test_what_waits_and_is_told_again_counts_once(house, during):
    during(["a@example.jp"], ["a@example.jp"])
    take_in(house, "a@example.jp")
    inbox.read(house)
    assert cases(house, "a@example.jp") == [1]


def test_the_source_has_been_heard_when_its_post_is_read(house, during):
    during(["a@example.jp"])
    assert house.store.coverage(house.tenant) == []
    inbox.read(house)
    [heard] = house.store.coverage(house.tenant)
    assert (heard.source, heard.until) == (EVENTS, house.now())


def test_what_was_read_late_is_no_sign_of_life_since_it_came(house, during, clock):
    came = house.now()
    during(["a@example.jp"])
    clock.turn(hours=7)
    inbox.read(house)
    assert [one.until for one in house.store.coverage(house.tenant)] == [came]
    later = house.now()
    take_in(house, "b@example.jp")
    heard(house, EVENTS)
    during(["c@example.jp"])
    inbox.read(house)
    assert [one.until for one in house.store.coverage(house.tenant)] == [later]


def test_a_post_on_which_our_reading_breaks_stops_none_behind_it(house, during):
    during(["boom"], ["a@example.jp"])
    inbox.read(house)
    assert cases(house, "a@example.jp") == [1]
    [aside] = house.store.quarantined(house.tenant, 0, 9)
    assert (aside.body, aside.whole) == (b'["boom"]', True)
    assert "AssertionError, a fault of ours" in aside.reason


def test_busy_storage_leaves_it_where_it_is(house, during, monkeypatch):
    during(["a@example.jp"])

    def busy(*_):
        raise StorageBusyError("busy")

    with monkeypatch.context() as patched:
        patched.setattr(house.store, "record", busy)
        with pytest.raises(StorageBusyError):
            inbox.read(house)
    assert not house.reading.locked()
    inbox.read(house)
    assert cases(house, "a@example.jp") == [1]


def test_a_full_inbox_makes_the_sender_wait_for_its_turn(house, during, monkeypatch):
    monkeypatch.setattr(stored, "MOST", 1)
    monkeypatch.setattr(inbox, "_PATIENCE_SECONDS", 0.05)
    assert during(["a@example.jp"]) == [None]
    with pytest.raises(StorageBusyError, match="taking too long"):
        during(["b@example.jp"])
    _, recorded = take_in(house, "b@example.jp")
    assert recorded.new == 1


def test_one_turn_has_an_end_and_the_next_goes_on(house, during, monkeypatch):
    monkeypatch.setattr(inbox, "_AT_A_TIME", 1)
    monkeypatch.setattr(inbox, "_AT_A_TURN", 2)
    during(*([f"{n}@example.jp"] for n in range(5)))
    left = []
    while inbox.waits(house):
        inbox.read(house)
        left.append(house.store.inbox(house.tenant).count)
    assert left == [3, 1, 0]


def test_a_write_is_no_larger_than_it_must_be(house, during, monkeypatch):
    monkeypatch.setattr(inbox, "_ENOUGH", 2)
    during(*([f"{n}@example.jp"] for n in range(5)))
    batches = recorded_by(house, monkeypatch)
    inbox.read(house)
    assert [len(one.failures) for one in batches if one.failures] == [2, 2, 1]


def recorded_by(house, monkeypatch, meanwhile=lambda many: None):
    """The batches in the order of their writes; `meanwhile` happens before each."""
    batches, record = [], house.store.record

    def heard_of(tenant, batch, now):
        meanwhile(len(batches))
        batches.append(batch)
        return record(tenant, batch, now)

    monkeypatch.setattr(house.store, "record", heard_of)
    return batches


@pytest.mark.parametrize(
    ("addresses", "portions"),
    [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])],
)
def test_a_large_post_keeps_nobody_from_writing_for_long(
    house, during, monkeypatch, addresses, portions
):
    monkeypatch.setattr(inbox, "_PORTION", 2)
    many = [f"{n}@example.jp" for n in range(addresses)]
    during(["odd", "click", *many, "ban"])
    batches = recorded_by(house, monkeypatch)
    inbox.read(house)
    assert [len(one.failures) for one in batches if one.failures] == portions
    *_, aside, last = batches
    assert (len(aside.set_aside), last.elements) == (1, 2)
    # It leaves the inbox with the last one.
    assert [one.more for one in batches] == [*([True] * (len(batches) - 1)), False]
    assert {len(one.posts) for one in batches} == {1}
    assert cases(house, *many) == [1] * addresses
    [tally] = house.store.tallies(house.tenant)
    assert tally == Tally(
        source=EVENTS, elements=addresses + 3, new=addresses, set_aside=1, ignored=2
    )
    assert len([one for one in _notices(house) if "banned" in one.topic + one.subject]) == 1


def test_stopped_between_two_portions_it_is_read_again_and_counts_once(house, during, monkeypatch):
    monkeypatch.setattr(inbox, "_PORTION", 2)
    many = [f"{n}@example.jp" for n in range(5)]
    during([*many, "odd"])

    def stop(many):
        if many == 1:
            raise StorageBusyError("busy")

    with monkeypatch.context() as patched:
        recorded_by(house, patched, stop)
        with pytest.raises(StorageBusyError):
            inbox.read(house)
    assert cases(house, *many) == [1, 1, None, None, None]
    assert inbox.waits(house)
    inbox.read(house)
    assert cases(house, *many) == [1] * 5
    [tally] = house.store.tallies(house.tenant)
    assert tally == Tally(source=EVENTS, elements=8, new=5, repeated=2, set_aside=1)


def mixed(aside, now, rules):
    """Three failures for one cause, and seven deliveries."""
    failures = tuple(
        Failure(
            source=EVENTS,
            source_id=f"f{n}",
            medium=Medium.EMAIL,
            kind=Kind.SOFT_BOUNCE,
            recipient=f"f{n}@{n}.example",
            occurred_at=now,
        )
        for n in range(3)
    )
    successes = tuple(
        Success(
            source=EVENTS,
            source_id=f"s{n}",
            medium=Medium.EMAIL,
            recipient=f"s{n}@example.jp",
            occurred_at=now,
        )
        for n in range(7)
    )
    return Telling(batch=Batch(failures=failures, successes=successes, source=EVENTS))


def test_deliveries_are_stored_before_what_failed(house, during, monkeypatch):
    """Or whoever looks between two portions finds that nearly all mail fails."""
    monkeypatch.setattr(inbox, "_PORTION", 2)
    monkeypatch.setattr(inbox, "_DELIVERIES", 2)
    house = replace(house, vocabulary=replace(house.vocabulary, read_again={EVENTS: mixed}))
    during([])
    batches = recorded_by(house, monkeypatch)
    inbox.read(house)
    sizes = [(len(one.successes), len(one.failures)) for one in batches]
    assert sizes == [(4, 0), (3, 0), (0, 2), (0, 1), (0, 0)]


@pytest.mark.parametrize("fault", [StorageBusyError("busy"), KeyboardInterrupt()])
def test_stopped_before_its_alarm_it_is_read_again_and_alarms(house, during, monkeypatch, fault):
    during(["a@example.jp", "ban"])

    def stop(*_):
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(house.store, "notify", stop)
        with pytest.raises(type(fault)):
            inbox.read(house)
    assert cases(house, "a@example.jp") == [1]
    assert inbox.waits(house)
    inbox.read(house)
    assert [one for one in _notices(house) if "account_banned" in one.topic + one.subject]
    assert cases(house, "a@example.jp") == [1]
    [tally] = house.store.tallies(house.tenant)
    assert tally == Tally(source=EVENTS, elements=3, new=1, repeated=1, ignored=1)


def test_verdicts_are_given_on_the_whole_of_what_was_told(house, during, monkeypatch):
    monkeypatch.setattr(inbox, "_PORTION", 2)
    seen = []
    monkeypatch.setattr(intake, "watch", lambda _, batch: seen.append(batch.elements))
    during([f"{n}@example.jp" for n in range(5)], ["a@example.jp"])
    inbox.read(house)
    assert seen == [6]


def test_a_post_that_cannot_be_stored_stops_none_behind_it(house, during, monkeypatch):
    during(["a@example.jp"], ["b@example.jp"], ["c@example.jp"])
    record = house.store.record

    def breaks(tenant, batch, now):
        assert "b@example.jp" not in [one.recipient for one in batch.failures]
        return record(tenant, batch, now)

    monkeypatch.setattr(house.store, "record", breaks)
    inbox.read(house)
    assert cases(house, "a@example.jp", "b@example.jp", "c@example.jp") == [1, None, 1]
    assert not inbox.waits(house)
    [aside] = house.store.quarantined(house.tenant, 0, 9)
    assert (aside.body, aside.whole) == (b'["b@example.jp"]', True)
    assert "storing it failed with AssertionError, a fault of ours" in aside.reason


def test_who_posts_between_two_portions_is_kept_by_then(house, during, monkeypatch):
    monkeypatch.setattr(inbox, "_PORTION", 2)
    during([f"{n}@example.jp" for n in range(4)])
    counts = []

    def meanwhile(many):
        if many == 1:
            assert take_in(house, "late@example.jp") is None
        counts.append(house.store.inbox(house.tenant).count)

    recorded_by(house, monkeypatch, meanwhile)
    inbox.read(house)
    assert counts == [1, 2, 2, 1, 1]
    assert cases(house, "late@example.jp") == [1]


def test_two_houses_read_apart(house):
    other = replace(house, reading=Lock())
    with other.reading:
        assert take_in(house, "a@example.jp") is not None


@pytest.mark.parametrize(("asked", "first"), [("today", "groups"), ("who a@example.jp", "case")])
def test_what_is_read_while_an_answer_is_made_is_in_it_or_said_to_wait(
    house, during, clock, monkeypatch, asked, first
):
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    heard(house, EVENTS)
    clock.turn(minutes=30)
    during(["a@example.jp"])
    clock.turn(minutes=1)
    ask, readings = getattr(house.store, first), []

    def slow(*told, **more):
        found = ask(*told, **more)
        if not readings:
            readings.append(inbox.read(house))
        return found

    monkeypatch.setattr(house.store, first, slow)
    told = Command(person=ADMIN, text=asked, place=ADMIN, reply_to=ADMIN, shared=False)
    said = text_of(desk.command(house, told))
    assert readings
    assert "1 post received since" in said or "a@example.jp: " in said
    assert "checked up to Fri 20 Nov 10:31" not in said
