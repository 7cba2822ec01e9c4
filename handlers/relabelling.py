"""Re-labels the past for a correction, there and back: the background unit.

Batch by batch in short transactions, the cursor in the correction's row: a walk
that is killed goes on there, and of two walkers one counts.
"""

from __future__ import annotations

from dataclasses import replace

from handlers.corrections import Standing, correctable, rule_of, standing
from handlers.house import House
from handlers.rereading import BATCH, read_again
from handlers.telling import direct_place, notice
from handlers.wordings import wording_of
from storage.corrections import UNDER_WAY, Correction, CorrectionState
from storage.failures import Failure

# Then others have their turn; the row says that it goes on.
_BATCHES_A_TURN = 20
_ENDS = {
    CorrectionState.APPLYING: CorrectionState.APPLIED,
    CorrectionState.UNDOING: CorrectionState.UNDONE,
}


def due(house: House) -> list[Correction]:
    """The corrections whose walk has not ended."""
    return house.store.corrections(house.tenant, UNDER_WAY)


def carry_on(house: House, correction_id: str) -> None:
    """Walk a part of the way. Its author is told when the end is reached."""
    for _ in range(_BATCHES_A_TURN):
        one = house.store.correction(house.tenant, correction_id)
        if one is None or one.state not in _ENDS:
            return
        _step(house, one)


def _step(house: House, one: Correction) -> None:
    rows = house.store.failures_after(house.tenant, one.cursor, BATCH)
    known = standing(house)
    rereads = [
        read_again(house, number, failure, known)
        for number, failure in rows
        if _concerns(one, failure, known)
    ]
    changed = replace(one, cursor=rows[-1][0] if rows else one.cursor)
    notices = []
    if len(rows) < BATCH:
        changed = replace(changed, state=_ENDS[one.state])
        place = direct_place(one.author)
        notices = [notice("correction", f"{one.id}/{changed.state}", place, house.now())]
    if house.store.move_correction(house.tenant, one, changed, rereads, notices):
        house.wake()


def _concerns(one: Correction, failure: Failure, known: Standing) -> bool:
    """Rows to label: those of the wording; rows to read again: those that were labelled."""
    labelled = failure.reading.rule == rule_of(one)
    if one.state is CorrectionState.UNDOING:
        return labelled
    # One that was replaced or undone meanwhile has nothing to say any more.
    if labelled or one.wording not in known or not correctable(failure.medium, failure.kind):
        return False
    wording = wording_of(failure.provider_text, failure.recipient)
    return wording is not None and wording.id == one.wording
