"""Rules change, the past is read again: counted, shown, resumable, beside a running intake."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import rereading
from handlers.corrections import make
from handlers.house import House, Policy
from handlers.ports import Vocabulary
from handlers.rereading import Change, reclassify
from handlers.wordings import wording_of
from storage.failures import Batch, Cause, Failure, Kind, Medium, Permanence, Reading, Source
from storage.opening import open_store
from tests.fakes import TOKYO, FakeClock
from tests.handlers.conftest import ADMIN, FRIDAY, Teller
from tests.rule_sets import rule_set_of

FULL = Change(medium=Medium.EMAIL, before=Cause.OTHER, after=Cause.MAILBOX_FULL)


def rules(**row):
    rule = {"name": "brimming", "cause": "mailbox_full", "confidence": 0.8, "words": ["brimming"]}
    return rule_set_of(rule | row)


@pytest.fixture
def newer(house):
    return replace(house, rules=rules(), vocabulary=Vocabulary(version="e2"))


def fill(told, count=3, text="552 the box is brimming over"):
    for n in range(count):
        told.failure(
            recipient=f"{text[:3]}{n}@example.jp",
            provider_text=text,
            reading=Reading(rule_set="v1"),
        )


def run(house, **more):
    asked = {"dry_run": False, "every": False, "examples": 2, "progress": lambda _: None}
    return reclassify(house, **asked | more)


def rows(house):
    return [failure.reading for _, failure in house.store.failures_after("t", 0, 99_999)]


def cases_of(store):
    medium = Medium.EMAIL
    return [store.case("t", medium, f"552{n}@example.jp") for n in range(9)]


def test_a_dry_run_counts_and_shows_and_changes_nothing(newer, told):
    fill(told)
    before = rows(newer)
    found = run(newer, dry_run=True)
    assert (found.read, found.changed, found.counts) == (3, 3, {FULL: 3})
    assert [one.recipient for one in found.examples[FULL]] == ["5520@example.jp", "5521@example.jp"]
    assert rows(newer) == before


def test_what_the_dry_run_said_is_what_is_done(newer, told):
    fill(told)
    told.failure(recipient="other@example.jp", provider_text="550 nothing known")
    said = run(newer, dry_run=True).counts
    assert run(newer).counts == said
    assert {(one.cause, one.rule_set) for one in rows(newer)} == {
        (Cause.MAILBOX_FULL, newer.rules.version),
        (Cause.OTHER, newer.rules.version),
    }
    assert newer.store.case("t", Medium.EMAIL, "5520@example.jp").cause is Cause.MAILBOX_FULL


def test_a_second_run_finds_nothing_left_to_read(newer, told):
    fill(told)
    told.failure(kind=Kind.SPAM_REPORT, recipient="spam@example.jp")
    told.failure(kind=Kind.NO_SUCH_ID, recipient="x@works", medium=Medium.LINE_WORKS)
    assert run(newer).read == 5
    assert run(newer).read == 0
    assert run(newer, every=True).read == 5


def test_another_permanence_of_the_same_cause_is_a_change_too(house, told):
    told.failure(
        provider_text="552 brimming", reading=Reading(cause=Cause.MAILBOX_FULL, rule_set="v1")
    )
    found = run(replace(house, rules=rules(permanence="hard")))
    [change] = found.counts
    assert (change.before, change.after) == ("mailbox_full (soft)", "mailbox_full (hard)")


def test_a_correction_keeps_its_word(newer, told):
    fill(told)
    make(
        newer,
        wording_of("552 the box is brimming over"),
        cause=Cause.POLICY_BLOCKED,
        permanence=Permanence.SOFT,
        why="",
        author=ADMIN,
    )
    run(newer)
    assert {one.cause for one in rows(newer)} == {Cause.POLICY_BLOCKED}
    assert {one.rule_set for one in rows(newer)} == {newer.rules.version}


@pytest.mark.parametrize(
    ("stored", "answer", "kept"),
    [
        (Kind.DAILY_CAP, Kind.TOO_FREQUENT, Kind.DAILY_CAP),
        (Kind.DAILY_CAP_SUSPECTED, Kind.TOO_FREQUENT, Kind.DAILY_CAP_SUSPECTED),
        (Kind.DAILY_CAP_SUSPECTED, Kind.DAILY_CAP, Kind.DAILY_CAP),
        (Kind.MESSAGE_REJECTED, Kind.PROVIDER_DOWN, Kind.MESSAGE_REJECTED),
        (Kind.UNCLASSIFIED, Kind.NO_SUCH_ID, Kind.NO_SUCH_ID),
    ],
)
def test_an_answer_is_sorted_anew_but_what_was_graded_is_never_graded_down(
    house, told, stored, answer, kept
):
    told.failure(kind=stored, recipient="x@works", medium=Medium.LINE_WORKS)
    sorting = Vocabulary(kind_of=lambda _: answer, version="e2")
    found = run(replace(house, vocabulary=sorting))
    assert house.store.case("t", Medium.LINE_WORKS, "x@works").kind is kept
    changes = [(change.before, change.after) for change in found.counts]
    assert changes == ([] if stored is kept else [(stored, kept)])


def test_progress_is_told_batch_by_batch(newer, told, monkeypatch):
    monkeypatch.setattr(rereading, "BATCH", 2)
    fill(told, 5)
    seen = []
    run(newer, progress=lambda found: seen.append((found.read, found.changed)))
    assert seen == [(2, 2), (4, 4), (5, 5)]


class KilledError(Exception):
    pass


@given(dies_after=st.integers(0, 4))
def test_killed_half_way_and_run_again_it_ends_as_if_it_had_never_died(
    dies_after, tmp_path_factory
):
    ends = []
    for killed in (False, True):
        folder = tmp_path_factory.mktemp("house")
        ends.append(_end(f"sqlite:///{folder / 'h.db'}", dies_after if killed else None))
    assert ends[0] == ends[1]


def _end(url, dies_after):
    store = open_store(url)
    house = House(
        tenant="t",
        store=store,
        clock=FakeClock(FRIDAY),
        zone=TOKYO,
        locale="en",
        policy=Policy(),
        chats={},
    )
    fill(Teller(house), 9)
    newer = replace(house, rules=rules())

    def dies(found):
        if dies_after is not None and found.read > 2 * dies_after:
            raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rereading, "BATCH", 2)
        if dies_after is not None:
            with pytest.raises(KilledError):
                run(newer, progress=dies)
        run(newer)
    end = rows(newer), cases_of(store)
    store.close()
    return end


def test_intake_goes_on_while_the_past_is_read_again(newer, told, monkeypatch, tmp_path):
    """Two stores on one file, as `serve` and the command line are."""
    monkeypatch.setattr(rereading, "BATCH", 40)
    fill(told, 400)
    beside = replace(newer, store=open_store(f"sqlite:///{tmp_path / 'house.db'}"))
    taken, done = [], threading.Event()

    def intake():
        while not done.wait(0.001):
            one = told_later(told, len(taken))
            taken.append(newer.store.record("t", Batch(failures=(one,)), newer.now()))

    def waits_for_two_more(_):
        wanted = len(taken) + 2
        while len(taken) < wanted:
            done.wait(0.001)

    with ThreadPoolExecutor(1) as pool:
        served = pool.submit(intake)
        try:
            found = run(beside, progress=waits_for_two_more)
        finally:
            done.set()
        served.result()
    beside.store.close()
    assert found.changed >= 400
    run(newer)
    stored = rows(newer)
    assert len(stored) == 400 + len(taken)
    assert {(one.cause, one.rule_set) for one in stored} == {
        (Cause.MAILBOX_FULL, newer.rules.version)
    }


def told_later(told, n):
    return Failure(
        source=Source.SENDGRID_EVENTS,
        source_id=f"during-{n}",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient=f"during-{n}@example.jp",
        occurred_at=told.house.now(),
        provider_text="552 brimming",
        reading=Reading(rule_set="v1"),
    )
