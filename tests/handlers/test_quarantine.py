"""Reading again what could not be understood: stored as new, gone from there, never twice."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import quarantine
from handlers.intake import record
from handlers.ports import AccountNews, Telling
from storage.failures import Batch, Failure, Kind, Medium, Recorded, SetAside, Source
from storage.people import Person
from storage.quarantine import LONGEST, Tally

EVENTS = Source.SENDGRID_EVENTS


def failure(house, recipient):
    return Failure(
        source=EVENTS,
        source_id=recipient,
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=recipient,
        occurred_at=house.now(),
    )


@pytest.fixture
def reading(house):
    """A house whose reader knows arrays of addresses, and an element that is one."""

    def read(aside, now, rules):
        told = json.loads(aside.body) if aside.body[:1] in b'["' else None
        if told is None:
            return Telling(batch=Batch(set_aside=(replace(aside, reason="still odd"),)))
        told = told if aside.whole else [told]
        known = [one for one in told if "@" in one]
        strange = [
            SetAside(source=EVENTS, body=one.encode(), reason="no address")
            for one in told
            if "@" not in one
        ]
        news = (AccountNews(alarm="account_banned", word="-", at=now),) if "ban@" in known else ()
        failures = tuple(failure(house, one) for one in known)
        return Telling(batch=Batch(failures=failures, set_aside=tuple(strange)), news=news)

    return replace(house, vocabulary=replace(house.vocabulary, read_again={EVENTS: read}))


def put(house, body, **more):
    aside = SetAside(source=more.pop("source", EVENTS), body=body, reason="odd", **more)
    record(house, Batch(set_aside=(aside,)))
    return list(quarantine.each(house))[-1]


def test_what_is_understood_now_is_stored_and_gone(reading):
    one = put(reading, b'"taro@example.jp"')
    done = quarantine.retry(reading, one)
    assert (done.recorded.new, done.reason) == (1, "")
    assert list(quarantine.each(reading)) == []
    assert reading.store.case(reading.tenant, Medium.EMAIL, "taro@example.jp")


def test_what_was_told_otherwise_meanwhile_is_known_already(reading):
    one = put(reading, b'"taro@example.jp"')
    record(reading, Batch(failures=(failure(reading, "taro@example.jp"),)))
    assert quarantine.retry(reading, one).recorded == Recorded(repeated=1)
    [tally] = reading.store.tallies(reading.tenant)
    assert tally == Tally(source=EVENTS, elements=2, new=1, repeated=1)


def test_two_who_read_it_at_once_store_it_once(reading):
    one = put(reading, b'"taro@example.jp"')
    assert quarantine.retry(reading, one).recorded.new == 1
    assert quarantine.retry(reading, one).recorded == Recorded()


def test_what_is_still_not_understood_stays_and_says_why(reading):
    one = put(reading, b"{")
    assert quarantine.retry(reading, one).reason == "still odd"
    assert list(quarantine.each(reading)) == [one]


def test_what_somebody_corrected_is_read_in_its_place(reading):
    one = put(reading, b"{")
    assert quarantine.retry(reading, one, b'"hanako@example.jp"').recorded.new == 1
    assert list(quarantine.each(reading)) == []


def test_a_whole_post_leaves_its_strange_elements_behind(reading):
    one = put(reading, b'["a@example.jp", "nobody", "b@example.jp"]', whole=True)
    recorded = quarantine.retry(reading, one).recorded
    assert (recorded.new, recorded.set_aside) == (2, 1)
    [left] = quarantine.each(reading)
    assert (left.body, left.whole) == (b"nobody", False)
    [tally] = reading.store.tallies(reading.tenant)
    assert tally == Tally(source=EVENTS, elements=3, new=2, set_aside=1)


def test_an_account_that_is_banned_alarms_also_when_it_is_read_late(reading):
    one = put(reading, b'"ban@"')
    quarantine.retry(reading, one)
    [notice] = reading.store.due_notices(reading.tenant, reading.now(), 9)
    assert notice.subject.startswith("account_banned|")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"body": b'"' + b"x" * LONGEST}, "its end was cut off; correct it by hand"),
        ({"body": b'"x@"', "source": Source.HOST_PUSH}, "nothing of this source is read again"),
    ],
)
def test_what_cannot_be_read_again_says_so(reading, told, reason):
    one = put(reading, **told)
    assert quarantine.retry(reading, one).reason == reason
    assert list(quarantine.each(reading)) == [one]


def test_all_of_many_pages_are_walked(reading):
    strange = [SetAside(source=EVENTS, body=b"%d" % n, reason="odd") for n in range(250)]
    record(reading, Batch(set_aside=tuple(strange)))
    assert [one.body for one in quarantine.each(reading)] == [one.body for one in strange]


def test_one_is_found_by_its_number_alone(reading):
    first, second = put(reading, b"1"), put(reading, b"2")
    assert quarantine.numbered(reading, first.number) == first
    quarantine.retry(reading, first, b'"a@example.jp"')
    assert quarantine.numbered(reading, first.number) is None
    assert quarantine.numbered(reading, second.number) == second
    assert quarantine.numbered(reading, 99) is None


@pytest.mark.parametrize("source", [Source.SENDGRID_LISTS, Source.SENDGRID_LOGS, Source.HOST_FEED])
@pytest.mark.parametrize(("days", "history"), [(1, False), (-1, True)])
def test_what_was_before_its_source_was_connected_is_history(house, clock, source, days, history):
    house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    at = house.now() + timedelta(days=days)

    def read(aside, now, rules):
        one = replace(failure(house, "taro@example.jp"), source=source, occurred_at=at)
        return Telling(batch=Batch(failures=(one,)))

    house = replace(house, vocabulary=replace(house.vocabulary, read_again={source: read}))
    one = put(house, b"{}", source=source)
    clock.turn(days=2)
    assert quarantine.retry(house, one).recorded.new == 1
    assert house.store.case(house.tenant, Medium.EMAIL, "taro@example.jp").history is history


def test_a_person_is_kept_as_one(house):
    person = Person(id="u", name="山田", email="taro@example.jp")

    def read(aside, now, rules):
        return Telling(batch=Batch(source=Source.HOST_FEED, ignored=1), people=(person,))

    house = replace(
        house, vocabulary=replace(house.vocabulary, read_again={Source.HOST_FEED: read})
    )
    one = put(house, b"{}", source=Source.HOST_FEED)
    assert quarantine.retry(house, one).reason == ""
    assert house.store.person_of(house.tenant, Medium.EMAIL, "taro@example.jp") == person
    assert house.store.tallies(house.tenant) == [
        Tally(source=Source.HOST_FEED, elements=1, ignored=1)
    ]
