"""Gaps and what others can tell of them: never more than was read, kind by kind."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.gaps import MISSING, WITNESSES, Witness, gaps_of, read_by
from storage.coverage import Stretch
from storage.failures import Kind, Source
from storage.lists import ListName
from storage.spans import Span

START = datetime(2026, 11, 20, tzinfo=UTC)
EVENTS, LISTS, RELAY = Source.SENDGRID_EVENTS, Source.SENDGRID_LISTS, Source.LINEWORKS_RELAY
ALL = MISSING[EVENTS]
NEVER_LISTED = (Kind.DEFERRED, Kind.DROPPED)


def span(since, until):
    return Span(START + timedelta(minutes=since), START + timedelta(minutes=until))


def up(since, until, source=EVENTS, **more):
    told = span(since, until)
    return Stretch(source=source, since=told.since, until=told.until, **more)


def lists(since, until, names=tuple(ListName)):
    return [up(since, until, LISTS, part=str(name)) for name in names]


DOWN = [up(0, 130), up(160, 600)]  # down from 02:10 to 02:40


def test_a_gap_is_told_whole_where_the_period_touches_it():
    for period in (span(0, 600), span(150, 151), span(0, 131)):
        assert [gap.span for gap in gaps_of(EVENTS, DOWN, period)] == [span(130, 160)]


@pytest.mark.parametrize("period", [(160, 300), (0, 130), (300, 600), (130, 130)])
def test_a_gap_at_the_edge_of_a_period_is_none_of_it(period):
    assert gaps_of(EVENTS, DOWN, span(*period)) == []


def test_before_its_first_reading_a_source_has_no_gap():
    assert gaps_of(EVENTS, DOWN, span(-900, 130)) == []
    assert gaps_of(RELAY, DOWN, span(-900, 900)) == []


def test_what_was_lost_is_a_gap_in_the_middle_of_being_up():
    told = [up(0, 600, RELAY), up(130, 131, RELAY, lost=True)]
    (gap,) = gaps_of(RELAY, told, span(0, 600))
    assert (gap.span, gap.lost) == (span(130, 131), True)
    assert (gap.known, gap.unknown) == ((), ())


def test_a_gap_that_was_lost_in_part_and_down_in_part_is_told_as_down():
    told = [up(0, 140, RELAY), up(130, 131, RELAY, lost=True), up(139, 140, RELAY, lost=True)]
    told.append(up(160, 600, RELAY))
    gaps = gaps_of(RELAY, told, span(0, 600))
    assert [(gap.span, gap.lost) for gap in gaps] == [
        (span(130, 131), True),
        (span(139, 160), False),
    ]


def test_lists_that_read_over_a_gap_tell_all_but_deferred_and_dropped():
    (gap,) = gaps_of(EVENTS, [*DOWN, *lists(100, 700)], span(0, 600))
    assert gap.unknown == NEVER_LISTED
    assert set(gap.known) | set(gap.unknown) == set(ALL)


def test_the_logs_tell_what_no_list_does_and_both_leave_nothing_open():
    logs = up(100, 700, Source.SENDGRID_LOGS)
    (gap,) = gaps_of(EVENTS, [*DOWN, logs], span(0, 600))
    assert set(gap.known) == {Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, *NEVER_LISTED}
    (gap,) = gaps_of(EVENTS, [*DOWN, logs, *lists(100, 700)], span(0, 600))
    assert gap.closed


@pytest.mark.parametrize("read", [(0, 159), (131, 700), (0, 10), (700, 800)])
def test_a_gap_that_was_not_read_whole_stays_unknown(read):
    (gap,) = gaps_of(EVENTS, [*DOWN, *lists(*read)], span(0, 600))
    assert (gap.known, gap.unknown) == ((), ALL)


def test_a_list_that_did_not_answer_leaves_its_kind_unknown():
    answered = [name for name in ListName if name is not ListName.BLOCKS]
    (gap,) = gaps_of(EVENTS, [*DOWN, *lists(0, 700, answered)], span(0, 600))
    assert set(gap.unknown) == {Kind.SOFT_BOUNCE, *NEVER_LISTED}


def test_opt_outs_are_known_only_from_both_their_lists():
    one = lists(0, 700, [ListName.UNSUBSCRIBES])
    (gap,) = gaps_of(EVENTS, [*DOWN, *one], span(0, 600))
    assert Kind.UNSUBSCRIBED in gap.unknown
    both = [*one, *lists(0, 700, [ListName.GROUPS])]
    (gap,) = gaps_of(EVENTS, [*DOWN, *both], span(0, 600))
    assert gap.known == (Kind.UNSUBSCRIBED,)


def test_two_sources_may_tell_a_gap_together(monkeypatch):
    """Half from the lists, half from another that can be asked."""
    more = {(Source.HOST_PUSH, ""): Witness(of=frozenset({EVENTS}), kinds=frozenset(ALL))}
    monkeypatch.setattr("handlers.gaps.WITNESSES", {**WITNESSES, **more})
    told = [*DOWN, *lists(0, 145), up(145, 700, Source.HOST_PUSH)]
    (gap,) = gaps_of(EVENTS, told, span(0, 600))
    assert gap.unknown == NEVER_LISTED
    (gap,) = gaps_of(EVENTS, [*DOWN, up(100, 700, Source.HOST_PUSH)], span(0, 600))
    assert gap.closed


def test_whatever_is_lost_was_not_read():
    told = [up(0, 10), up(3, 4, lost=True)]
    assert read_by(told) == {(EVENTS, ""): (span(0, 3), span(4, 10))}
    assert read_by(told, lost=True) == {(EVENTS, ""): (span(3, 4),)}


def test_every_witness_tells_what_somebody_misses():
    for witness in WITNESSES.values():
        assert all(witness.kinds <= set(MISSING[source]) for source in witness.of)


moments = st.integers(0, 60)
stretches = st.lists(st.builds(up, moments, moments, lost=st.booleans()), max_size=8)


@given(stretches, moments, moments)
def test_every_minute_of_the_period_is_read_or_in_a_gap_and_never_both(told, since, until):
    period = span(since, until)
    gaps = gaps_of(EVENTS, told, period)
    read = read_by(told).get((EVENTS, ""), ())
    for minute in range(since, until):
        moment = START + timedelta(minutes=minute)
        is_read = any(one.holds(moment) for one in read)
        before = not read or moment < read[0].since
        assert any(gap.span.holds(moment) for gap in gaps) == (not is_read and not before)
