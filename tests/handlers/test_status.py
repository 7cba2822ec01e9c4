"""The state as values, and as both chats say it."""

from datetime import datetime

import pytest

from handlers.intake import record
from handlers.show.reader import Reader
from handlers.show.status import message
from handlers.status import status
from storage.coverage import Coverage
from storage.failures import Batch, SetAside, Source
from storage.quarantine import MOST
from tests.fakes import TOKYO
from tests.handlers.conftest import DIGEST, text_of

EVENTS, LISTS = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS


def shown(house, locale="en"):
    return text_of(message(status(house), Reader(locale=locale, zone=TOKYO, now=house.now())))


def aside(house, *bodies, source=EVENTS):
    strange = tuple(SetAside(source=source, body=body, reason="odd") for body in bodies)
    record(house, Batch(set_aside=strange))


def test_sources_stand_in_the_order_of_the_glossary(house):
    for source in (Source.HOST_PUSH, LISTS, EVENTS):
        house.store.cover(house.tenant, Coverage(source=source, since=house.now()))
        aside(house, b"?", source=source)
    state = status(house)
    assert [one.source for one in state.coverage.states] == [EVENTS, LISTS, Source.HOST_PUSH]
    assert [one.source for one in state.tallies] == [EVENTS, LISTS, Source.HOST_PUSH]


def test_every_channel_has_its_next_digest(house, with_policy):
    changed = with_policy(digest_channels=(DIGEST, "slack:COTHER"))
    first, second = status(changed).digests
    assert (first.channel, second.channel) == (DIGEST, "slack:COTHER")
    tomorrow = datetime(2026, 11, 21, 9, tzinfo=TOKYO)
    assert (first.following, first.covered_until) == (tomorrow, None)
    assert "Next digest" in shown(changed)


def test_before_the_hour_the_next_digest_is_todays(house, clock):
    clock.turn(hours=-2)
    [one] = status(house).digests
    assert one.following == datetime(2026, 11, 20, 9, tzinfo=TOKYO)


def test_without_a_channel_there_is_no_digest(with_policy):
    assert "No channel is set" in shown(with_policy(digest_channels=()))


def test_the_quarantine_is_told_with_its_bound_and_its_oldest(house):
    assert "could not be read" not in shown(house)
    aside(house, b"a", b"b")
    assert "could not be read: 2 (of 10,000 at most, the oldest from" in shown(house)
    assert "上限 10,000件" in shown(house, "ja")


def test_what_was_lost_is_never_left_out(house):
    aside(house, *(b"%d" % n for n in range(MOST + 3)))
    state = status(house)
    assert (state.lost, state.filled.count) == (3, MOST)
    assert "Records lost because too many could not be read: 3" in shown(house)


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_what_was_taken_adds_up_before_the_reader(house, told, locale):
    told.failure()
    told.success()
    aside(house, b"a", b"a")
    record(house, Batch(source=EVENTS, ignored=2))
    text = shown(house, locale)
    expected = {"ja": "6件を受け付け(新しいもの 2、知っていたもの 1、保管中 1、数えないもの 2)"}
    expected["en"] = "6 records taken so far (2 new, 1 known already, 1 set aside, 2 not counted)"
    assert expected[locale] in text


def test_what_the_answers_stand_on_is_named(house):
    state = status(house)
    assert state.rules == house.rules.version
    assert f"Rules {state.rules}, storage {state.health.schema}" in shown(house)


def test_requests_and_doubtful_messages_are_counted(house):
    state = status(house)
    assert (state.under_way, state.unsure, state.at) == (0, 0, house.now())
    assert state.health.size > 0
    assert state.filled.oldest is None
