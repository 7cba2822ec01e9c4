"""The audit: who did what and when, one row an act, only ever added to.

No addresses, no words of anybody: an act names the row that it was about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What was done."""

    CORRECTED = "corrected"  # somebody said what a wording means
    REPLACED = "replaced"  # somebody corrected the same wording anew
    UNDID = "undid"  # somebody took a correction back


@dataclass(frozen=True, kw_only=True)
class Audited:
    """`who` is a reference such as `slack:U…`; `about` the id of what was acted on."""

    at: datetime
    who: str
    act: Act
    about: str
