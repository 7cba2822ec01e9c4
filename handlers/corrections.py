"""Corrections: made by one person for one wording, heard by every reading from then on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from handlers.causes import TOLD_BY_A_SERVER
from handlers.house import House
from handlers.wordings import wording_of
from storage.audit import Act, Audited
from storage.corrections import STANDING, Correction, CorrectionState, Wording
from storage.failures import Batch, Cause, Failure, Kind, Medium, Permanence, Reading

# A person has looked; yet the same words may one day be said for another reason.
CONFIDENCE = 0.95
_RULE = "correction:"
_TRIES = 10

Standing = Mapping[str, Correction]  # by wording


def standing(house: House) -> Standing:
    """Every correction that is heard now."""
    return {one.wording: one for one in house.store.corrections(house.tenant, STANDING)}


def rule_of(correction: Correction) -> str:
    """How a reading names it."""
    return f"{_RULE}{correction.id}"


def correctable(medium: Medium, kind: Kind) -> bool:
    """Whether the cause of such failures is read from a mail server's words."""
    return medium is Medium.EMAIL and kind in TOLD_BY_A_SERVER


def heard(known: Standing, text: str, recipient: str, rule_set: str) -> Reading | None:
    """What a correction says of these words; None where none speaks."""
    wording = wording_of(text, recipient) if known and text else None
    correction = known.get(wording.id) if wording else None
    return reading_of(correction, rule_set) if correction else None


def reading_of(correction: Correction, rule_set: str) -> Reading:
    return Reading(
        cause=correction.cause,
        permanence=correction.permanence,
        confidence=CONFIDENCE,
        rule=rule_of(correction),
        rule_set=rule_set,
    )


def corrected(house: House, batch: Batch) -> Batch:
    """The batch as the corrections of its wordings read it."""
    wordings = [_wording(failure) for failure in batch.failures]
    found = house.store.corrections_of(house.tenant, {one for one in wordings if one})
    readings = {one.wording: reading_of(one, house.rules.version) for one in found}
    if not readings:
        return batch
    failures = tuple(
        replace(failure, reading=readings[wording]) if wording in readings else failure
        for failure, wording in zip(batch.failures, wordings, strict=True)
    )
    return replace(batch, failures=failures)


def _wording(failure: Failure) -> str:
    """Empty where nothing can be corrected."""
    if not correctable(failure.medium, failure.kind):
        return ""
    wording = wording_of(failure.provider_text, failure.recipient)
    return wording.id if wording else ""


def overtaken(house: House, before: frozenset[str]) -> None:
    """What was stored while corrections came or went is walked to by them as well.

    Rows are numbered upwards, so a walk that goes on from its cursor meets them.
    """
    for missed in before ^ house.store.standing_corrections(house.tenant):
        _go_on(house, missed)


_AGAIN = {
    CorrectionState.APPLIED: CorrectionState.APPLYING,
    CorrectionState.UNDONE: CorrectionState.UNDOING,
}


def _go_on(house: House, correction_id: str) -> None:
    one = house.store.correction(house.tenant, correction_id)
    if one and one.state in _AGAIN:
        house.store.move_correction(house.tenant, one, replace(one, state=_AGAIN[one.state]))


def make(
    house: House,
    wording: Wording,
    *,
    cause: Cause,
    permanence: Permanence,
    why: str,
    author: str,
) -> Correction:
    """From now on this wording means that; the past follows in the background."""
    made = Correction(
        id=secrets.token_hex(5),
        wording=wording.id,
        words=wording.words,
        cause=cause,
        permanence=permanence,
        why=why,
        author=author,
        made_at=house.now(),
    )
    house.store.correct(house.tenant, made)
    house.wake()
    return made


def undo(house: House, correction_id: str, person: str) -> Correction | None:
    """Take it back and read the past by the rules again; None for one that is not known.

    Once: whoever comes later gets the correction as it stands.
    """
    for _ in range(_TRIES):
        one = house.store.correction(house.tenant, correction_id)
        if one is None or one.state not in STANDING:
            return one
        undone = replace(
            one,
            state=CorrectionState.UNDOING,
            cursor=0,
            relabelled=0,
            undone_by=person,
            undone_at=house.now(),
        )
        act = Audited(at=house.now(), who=person, act=Act.UNDID, about=one.id)
        if house.store.move_correction(house.tenant, one, undone, acts=[act]):
            house.wake()
            return undone
    raise RuntimeError("the correction moved at every try")
