"""What is wrong with a set of rules that reads well: each finding names line and mend."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from handlers import causes
from handlers.causes.phrases import Phrase
from handlers.causes.ruleset import Rule, RuleSet

# Spellings of one entry that are tried before it is called dead.
_SAMPLES = 400


def findings(rules: RuleSet) -> list[str]:
    """One line each, in the order of the rules: file, line, rule, field, what is wrong, mend."""
    found = [said for rule in rules.rules for check in _CHECKS for said in check(rules, rule)]
    return found + list(_contradictions(rules)) + list(_overlaps(rules))


def _incomplete(_: RuleSet, rule: Rule) -> Iterator[str]:
    only_hints = rule.hints and not (rule.words or rule.status or rule.code)
    if not rule.examples and not only_hints:
        yield f"{rule.where}: examples: none; add a text that this rule must read"
    if rule.words and not rule.not_examples:
        yield f"{rule.where}: not_examples: none; add a near text that it must leave to others"
    if not rule.source:
        yield f"{rule.where}: source: missing; say where the words can be read"


def _misread_examples(rules: RuleSet, rule: Rule) -> Iterator[str]:
    for text in rule.examples:
        won = next(causes.holding(rules, text), None)
        if won is None:
            yield f"{rule.where}: examples: {text!r} is read by no rule; mend the conditions"
        elif won.name != rule.name:
            yield (
                f"{rule.where}: examples: {text!r} is read by {won.name} ({_place(won)}); "
                f'add before = ["{won.name}"], or take the example away'
            )
    for text in rule.not_examples:
        won = next(causes.holding(rules, text), None)
        if won is not None and won.name == rule.name:
            yield (
                f"{rule.where}: not_examples: {text!r} is read by this rule; "
                "narrow its words, or add the exception to unless"
            )


def _dead(rules: RuleSet, rule: Rule) -> Iterator[str]:
    """Words that other rules always read first, and rules of which nothing is left."""
    dead = [one for one in rule.words if not _can_win(rules, rule, one)]
    if rule.words and len(dead) == len(rule.words):
        yield f"{rule.where}: can never win: other rules read all of its words first; remove it"
        return
    for one in dead:
        yield f"{rule.where}: words: {one.text!r} can never win: remove it, or add before"
    if not rule.words and not _wins_by_codes(rules, rule):
        yield f"{rule.where}: can never win: other rules have its codes first; remove it"


def _can_win(rules: RuleSet, rule: Rule, one: Phrase) -> bool:
    status, code = _codes(rule)
    return any(
        won is not None and won.name == rule.name
        for text in one.samples(_SAMPLES)
        for won in [next(causes.holding(rules, text, code, status, _hint(rule)), None)]
    )


def _wins_by_codes(rules: RuleSet, rule: Rule) -> bool:
    for detail in sorted(rule.status) or [""]:
        for code in sorted(rule.code) or [""]:
            status = f"5.{detail}" if detail else ""
            won = next(causes.holding(rules, "", code, status, _hint(rule)), None)
            if won is not None and won.name == rule.name:
                return True
    return False


def _codes(rule: Rule) -> tuple[str, str]:
    status = min(rule.status, default="")
    return (f"5.{status}" if status else ""), min(rule.code, default="")


def _hint(rule: Rule) -> dict[str, str]:
    return {"classification": min(rule.hints)} if rule.hints else {}


def _contradictions(rules: RuleSet) -> Iterator[str]:
    """Equal conditions in one tier that mean two things."""
    for one, other in combinations(rules.rules, 2):
        if one.tier != other.tier or one.reading.cause == other.reading.cause:
            continue
        for said in sorted(_conditions(one) & _conditions(other)):
            yield (
                f"{other.where}: {said} contradicts {one.name} ({_place(one)}): "
                "the same condition, another cause; take it out of one of them"
            )


def _conditions(rule: Rule) -> set[str]:
    if rule.words:
        more = [sorted(rule.status), sorted(rule.code)]
        return {f"words {one.text!r}" + (f" {more}" if any(more) else "") for one in rule.words}
    if rule.status:
        return {f"status {one} {sorted(rule.code) or ''}".strip() for one in rule.status}
    return {f"code {one}" for one in rule.code} or {f"hints {one}" for one in rule.hints}


def _overlaps(rules: RuleSet) -> Iterator[str]:
    """Rules that the order leaves to their places in the files, and that say different things."""
    for rule in rules.rules:
        for text in rule.examples:
            for other in causes.holding(rules, text):
                if _tied(rules, rule, other):
                    yield (
                        f"{rule.where}: overlaps {other.name} ({_place(other)}) without order on "
                        f'{text!r}; add before = ["{other.name}"] here, or the other way round'
                    )


def _tied(rules: RuleSet, one: Rule, other: Rule) -> bool:
    return (
        one.name != other.name
        and rules.order.place(one) == rules.order.place(other)
        and _says(one) != _says(other)
        and other.name not in one.before
        and one.name not in other.before
    )


def _says(rule: Rule) -> tuple[object, ...]:
    return rule.reading.permanence, rule.mender, rule.waiting_helps


def _place(rule: Rule) -> str:
    return rule.where.partition(" (")[0]


_CHECKS = (_incomplete, _misread_examples, _dead)
