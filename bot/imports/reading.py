"""One file read from its first line to its last, in as much memory as one part takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.imports import values
from bot.imports.failure_rows import Fact, Row, Told
from bot.imports.forms import NAMES, Form, chosen, fitting
from bot.imports.headers import columns_of
from bot.imports.text import (
    DELIMITERS,
    FileError,
    Record,
    encoding_named,
    encoding_of,
    misfit,
    records,
    refuse_no_text,
)
from bot.imports.values import CellError, Given
from storage.failures import Failure, Success
from storage.imports import Left, Part
from storage.people import Person

# Recorded in one transaction: intake waits a few milliseconds for its turn.
PART = 1000
# Some files begin with a title and the period.
_TITLE_LINES = 10
_SAMPLE = 20
_SHOWN = 5
_TROUBLES_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a file was taken for, and why."""

    form: Form
    decided: str
    encoding: str
    delimiter: str
    header: Record
    columns: tuple[str, ...]  # of each header; empty for one that is not used


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Lines that were not understood."""

    line: int
    end: int
    reason: str


@dataclass(kw_only=True)
class Findings:
    """What a file holds. Only the first troubles and rows are kept; all are counted."""

    layout: Layout
    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    history: int = 0
    people: int = 0
    delivered: int = 0
    ignored: int = 0  # tells of nothing that failed
    bad: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    first: list[tuple[int, Told]] = field(default_factory=list)

    def hear(self, record: Record, told: Told) -> None:
        self.rows += 1
        if len(self.first) < _SHOWN:
            self.first.append((record.line, told))
        self.ignored += not told
        for one in told:
            if isinstance(one, Failure):
                self.kinds[one.kind] += 1
                self.history += one.history
            self.people += isinstance(one, Person)
        self.delivered += bool(told) and all(isinstance(one, Success) for one in told)

    def stumble(self, record: Record, reason: str) -> None:
        self.rows += 1
        self.bad += 1
        if len(self.troubles) < _TROUBLES_SHOWN:
            self.troubles.append(Trouble(line=record.line, end=record.end, reason=reason))


def layout_of(path: Path, *, wanted: str = "", encoding: str = "") -> Layout:
    """What it is; FileError with the mend where that cannot be told."""
    refuse_no_text(path)
    encoding = encoding_named(encoding) if encoding else encoding_of(path)
    if line := misfit(path, encoding):
        raise FileError(f"is not {encoding} in line {line:,}: say another --encoding, or none")
    found: list[tuple[int, str, Record, list[Form]]] = []
    for delimiter in DELIMITERS:
        for record in islice(records(path, encoding, delimiter), _TITLE_LINES):
            if fits := fitting(record.cells, wanted):
                known = sum(map(bool, columns_of(record.cells)))
                found.append((known, delimiter, record, fits))
    if not found and next(records(path, encoding, DELIMITERS[0]), None) is None:
        raise FileError("is empty")
    if not found:
        hint = f"as {wanted}" if wanted else f"as any kind of file; say --as {'|'.join(NAMES)}"
        raise FileError(f"has no headers in its first {_TITLE_LINES} lines that are known {hint}")
    _, delimiter, header, fits = max(found, key=lambda one: one[0])
    columns = columns_of(header.cells)
    sample = [_row(one, columns) for one in _below(path, encoding, delimiter, header, _SAMPLE)]
    form, decided = chosen(fits, path.name, sample)
    return Layout(
        form=form,
        decided="--as" if wanted else decided,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        columns=columns,
    )


def _below(
    path: Path, encoding: str, delimiter: str, header: Record, most: int
) -> Iterator[Record]:
    """The first whole records under the header."""
    every = records(path, encoding, delimiter)
    return islice((one for one in every if one.line > header.line and not one.broken), most)


def read(
    path: Path,
    layout: Layout,
    given: Given,
    keep: Callable[[Part], None],
    progress: Callable[[int], None] = lambda _: None,
) -> Findings:
    """Understand every row; `keep` gets them part by part, `progress` the bytes read."""
    found = Findings(layout=layout)
    told: list[Fact] = []
    rows = 0
    for record in records(path, layout.encoding, layout.delimiter, progress):
        if record.line <= layout.header.line:
            continue
        try:
            understood = _understood(record, layout, given)
        except ValueError as error:
            found.stumble(record, str(error))
            continue
        found.hear(record, understood)
        told += understood
        rows += 1
        if rows == PART:
            keep(_part(told))
            told, rows = [], 0
    if told:
        keep(_part(told))
    return found


def _understood(record: Record, layout: Layout, given: Given) -> Told:
    if record.broken:
        raise CellError("row", record.broken)
    most = len(layout.columns)
    if any(cell.strip() for cell in record.cells[most:]):
        raise CellError("row", f"has {len(record.cells)} cells under {most} headers")
    row = _row(record, layout.columns)
    if not layout.form.raw:
        row = {name: values.unescaped(cell) for name, cell in row.items()}
    return layout.form.read(row, given)


def _row(record: Record, columns: tuple[str, ...]) -> Row:
    return {
        name: cell.replace("\0", "")
        for name, cell in zip(columns, record.cells, strict=False)
        if name
    }


def _part(told: list[Fact]) -> Part:
    return Part(
        failures=tuple(one for one in told if isinstance(one, Failure)),
        successes=tuple(one for one in told if isinstance(one, Success)),
        people=tuple(one for one in told if isinstance(one, Person)),
        left=tuple(one for one in told if isinstance(one, Left)),
    )
