"""Corrections, the wordings they are made of, and the audit of both."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.audit import Act, Audited
from storage.corrections import MOVES, STANDING, Correction, CorrectionState, Wording
from storage.digests import Notice
from storage.failures import Cause, Permanence
from tests.storage.examples import FAULTS, NOW, TENANT, batch, bounce, minutes
from tests.storage.test_rereading import rereads


def correction(**changes):
    values = {
        "id": "c1",
        "wording": "w-1",
        "words": "no such luck",
        "cause": Cause.POLICY_BLOCKED,
        "permanence": Permanence.SOFT,
        "why": "their IT said so",
        "author": "slack:UADMIN",
        "made_at": NOW,
    }
    return Correction(**values | changes)


def states(store):
    return {one.id: one.state for one in store.corrections(TENANT)}


def test_a_correction_comes_back_as_it_was_made(store):
    made = correction(undone_at=NOW + minutes(1), undone_by="slack:USECOND")
    store.correct(TENANT, made)
    assert store.correction(TENANT, "c1") == made
    assert store.corrections(TENANT) == [made]


def test_a_correction_is_its_tenants_own(store):
    store.correct(TENANT, correction())
    assert store.correction("other", "c1") is None
    assert store.corrections("other") == []


def test_the_newest_comes_first_and_only_of_the_states_asked_for(store):
    store.correct(TENANT, correction())
    store.correct(TENANT, correction(id="c2", wording="w-2", made_at=NOW + minutes(1)))
    assert [one.id for one in store.corrections(TENANT)] == ["c2", "c1"]
    assert [one.id for one in store.corrections(TENANT, STANDING)] == ["c2", "c1"]
    assert store.corrections(TENANT, [CorrectionState.UNDONE]) == []


def test_those_that_are_heard_are_found_by_their_wording(store):
    store.correct(TENANT, correction())
    store.correct(TENANT, correction(id="c2", wording="w-2"))
    store.correct(TENANT, correction(id="c3", wording="w-3", state=CorrectionState.UNDONE))
    assert store.standing_corrections(TENANT) == {"c1", "c2"}
    found = store.corrections_of(TENANT, {"w-2", "w-3", "w-4"})
    assert [one.id for one in found] == ["c2"]
    assert store.standing_corrections("other") == frozenset()
    assert store.corrections_of("other", {"w-2"}) == []


def test_a_later_correction_of_the_same_wording_takes_the_place_of_the_first(store):
    store.correct(TENANT, correction())
    store.correct(TENANT, correction(id="c2", author="slack:USECOND", made_at=NOW + minutes(1)))
    assert states(store) == {"c1": CorrectionState.REPLACED, "c2": CorrectionState.APPLYING}
    assert store.audited(TENANT) == [
        Audited(at=NOW + minutes(1), who="slack:USECOND", act=Act.CORRECTED, about="c2"),
        Audited(at=NOW + minutes(1), who="slack:USECOND", act=Act.REPLACED, about="c1"),
        Audited(at=NOW, who="slack:UADMIN", act=Act.CORRECTED, about="c1"),
    ]


def test_one_that_was_undone_makes_room_for_another(store):
    made = correction()
    store.correct(TENANT, made)
    assert store.move_correction(TENANT, made, replace(made, state=CorrectionState.UNDOING))
    store.correct(TENANT, correction(id="c2"))
    assert states(store) == {"c1": CorrectionState.UNDOING, "c2": CorrectionState.APPLYING}


def test_of_two_who_move_it_from_the_same_place_one_does(store):
    made = correction()
    store.correct(TENANT, made)
    further = replace(made, cursor=500)
    assert store.move_correction(TENANT, made, further)
    assert not store.move_correction(TENANT, made, further)
    assert store.correction(TENANT, "c1") == further


def test_a_move_keeps_its_readings_its_notices_and_its_acts_or_nothing_of_them(store):
    store.record(TENANT, batch(bounce()), NOW)
    made = correction()
    store.correct(TENANT, made)
    told = Notice(id="n", place="slack:UADMIN", topic="t", subject="s", due_at=NOW)
    act = Audited(at=NOW, who="slack:UADMIN", act=Act.UNDID, about="c1")
    late = replace(made, cursor=7)
    changes = (rereads(store, Cause.POLICY_BLOCKED), [told], [act])
    assert not store.move_correction(TENANT, late, late, *changes)
    assert store.due_notices(TENANT, NOW, 9) == []
    assert store.move_correction(TENANT, made, late, *changes)
    assert store.correction(TENANT, "c1").relabelled == 1
    assert store.due_notices(TENANT, NOW, 9) == [told]
    assert store.audited(TENANT)[0] == act


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in CorrectionState
        for after in CorrectionState
        if before is not after and after not in MOVES[before]
    ],
)
def test_no_other_move_is_made(store, before, after):
    made = correction(state=before)
    store.correct(TENANT, made)
    with pytest.raises(ValueError, match="never goes"):
        store.move_correction(TENANT, made, replace(made, state=after))


def test_a_wording_is_kept_for_a_while_and_then_forgotten(store):
    wording = Wording(id="w-1", words="no such luck")
    store.keep_wording(TENANT, wording, NOW)
    assert store.wording(TENANT, "w-1") == wording
    assert store.wording("other", "w-1") is None
    store.keep_wording(TENANT, wording, NOW + timedelta(days=1))
    assert store.forget_wordings(TENANT, NOW + minutes(1)) == 0
    assert store.forget_wordings(TENANT, NOW + timedelta(days=2)) == 1
    assert store.wording(TENANT, "w-1") is None


@pytest.mark.parametrize("sql", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_the_audit_is_only_added_to(store, sql):
    store.correct(TENANT, correction())
    with (
        pytest.raises(FAULTS, match="only added to"),
        store._writing(TENANT) as connection,
    ):
        connection.execute(sql)
    assert len(store.audited(TENANT)) == 1
