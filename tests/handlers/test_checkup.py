"""What an operator is told to mend: every kind of trouble once, the gravest first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.checkup import Grade, findings
from handlers.coverage import State, View
from handlers.gaps import Gap
from handlers.show.checkup import PARTS, sentences, text
from handlers.show.reader import Reader
from handlers.status import DigestState, status
from storage.failures import Source
from storage.inbox import Inbox
from storage.quarantine import Filled, Tally
from storage.spans import Span
from tests.fakes import TOKYO

EVENTS, LISTS, FEED = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.HOST_FEED


@pytest.fixture
def sound(house):
    """A state without anything to mend."""
    now = house.now()
    states = tuple(State(source=one, since=now, last=now) for one in (EVENTS, LISTS, FEED))
    digest = DigestState(channel="slack:C", covered_until=now, following=now)
    state = status(house)
    health = replace(state.health, free=10 * 1024**3)
    return replace(state, coverage=View(states=states), digests=(digest,), health=health)


def covered(state, **more):
    [first, *rest] = state.coverage.states
    return replace(state, coverage=replace(state.coverage, states=(replace(first, **more), *rest)))


def about(state, source, **more):
    states = (*state.coverage.states, State(source=source, since=state.at, **more))
    return replace(state, coverage=replace(state.coverage, states=states))


def gap(state):
    return Gap(source=EVENTS, span=Span(state.at - HOUR, state.at))


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TROUBLES = {
    "no_source": lambda state: replace(state, coverage=View()),
    "down": lambda state: covered(state, down_since=state.at - HOUR),
    "trouble": lambda state: covered(state, trouble="missing_scope"),
    "redirected": lambda state: about(state, LISTS, last=state.at, trouble="redirected"),
    "not_read": lambda state: about(state, LISTS, last=state.at - 2 * HOUR),
    "never_heard": lambda state: covered(state, last=None, since=state.at - 2 * DAY),
    "gaps": lambda state: replace(state, coverage=replace(state.coverage, gaps=(gap(state),))),
    "inbox": lambda state: replace(
        state, coverage=replace(state.coverage, inbox=Inbox(count=2, oldest=state.at - HOUR))
    ),
    "lost": lambda state: replace(state, tallies=(Tally(source=EVENTS, lost=3),)),
    "set_aside": lambda state: replace(state, filled=Filled(count=1)),
    "unsure": lambda state: replace(state, unsure=2),
    "no_digest": lambda state: replace(state, digests=()),
    "digest_late": lambda state: replace(
        state, digests=(replace(state.digests[0], covered_until=state.at - 2 * DAY),)
    ),
    "search_not_indexed": lambda state: replace(
        state, health=replace(state.health, search_indexed=False)
    ),
    "little_space": lambda state: replace(state, health=replace(state.health, free=1024**2)),
}


def test_a_sound_installation_has_nothing_to_mend(sound):
    assert findings(sound) == []


@pytest.mark.parametrize("word", TROUBLES)
def test_each_trouble_is_found_alone(sound, word):
    assert [one.word for one in findings(TROUBLES[word](sound))] == [word]


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("word", TROUBLES)
def test_each_finding_has_its_three_sentences(sound, word, locale):
    [one] = findings(TROUBLES[word](sound))
    reader = Reader(locale=locale, zone=TOKYO, now=sound.at)
    said = sentences(one, reader)
    assert list(said) == list(PARTS)
    assert all("{" not in sentence for sentence in said.values())
    assert len(text(one, reader).splitlines()) == len(PARTS)


@pytest.mark.parametrize(
    ("locale", "words"), [("ja", "{} のまとめは"), ("en", "The daily digest in {} reaches only to")]
)
def test_two_late_digests_are_told_apart_by_their_place(sound, locale, words):
    late = replace(sound.digests[0], covered_until=sound.at - 2 * DAY)
    places = ["slack:C", "lineworks:ROOM"]
    state = replace(sound, digests=tuple(replace(late, channel=place) for place in places))
    reader = Reader(locale=locale, zone=TOKYO, now=sound.at)
    for one, place in zip(findings(state), places, strict=True):
        assert sentences(one, reader)["what"].startswith(words.format(place))


def test_the_gravest_comes_first(sound):
    both = TROUBLES["lost"](TROUBLES["set_aside"](sound))
    assert [one.grade for one in findings(both)] == [Grade.ERROR, Grade.WARNING]


def test_a_file_that_nobody_brought_is_no_trouble(sound):
    assert findings(about(sound, Source.CSV, last=None)) == []


def test_a_quiet_day_of_a_source_that_has_spoken_is_no_trouble(sound):
    assert findings(covered(sound, last=sound.at - 2 * DAY)) == []
