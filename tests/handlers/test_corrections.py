"""One person's better answer: heard at once for new failures, by a walk for the old ones."""

from dataclasses import replace

import pytest

from handlers import intake, relabelling, tasks
from handlers.causes import read
from handlers.corrections import CONFIDENCE, corrected, make, rule_of, standing, undo
from handlers.ports import Vocabulary
from handlers.wordings import wording_of
from storage.audit import Act
from storage.corrections import CorrectionState
from storage.failures import Batch, Cause, Kind, Medium, Permanence, Reading
from storage.views import CaseQuery
from tests.handlers.conftest import ADMIN, SECOND
from tests.rule_sets import rule_set_of

TEXT = "550 5.7.1 <{}>: your house is not welcome here, id 4ABC{}"
OTHER = "550 5.1.1 <{}>: there is nobody of that name"


def told_as(told, n, text=TEXT, **more):
    address = f"person-{n}@example.jp"
    said = text.format(address, n)
    reading = more.pop("reading", read(said))
    return told.failure(recipient=address, provider_text=said, reading=reading, **more)


def corrects(house, text=TEXT, author=ADMIN, cause=Cause.REPUTATION_BLOCKED):
    return make(
        house,
        wording_of(text.format("x@example.jp", 7)),
        cause=cause,
        permanence=Permanence.SOFT,
        why="their postmaster said so",
        author=author,
    )


def walked(house):
    """Everything that is under way, to its end."""
    while found := relabelling.due(house):
        for one in found:
            relabelling.carry_on(house, one.id)


def causes(house):
    return [failure.reading.cause for _, failure in house.store.failures_after("t", 0, 9999)]


def test_a_new_failure_of_the_wording_is_read_as_corrected(house, told):
    made = corrects(house)
    told_as(told, 1)
    [(_, stored)] = house.store.failures_after("t", 0, 9)
    assert stored.reading == Reading(
        cause=Cause.REPUTATION_BLOCKED,
        permanence=Permanence.SOFT,
        confidence=CONFIDENCE,
        rule=f"correction:{made.id}",
        rule_set=house.rules.version,
    )


@pytest.mark.parametrize(
    "more",
    [
        {"text": OTHER},
        {"kind": Kind.DROPPED},
        {"kind": Kind.NO_SUCH_ID, "medium": Medium.LINE_WORKS},
    ],
)
def test_other_words_and_what_no_mail_server_said_are_left_alone(house, told, more):
    corrects(house)
    failure = told_as(told, 1, **more)
    [(_, stored)] = house.store.failures_after("t", 0, 9)
    assert stored.reading == failure.reading


def test_a_batch_of_other_wordings_is_the_very_same(house):
    corrects(house)
    batch = Batch()
    assert corrected(house, batch) is batch


def test_the_past_is_labelled_with_its_cases_and_the_author_is_told_how_many(house, told):
    told_as(told, 1)
    told_as(told, 2)
    told_as(told, 3, OTHER)
    made = corrects(house)
    walked(house)
    assert causes(house)[:2] == [Cause.REPUTATION_BLOCKED] * 2
    assert causes(house)[2] is not Cause.REPUTATION_BLOCKED
    query = CaseQuery(causes=(Cause.REPUTATION_BLOCKED,))
    assert len(house.store.cases("t", query)) == 2
    after = house.store.correction("t", made.id)
    assert (after.state, after.relabelled) == (CorrectionState.APPLIED, 2)
    [notice] = house.store.due_notices("t", house.now(), 9)
    assert (notice.topic, notice.place) == ("correction", ADMIN)
    assert notice.subject == f"{made.id}/applied"


def test_undoing_reads_the_past_by_the_rules_again(house, told):
    for n in range(3):
        told_as(told, n)
    before = list(house.store.failures_after("t", 0, 9))
    made = corrects(house)
    walked(house)
    undone = undo(house, made.id, SECOND)
    assert (undone.state, undone.undone_by) == (CorrectionState.UNDOING, SECOND)
    walked(house)
    assert house.store.failures_after("t", 0, 9) == before
    after = house.store.correction("t", made.id)
    assert (after.state, after.relabelled) == (CorrectionState.UNDONE, 3)
    assert [act.act for act in house.store.audited("t")] == [Act.UNDID, Act.CORRECTED]


def test_undoing_twice_is_undoing_once(house):
    made = corrects(house)
    first = undo(house, made.id, SECOND)
    assert undo(house, made.id, ADMIN) == first
    walked(house)
    assert undo(house, made.id, ADMIN).undone_by == SECOND
    assert undo(house, "nothing", ADMIN) is None
    assert len(house.store.audited("t")) == 2


def test_a_correction_can_be_undone_before_its_walk_has_ended(house, told):
    told_as(told, 1)
    made = corrects(house)
    undo(house, made.id, ADMIN)
    walked(house)
    assert house.store.correction("t", made.id).relabelled == 0
    assert Cause.REPUTATION_BLOCKED not in causes(house)


def test_a_later_correction_of_the_same_wording_labels_anew(house, told):
    told_as(told, 1)
    corrects(house)
    walked(house)
    second = corrects(house, author=SECOND, cause=Cause.THROTTLED)
    walked(house)
    told_as(told, 2)
    assert causes(house) == [Cause.THROTTLED] * 2
    undo(house, second.id, SECOND)
    walked(house)
    assert set(causes(house)) == {read(TEXT.format("person-1@example.jp", 1)).cause}


def test_a_walk_that_is_killed_goes_on_at_its_cursor(house, told, monkeypatch):
    for n in range(7):
        told_as(told, n)
    made = corrects(house)
    monkeypatch.setattr(relabelling, "BATCH", 2)
    monkeypatch.setattr(relabelling, "_BATCHES_A_TURN", 1)
    relabelling.carry_on(house, made.id)
    half = house.store.correction("t", made.id)
    assert (half.state, half.relabelled) == (CorrectionState.APPLYING, 2)
    walked(house)
    assert house.store.correction("t", made.id).relabelled == 7
    relabelling.carry_on(house, made.id)
    assert house.store.correction("t", made.id).relabelled == 7


class Late:
    """A store in which `act` happens just after a batch was read, and before it is stored."""

    def __init__(self, store, act):
        self._store, self._act = store, act

    def __getattr__(self, name):
        return getattr(self._store, name)

    def record(self, *batch):
        self._act()
        return self._store.record(*batch)


def test_a_failure_stored_while_its_wording_was_corrected_is_walked_to_as_well(house, told):
    late = Late(house.store, lambda: (corrects(house), walked(house)))
    failure = told_as(told, 1)
    new = replace(failure, source_id="late")
    intake.record(replace(house, store=late), Batch(failures=(new,)))
    walked(house)
    assert causes(house) == [Cause.REPUTATION_BLOCKED] * 2


def test_a_failure_stored_while_its_correction_was_undone_is_read_again_as_well(house, told):
    made = corrects(house)
    late = Late(house.store, lambda: (undo(house, made.id, ADMIN), walked(house)))
    failure = told_as(told, 1)
    intake.record(replace(house, store=late), Batch(failures=(replace(failure, source_id="late"),)))
    walked(house)
    assert Cause.REPUTATION_BLOCKED not in causes(house)


def test_the_hint_of_the_provider_is_heard_again_on_the_way_back(house, told):
    rules = rule_set_of(
        {"name": "hinted", "cause": "spam_detected", "confidence": 0.5, "hints": ["content"]}
    )
    hints = Vocabulary(hints_of=lambda failure: {"classification": failure.raw})
    hinted = replace(house, rules=rules, vocabulary=hints)
    told_as(told, 1, raw="Content")
    made = corrects(hinted)
    walked(hinted)
    undo(hinted, made.id, ADMIN)
    walked(hinted)
    assert causes(hinted) == [Cause.SPAM_DETECTED]


def test_a_walk_under_way_is_a_unit_that_names_nobody(house):
    made = corrects(house)
    [unit] = [one for one in tasks.due(house, ()) if one.key.startswith("correction:")]
    assert unit.name == "re-label"
    unit.run()
    assert house.store.correction("t", made.id).state is CorrectionState.APPLIED
    assert not [one for one in tasks.due(house, ()) if one.key.startswith("correction:")]


def test_a_reading_names_its_correction(house):
    made = corrects(house)
    assert standing(house) == {made.wording: made}
    assert rule_of(made) == f"correction:{made.id}"
