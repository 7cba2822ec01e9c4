"""The rows of errors.toml, and of an operator's file in front of it: read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from storage.failures import KINDS, Kind, Medium

_FIELDS = frozenset({"status", "code", "text", "header", "kind", "evidence", "source"})
_Word = TypeVar("_Word", bound=StrEnum)


class RulesError(ValueError):
    """A row that cannot be used; the text names file, row, field and mend."""


class Evidence(StrEnum):
    """How a row is known."""

    DOCUMENTED = "documented"
    MEASURED = "measured"
    GUESSED = "guessed"


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

    def fits(self, status: int, headers: Mapping[str, str], code: str, text: str) -> bool:
        """`headers` by lower-case name."""
        if self.statuses is not None and status not in self.statuses:
            return False
        if self.code is not None and not self.code.fullmatch(code):
            return False
        if self.text is not None and not self.text.search(text):
            return False
        return self.header is None or bool(self.header[1].search(headers.get(self.header[0], "")))


@cache
def built_in() -> tuple[Rule, ...]:
    table = files("bot.lineworks").joinpath("errors.toml")
    return parse_rules(table.read_text("utf-8"), "errors.toml")


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """The built-in rows, behind those of an operator's file. Raises RulesError."""
    if own is None:
        return built_in()
    try:
        text = own.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{own}: cannot be read as UTF-8 text; name a readable file") from error
    return parse_rules(text, own.name) + built_in()


def parse_rules(text: str, name: str) -> tuple[Rule, ...]:
    """The rows of one file, called `name` in complaints. Raises RulesError."""
    try:
        rows = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{name}: not TOML ({error}); mend that line") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesError(f"{name}: write each row as [[rule]]")
    return tuple(_rule(row, f"{name}, rule {number}") for number, row in enumerate(rows, 1))


def _rule(row: Mapping[str, object], where: str) -> Rule:
    if unknown := sorted(row.keys() - _FIELDS):
        raise RulesError(f"{where}: unknown field {unknown[0]!r}; use {', '.join(sorted(_FIELDS))}")
    kind = _one_of(Kind, row.get("kind"), f"{where}: kind")
    if kind not in KINDS[Medium.LINE_WORKS]:
        raise RulesError(f"{where}: kind {kind.value!r} is not one of LINE WORKS")
    return Rule(
        statuses=_statuses(row.get("status"), where),
        code=_pattern(row.get("code"), f"{where}: code"),
        text=_pattern(row.get("text"), f"{where}: text", re.IGNORECASE),
        header=_header(row.get("header"), where),
        kind=kind,
        evidence=_one_of(Evidence, row.get("evidence"), f"{where}: evidence"),
        source=str(row.get("source", "")),
    )


def _one_of(words: type[_Word], value: object, where: str) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        raise RulesError(f"{where} must be one of {', '.join(words)}") from None


def _statuses(value: object, where: str) -> frozenset[int] | None:
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"[1-5]xx", value):
        first = int(value[0]) * 100
        return frozenset(range(first, first + 100))
    numbers = value if isinstance(value, list) else [value]
    if numbers and all(type(number) is int and 100 <= number <= 599 for number in numbers):  # noqa: PLR2004 - HTTP
        return frozenset(numbers)
    raise RulesError(f'{where}: status must be a number, a list of numbers or a class as "5xx"')


def _pattern(value: object, where: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    if value is None:
        return None
    try:
        return re.compile(str(value), flags)
    except re.error as error:
        raise RulesError(f"{where} is no regular expression ({error})") from None


def _header(value: object, where: str) -> tuple[str, re.Pattern[str]] | None:
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() == {"name", "holds"}:
        holds = _pattern(value["holds"], f"{where}: header", re.IGNORECASE)
        if holds is not None:
            return str(value["name"]).lower(), holds
    raise RulesError(f'{where}: header must be {{ name = "...", holds = "..." }}')
