"""A file of rules as Rule values: every mistake is named by file, line, field and mend."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from handlers.causes.phrases import Phrase, PhraseError, phrase
from handlers.causes.ruleset import Order, Rule, RulesError
from handlers.causes.usual import permanence_of
from storage.failures import Cause, Mender, Permanence, Reading

# Measured: of the texts on which rules disagree, so much smaller a part is read right.
_WHEN_DOUBTED = 0.87
# What a whole file may say once for all of its rows.
_SHARED = frozenset({"tier", "provider", "source"})
_FIELDS = _SHARED | {
    "name", "cause", "permanence", "confidence", "words", "unless", "status", "code", "hints",
    "examples", "not_examples", "before", "mender", "waiting_helps",
}  # fmt: skip
_CONDITIONS = ("words", "status", "code", "hints")
_ROW = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_SHAPES = {
    "status": (
        re.compile(r"\d{1,3}\.\d{1,3}(?:-\d{1,3})?"),
        "subject and detail, such as 1.1, or a range of details, such as 7.606-649",
    ),
    "code": (re.compile(r"[245]\d\d"), "three digits, such as 550"),
}

_Word = TypeVar("_Word", bound=StrEnum)


def parse(
    text: str,
    file: str,
    order: Order,
    tier: str = "",
    others: frozenset[str] = frozenset(),
) -> list[Rule]:
    """The `[[rule]]` rows of one file, called `file` in complaints. Raises RulesError.

    `tier` is the one of rows that name none, unless the file does; `others` are
    tables that somebody else reads.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{file}: not TOML ({error}); mend that line") from error
    if unknown := sorted(table.keys() - _SHARED - others - {"rule"}):
        allowed = ", ".join(sorted({"rule", *_SHARED, *others}))
        raise RulesError(f"{file}: {unknown[0]}: unknown; use {allowed}")
    rows = table.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RulesError(f"{file}: rule: write each row as [[rule]]")
    shared = {"tier": tier} | {name: table[name] for name in _SHARED if name in table}
    # TOML keeps no lines; the rows come in the order of their headings.
    lines = [text.count("\n", 0, found.start()) + 1 for found in _ROW.finditer(text)]
    places = [f"{file}, line {line}" for line in lines] or [file] * len(rows)
    rules = [
        _Row(shared | row, where, order).rule() for row, where in zip(rows, places, strict=True)
    ]
    _once(rules)
    return rules


def order_of(table: Mapping[str, Any]) -> Order:
    """`order.toml`: the tiers, and the causes within each."""
    return Order(
        tiers=tuple(table["tiers"]),
        causes=tuple(map(Cause, table["causes"])),
        confidence=table["confidence"],
        vocabulary={name: tuple(words) for name, words in table["vocabulary"].items()},
    )


def _spread(told: str) -> Iterator[str]:
    """`7.606-608` is three statuses; everything else is itself."""
    first, dash, last = told.partition("-")
    subject, _, detail = first.partition(".")
    if not dash:
        yield told
        return
    for number in range(int(detail), int(last) + 1):
        yield f"{subject}.{number}"


def _once(rules: list[Rule]) -> None:
    known: dict[str, Rule] = {}
    for rule in rules:
        if rule.name in known:
            first = known[rule.name].where
            raise RulesError(f"{rule.where}: name: {rule.name!r} stands in {first} too; rename one")
        known[rule.name] = rule


class _Row:
    """One row on its way to a Rule."""

    def __init__(self, row: Mapping[str, Any], where: str, order: Order) -> None:
        self._row = row
        self._where = where
        self._order = order

    def rule(self) -> Rule:
        self._only_known_fields()
        name = self._text("name") or self._wrong("name", "missing; name what the rule finds")
        tier = self._text("tier")
        if tier not in self._order.tiers:
            self._wrong("tier", f"is {tier!r}; use one of {', '.join(self._order.tiers)}")
        reading = self._reading(name, tier)
        rule = Rule(
            name=name,
            tier=tier,
            where=f"{self._where} ({name})",
            reading=reading,
            doubted=replace(reading, confidence=round(reading.confidence * _WHEN_DOUBTED, 3)),
            words=self._phrases("words"),
            unless=self._phrases("unless"),
            status=self._set("status"),
            code=self._set("code"),
            hints=self._set("hints"),
            examples=self._texts("examples"),
            not_examples=self._texts("not_examples"),
            before=self._texts("before"),
            provider=self._text("provider"),
            source=self._text("source"),
            mender=self._one_of(Mender, "mender") if "mender" in self._row else None,
            waiting_helps=self._flag("waiting_helps"),
        )
        if not any(getattr(rule, one) for one in _CONDITIONS):
            self._wrong("words", f"missing; give one of {', '.join(_CONDITIONS)}")
        return rule

    def _reading(self, name: str, tier: str) -> Reading:
        cause = self._one_of(Cause, "cause")
        given = "permanence" in self._row
        return Reading(
            cause=cause,
            permanence=self._one_of(Permanence, "permanence") if given else permanence_of(cause),
            confidence=self._confidence(tier),
            rule=name,
        )

    def _only_known_fields(self) -> None:
        for name in self._row.keys() - _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            mend = f"did you mean {near[0]}?" if near else f"use {', '.join(sorted(_FIELDS))}"
            self._wrong(name, f"unknown; {mend}")

    def _wrong(self, name: str, said: str) -> str:
        raise RulesError(f"{self._where}: {name}: {said}")

    def _one_of(self, words: type[_Word], name: str) -> _Word:
        try:
            return words(str(self._row.get(name, "")))
        except ValueError:
            told = self._row.get(name)
            raise RulesError(
                f"{self._where}: {name}: is {told!r}; use one of {', '.join(words)}"
            ) from None

    def _confidence(self, tier: str) -> float:
        told = self._row.get("confidence", self._order.confidence[tier])
        if isinstance(told, bool) or not isinstance(told, int | float) or not 0 < told < 1:
            self._wrong("confidence", f"is {told!r}; use a number between 0 and 1")
        return float(str(told))

    def _text(self, name: str) -> str:
        told = self._row.get(name, "")
        return told if isinstance(told, str) else self._wrong(name, "write it as text in quotes")

    def _flag(self, name: str) -> bool | None:
        told = self._row.get(name)
        if told is not None and not isinstance(told, bool):
            self._wrong(name, f"is {told!r}; use true or false")
        return told

    def _texts(self, name: str) -> tuple[str, ...]:
        told = self._row.get(name, [])
        if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
            self._wrong(name, 'write a list of texts, such as ["..."]')
        return tuple(told)

    def _set(self, name: str) -> frozenset[str]:
        told = frozenset(self._texts(name))
        shape, right = _SHAPES.get(name, (None, ""))
        for one in told:
            if shape and not shape.fullmatch(one):
                self._wrong(name, f"is {one!r}; write {right}")
        return frozenset(each for one in told for each in _spread(one))

    def _phrases(self, name: str) -> tuple[Phrase, ...]:
        try:
            return tuple(phrase(text, self._order.vocabulary) for text in self._texts(name))
        except PhraseError as error:
            raise RulesError(f"{self._where}: {name}: {error}") from None
