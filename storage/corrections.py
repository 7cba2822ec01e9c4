"""Corrections: a person's better answer for one wording, for the future and for the past.

The moves below are the only ones; the store makes each by a conditional update.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.failures import Cause, Permanence


class CorrectionState(StrEnum):
    """How far the past has been read again."""

    APPLYING = "applying"  # new failures are read so; the past is being re-labelled
    APPLIED = "applied"  # the past is re-labelled too
    UNDOING = "undoing"  # taken back; the past is being read by the rules again
    UNDONE = "undone"  # nothing of it is left
    REPLACED = "replaced"  # a later correction of the same wording took its place


MOVES: dict[CorrectionState, frozenset[CorrectionState]] = {
    CorrectionState.APPLYING: frozenset({CorrectionState.APPLIED, CorrectionState.UNDOING}),
    # What arrived while the walk ended is walked to as well.
    CorrectionState.APPLIED: frozenset({CorrectionState.APPLYING, CorrectionState.UNDOING}),
    CorrectionState.UNDOING: frozenset({CorrectionState.UNDONE}),
    CorrectionState.UNDONE: frozenset({CorrectionState.UNDOING}),
    CorrectionState.REPLACED: frozenset(),
}
STANDING = (CorrectionState.APPLYING, CorrectionState.APPLIED)
UNDER_WAY = (CorrectionState.APPLYING, CorrectionState.UNDOING)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is the same in all refusals worded alike: its words, and an id made of them."""

    id: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One wording's right cause, who says so and why.

    `cursor` is the last failure that the walk through the past has seen, and
    `relabelled` how many it changed.
    """

    id: str
    wording: str
    words: str
    cause: Cause
    permanence: Permanence
    why: str
    author: str
    made_at: datetime
    state: CorrectionState = CorrectionState.APPLYING
    cursor: int = 0
    relabelled: int = 0
    undone_by: str = ""
    undone_at: datetime | None = None
