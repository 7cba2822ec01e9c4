"""Whether rows can win at all and read their own examples; and an operator's file, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from bot.lineworks.rules import Rule, RulesError, built_in, parse_rules

OWN_TABLE = "line_works"
# The same file holds an operator's rules for causes, which are read elsewhere.
_NOT_OURS = frozenset({"rule", "tier", "provider", "source"})

_EVERY_STATUS = frozenset(range(600))
# Any text at all, in the place of a wildcard: no pattern names these two.
_ANYTHING = ("", "\N{SNOWMAN}", "\N{SNOWMAN}\N{COMET}")
_MOST_WILDCARDS = 4
_PLAIN = re.compile(r"(?:\w|[ \"'-]|\.[*+])+")
# Whoever matches the snowman by nothing but these matches whatever else stands there.
_TAME = re.compile(r"(?:\w|[ \"'|()?-]|\.[*+])*")


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """The built-in rows, behind those of an operator's file. Raises RulesError."""
    if own is None:
        return built_in()
    try:
        text = own.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{own}: cannot be read as UTF-8 text; name a readable file") from error
    rows = parse_rules(text, str(own), OWN_TABLE, _NOT_OURS)
    for complaint in complaints(rows):
        raise RulesError(complaint)
    return rows + built_in()


def complaints(rules: Sequence[Rule]) -> Iterator[str]:
    """What is wrong with the rows of one file, by line and with the mend."""
    for number, rule in enumerate(rules):
        before = rules[:number]
        here = f"{rule.file}, line {rule.line}"
        if hiding := _hiding(rule, before):
            yield (
                f"{here}: this row can never win: every answer that it fits is taken by "
                f"{_named(hiding)}; move it in front, or take it out"
            )
            continue
        for place, example in enumerate(rule.examples, 1):
            headers = {rule.header[0]: example.header} if rule.header else {}
            answer = (example.status, headers, example.code, example.text)
            first = next((one for one in (*before, rule) if one.fits(*answer)), None)
            if first is None:
                yield f"{here}: examples: number {place} does not fit the row; mend one of the two"
            elif first is not rule:
                yield (
                    f"{here}: examples: number {place} is read by {_named([first])}; "
                    "move this row in front, or mend the example"
                )


def _hiding(rule: Rule, before: Sequence[Rule]) -> list[Rule]:
    """Rows that take every answer before it comes to `rule`; none where that cannot be shown."""
    hiding: list[Rule] = []
    for code, text in product(_branches(rule.code), _branches(rule.text)):
        covering = [
            one
            for one in before
            if _takes(one.code, code, whole=True)
            and _takes(one.text, text, whole=False)
            and one.header in {None, rule.header}
        ]
        taken = [one.statuses or _EVERY_STATUS for one in covering]
        if (rule.statuses or _EVERY_STATUS) - frozenset[int]().union(*taken):
            return []
        hiding += [one for one in covering if one not in hiding]
    return hiding


def _branches(pattern: re.Pattern[str] | None) -> list[str | None]:
    """The alternatives of a pattern; one alone where it is not plain."""
    if pattern is None:
        return [None]
    branches = pattern.pattern.split("|")
    plain = all(map(_PLAIN.fullmatch, branches))
    return list(branches) if plain else [pattern.pattern]


def _takes(pattern: re.Pattern[str] | None, branch: str | None, *, whole: bool) -> bool:
    """Whether `pattern` certainly matches whatever `branch` matches."""
    if pattern is None or branch is None:
        return pattern is None
    if branch in {pattern.pattern, *_branches(pattern)}:
        return True
    if not _PLAIN.fullmatch(branch):
        return False
    samples = _samples(branch)
    exact = whole and samples == [branch]
    if not samples or not (exact or _TAME.fullmatch(pattern.pattern)):
        return False
    return all(pattern.fullmatch(one) if whole else pattern.search(one) for one in samples)


def _samples(branch: str) -> list[str]:
    """The branch with its wildcards filled in every way that could make a difference."""
    wildcards = {".*": _ANYTHING, ".+": _ANYTHING[1:]}
    parts = re.split(r"(\.[*+])", branch)
    if len(parts) > 2 * _MOST_WILDCARDS + 1:
        return []
    return ["".join(words) for words in product(*(wildcards.get(part, [part]) for part in parts))]


def _named(rules: Sequence[Rule]) -> str:
    lines = sorted({rule.line for rule in rules})
    return f"{'line' if len(lines) == 1 else 'lines'} {' and '.join(map(str, lines))}"
