"""Rules as values, and the order in which they win.

`rules/order.toml` alone decides it: first the tier, then the cause, then the place in the
files; and a rule that names another in `before` stands right in front of that one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from handlers.causes.memory import Memory
from handlers.causes.phrases import Finder, Phrase
from storage.failures import Cause, Mender, Reading

# Counted up when the same rules would read otherwise: the language itself has changed.
_LANGUAGE = 1


class RulesError(ValueError):
    """A rule that cannot be used; the text names file, line, field and mend."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of a file. Conditions that are not given always hold; of `words` one must be found.

    `status` holds subject and detail of an enhanced status, whatever its class;
    `hints` are words of the provider's own classification. `where` is file and line.
    """

    name: str
    tier: str
    reading: Reading
    doubted: Reading  # where another rule holds too and says another cause
    where: str
    words: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    status: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    provider: str = ""
    source: str = ""
    mender: Mender | None = None  # None: the cause's
    waiting_helps: bool | None = None  # None: the cause's

    @property
    def asks_for_codes(self) -> bool:
        return bool(self.status or self.code or self.hints)

    def allows(self, code: str, detail: str, hint: str) -> bool:
        """Whether every condition but the words holds."""
        return (
            (not self.status or detail in self.status)
            and (not self.code or code in self.code)
            and (not self.hints or hint in self.hints)
        )


@dataclass(frozen=True, kw_only=True)
class Order:
    """Who wins: tiers and, within one, causes; the first first.

    `confidence` is that of a tier's rules, `vocabulary` what their words may name.
    """

    tiers: tuple[str, ...]
    causes: tuple[Cause, ...]
    confidence: Mapping[str, float]
    vocabulary: Mapping[str, tuple[str, ...]]

    def place(self, rule: Rule) -> tuple[int, int]:
        return self.tiers.index(rule.tier), self.causes.index(rule.reading.cause)


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Rules in the order of their precedence. `version` names them in every reading.

    What finds their words is made for the first text: a fifth of a second and 20 MB that
    a command which reads none, or an idle bot, does without.
    """

    rules: tuple[Rule, ...]
    version: str
    order: Order
    unread: Reading  # where none holds
    by_words_alone: frozenset[int] = field(repr=False, compare=False)
    by_hints_alone: frozenset[int] = field(repr=False, compare=False)
    # Which rules may hold, by the one condition that is cheapest to look up.
    by_status: Mapping[str, tuple[int, ...]] = field(repr=False, compare=False)
    by_code: Mapping[str, tuple[int, ...]] = field(repr=False, compare=False)
    by_hint: Mapping[str, tuple[int, ...]] = field(repr=False, compare=False)

    @cached_property
    def finder(self) -> Finder:
        return Finder(
            [
                *((at, one) for at, rule in enumerate(self.rules) for one in rule.words),
                # What forbids a rule is reported under the rule's number turned round.
                *((~at, one) for at, rule in enumerate(self.rules) for one in rule.unless),
            ]
        )

    @cached_property
    def memory(self) -> Memory:
        return Memory(self.finder.spellings)

    def named(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)


def rule_set(order: Order, rules: Sequence[Rule]) -> RuleSet:
    """The rules in their order, ready to read with. Raises RulesError for a `before` in a circle."""
    known = _sorted(order, rules)
    version = hashlib.sha256(repr((_LANGUAGE, [_content(rule) for rule in known])).encode())
    named = tuple(_of_version(rule, version.hexdigest()[:8]) for rule in known)
    return RuleSet(
        rules=named,
        version=version.hexdigest()[:8],
        order=order,
        unread=Reading(rule_set=version.hexdigest()[:8]),
        by_words_alone=frozenset(
            at for at, rule in enumerate(named) if rule.words and not rule.asks_for_codes
        ),
        by_hints_alone=frozenset(
            at
            for at, rule in enumerate(named)
            if rule.hints and not (rule.words or rule.status or rule.code)
        ),
        by_status=_index((at, rule.status) for at, rule in enumerate(named) if not rule.words),
        by_code=_index(
            (at, rule.code) for at, rule in enumerate(named) if not (rule.words or rule.status)
        ),
        by_hint=_index(
            (at, rule.hints)
            for at, rule in enumerate(named)
            if not (rule.words or rule.status or rule.code)
        ),
    )


def _index(conditions: Iterable[tuple[int, frozenset[str]]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for at, words in conditions:
        for word in words:
            found[word] = (*found.get(word, ()), at)
    return found


def _content(rule: Rule) -> tuple[object, ...]:
    """What makes a rule read as it does, in a form that is the same in every process."""
    texts = [one.text for one in rule.words], [one.text for one in rule.unless]
    sets = [sorted(one) for one in (rule.status, rule.code, rule.hints)]
    reading = rule.reading
    told = str(reading.cause), str(reading.permanence), reading.confidence, reading.rule
    return told, texts, sets


def _of_version(rule: Rule, version: str) -> Rule:
    reading, doubted = (replace(one, rule_set=version) for one in (rule.reading, rule.doubted))
    return replace(rule, reading=reading, doubted=doubted)


def _sorted(order: Order, rules: Sequence[Rule]) -> list[Rule]:
    named = {rule.name: (at, rule) for at, rule in enumerate(rules)}

    def other(rule: Rule, name: str) -> Rule:
        if name not in named:
            raise RulesError(f"{rule.where}: before: no rule is called {name!r}; name one that is")
        return named[name][1]

    def key(rule: Rule, asked: tuple[str, ...] = ()) -> tuple[int, ...]:
        if rule.name in asked:
            raise RulesError(f"{rule.where}: before: goes round in a circle; take one away")
        own = (*order.place(rule), named[rule.name][0], 1)
        later = [key(other(rule, name), (*asked, rule.name)) for name in rule.before]
        return min([own, *((*place[:-1], place[-1] - 1, 1) for place in later)])

    return sorted(rules, key=key)
