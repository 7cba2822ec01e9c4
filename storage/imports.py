"""Files that people bring in: first read to the end into parts, then recorded part by part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.failures import Failure, Success
from storage.people import Person


class ImportState(StrEnum):
    """Where a file stands."""

    READING = "reading"  # nothing of it counts; left behind, it is forgotten
    WHOLE = "whole"  # read to its end and wanted: comes in, whoever carries it on
    DONE = "done"  # every part is recorded


@dataclass(frozen=True, kw_only=True)
class Import:
    """One file. `moved_at`: when somebody last worked on it; counts are of what is recorded."""

    id: str
    name: str
    state: ImportState
    begun_at: datetime
    moved_at: datetime
    new: int = 0
    repeated: int = 0
    people: int = 0


@dataclass(frozen=True, kw_only=True)
class Left:
    """An address that no list of the provider's held any more."""

    address: str
    left_at: datetime


@dataclass(frozen=True, kw_only=True)
class Part:
    """So many rows of a file as are recorded at once."""

    failures: tuple[Failure, ...] = ()
    successes: tuple[Success, ...] = ()
    people: tuple[Person, ...] = ()
    left: tuple[Left, ...] = ()
