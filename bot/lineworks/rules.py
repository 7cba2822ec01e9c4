"""The rows of errors.toml, and of an operator's file in front of it: read, line by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

from storage.failures import KINDS, Kind, Medium

_CONDITIONS = frozenset({"status", "code", "text", "header"})
_FIELDS = _CONDITIONS | {"kind", "evidence", "source", "examples"}
_Word = TypeVar("_Word", bound=StrEnum)


class RulesError(ValueError):
    """A row that cannot be used; the text names file, line, field and mend."""


class Evidence(StrEnum):
    """How a row is known."""

    DOCUMENTED = "documented"
    MEASURED = "measured"
    GUESSED = "guessed"


@dataclass(frozen=True, kw_only=True)
class Example:
    """An answer that its row must read; `header` is what the row's header held."""

    status: int
    code: str = ""
    text: str = ""
    header: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the table; a field that is None fits everything."""

    statuses: frozenset[int] | None
    code: re.Pattern[str] | None
    text: re.Pattern[str] | None
    header: tuple[str, re.Pattern[str]] | None
    kind: Kind
    evidence: Evidence
    source: str
    examples: tuple[Example, ...]
    file: str
    line: int

    def fits(self, status: int, headers: Mapping[str, str], code: str, text: str) -> bool:
        """`headers` by lower-case name."""
        if self.statuses is not None and status not in self.statuses:
            return False
        if self.code is not None and not self.code.fullmatch(code):
            return False
        if self.text is not None and not self.text.search(text):
            return False
        return self.header is None or bool(self.header[1].search(headers.get(self.header[0], "")))


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One table of a file. `lines` by field; under "" the line of its heading."""

    told: Mapping[str, object]
    file: str
    lines: Mapping[str, int]

    def trouble(self, field: str, words: str) -> RulesError:
        line = self.lines.get(field, self.lines[""])
        return RulesError(f"{self.file}, line {line}: {field} {words}")


@cache
def built_in() -> tuple[Rule, ...]:
    table = files("bot.lineworks").joinpath("errors.toml")
    return parse_rules(table.read_text("utf-8"), "errors.toml")


def parse_rules(
    text: str, file: str, table: str = "rule", others: frozenset[str] = frozenset()
) -> tuple[Rule, ...]:
    """The rows called [[`table`]] of one file; `others` are somebody else's. Raises RulesError."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{file}: not TOML ({error}); mend that line") from error
    if unknown := sorted(told.keys() - others - {table}):
        allowed = " or ".join(f"[[{name}]]" for name in sorted({table, *others}))
        line = _lines_of(text, rf"(\[\[?\s*)?{re.escape(unknown[0])}\b")[:1] or [1]
        raise RulesError(f"{file}, line {line[0]}: unknown table {unknown[0]!r}; use {allowed}")
    rows = told.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesError(f"{file}: write each row as [[{table}]]")
    places = _lines_of(text, rf"\[\[\s*{table}\s*\]\]")
    if len(places) != len(rows):  # one inline list: all rows stand at its line
        places = (_lines_of(text, table) or [1])[:1] * len(rows)
    return tuple(
        _rule(_Row(told=row, file=file, lines=_field_lines(text, place)))
        for row, place in zip(rows, places, strict=True)
    )


def _lines_of(text: str, pattern: str) -> list[int]:
    return [n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*{pattern}", line)]


def _field_lines(text: str, place: int) -> dict[str, int]:
    found = {"": place}
    for number, line in enumerate(text.splitlines()[place:], place + 1):
        if re.match(r"\s*\[\[?\w+\]", line):
            break
        if name := re.match(r"\s*(\w+)\s*=", line):
            found.setdefault(name[1], number)
    return found


def _rule(row: _Row) -> Rule:
    if unknown := sorted(row.told.keys() - _FIELDS):
        raise row.trouble(unknown[0], f"is no field; use {', '.join(sorted(_FIELDS))}")
    if not row.told.keys() & _CONDITIONS:
        raise row.trouble("status", f"or another of {', '.join(sorted(_CONDITIONS))} is needed")
    kind = _one_of(Kind, row, "kind")
    if kind not in KINDS[Medium.LINE_WORKS]:
        raise row.trouble("kind", f"{kind.value!r} is not one of LINE WORKS")
    return Rule(
        statuses=_statuses(row),
        code=_pattern(row, "code"),
        text=_pattern(row, "text", re.IGNORECASE),
        header=_header(row),
        kind=kind,
        evidence=_one_of(Evidence, row, "evidence"),
        source=str(row.told.get("source", "")),
        examples=_examples(row),
        file=row.file,
        line=row.lines[""],
    )


def _one_of(words: type[_Word], row: _Row, field: str) -> _Word:
    try:
        return words(str(row.told.get(field)))
    except ValueError:
        raise row.trouble(field, f"must be one of {', '.join(words)}") from None


def _statuses(row: _Row) -> frozenset[int] | None:
    value = row.told.get("status")
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[1-5]xx", value):
        first = int(value[0]) * 100
        return frozenset(range(first, first + 100))
    numbers = value if isinstance(value, list) else [value]
    if numbers and all(type(number) is int and 100 <= number <= 599 for number in numbers):  # noqa: PLR2004 - HTTP
        return frozenset(numbers)
    raise row.trouble("status", 'must be a number, a list of numbers or a class as "5xx"')


def _pattern(row: _Row, field: str, flags: int = 0) -> re.Pattern[str] | None:
    value = row.told.get(field)
    return None if value is None else _compiled(row, field, str(value), flags)


def _compiled(row: _Row, field: str, value: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(value, flags)
    except re.error as error:
        raise row.trouble(field, f"is no regular expression ({error}); mend it there") from None


def _header(row: _Row) -> tuple[str, re.Pattern[str]] | None:
    match row.told.get("header"):
        case None:
            return None
        case {"name": name, "holds": str(holds), **more} if not more:
            return str(name).lower(), _compiled(row, "header", holds, re.IGNORECASE)
    raise row.trouble("header", 'must be { name = "...", holds = "..." }')


def _examples(row: _Row) -> tuple[Example, ...]:
    told = row.told.get("examples", [])
    if isinstance(told, list) and all(map(_is_example, told)):
        return tuple(Example(**one) for one in told)
    raise row.trouble("examples", 'must be a list of { status = 400, code = "...", text = "..." }')


def _is_example(told: object) -> bool:
    if not isinstance(told, dict) or told.keys() - _CONDITIONS or "status" not in told:
        return False
    return all(type(value) is (int if name == "status" else str) for name, value in told.items())
