"""Why a server refused, read from its words by the rules of `rules/*.toml`.

`recall` is for every failure that comes in, `explain` for the one that a person looks at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from handlers.causes.facts import Facts, facts_of
from handlers.causes.memory import LONGEST
from handlers.causes.phrases import fold
from handlers.causes.rows import order_of, parse
from handlers.causes.ruleset import Order, Rule, RulesError, RuleSet, rule_set
from handlers.causes.usual import MENDER_OF, WAITING_HELPS
from storage.failures import Kind, Mender, Reading

__all__ = [
    "MENDER_OF", "TOLD_BY_A_SERVER", "Explanation", "Rule", "RuleSet", "RulesError", "built_in",
    "enhanced_status_of", "explain", "holding", "load_rules", "read", "recall", "smtp_code_of",
]  # fmt: skip

# Kinds whose text is a mail server's; of the others nothing can be read.
TOLD_BY_A_SERVER = frozenset(
    {
        Kind.HARD_BOUNCE,
        Kind.SOFT_BOUNCE,
        Kind.DEFERRED,
        Kind.INVALID_ADDRESS,
        Kind.UNCLASSIFIED,
    }
)

_NO_HINTS: Mapping[str, str] = MappingProxyType({})

# The longest that is read of any text.
_LONGEST_TEXT = 64 * 1024
# Where an operator's rules stand unless they name a tier.
_OPERATORS_TIER = "operator"
# The same file holds an operator's rows for LINE WORKS' answers, which are read elsewhere.
_NOT_OURS = frozenset({"line_works"})

_WORD = re.compile(r"[a-z]+")
_SMTP_CODE = re.compile(r"\s*([245][0-9]{2})(?![0-9])")
# The look behind stands second: a pattern that begins with a digit is sought faster.
_ENHANCED = re.compile(r"([245](?<![0-9.][245])\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])")


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A reading with what follows from it. `rule` is None where none holds."""

    reading: Reading
    mender: Mender
    waiting_helps: bool
    facts: Facts
    rule: Rule | None


def read(
    text: str,
    smtp_code: str = "",
    status: str = "",
    hints: Mapping[str, str] = _NO_HINTS,
    rules: RuleSet | None = None,
) -> Reading:
    """The cause that a refusal states; `other` without a rule where none holds.

    Codes that are not given are taken from the text. Of the hints,
    `classification` is known: the provider's own guess, heard last.
    """
    known = rules or built_in()
    said = _said(text, smtp_code, status, hints)
    return _won(known, _held(known, fold(said.text), said))


def recall(
    text: str,
    smtp_code: str = "",
    status: str = "",
    hints: Mapping[str, str] = _NO_HINTS,
    rules: RuleSet | None = None,
) -> Reading:
    """What `read` reads, faster where many texts are alike but for names and numbers."""
    known = rules or built_in()
    said = _said(text, smtp_code, status, hints)
    folded = fold(said.text)
    if len(folded) > LONGEST:
        return _won(known, _held(known, folded, said))
    key = (known.memory.gist(folded), said.code, said.detail, said.hint)
    reading = known.memory.reading(key)
    if reading is None:
        reading = _won(known, _held(known, folded, said))
        known.memory.keep(key, reading)
    return reading


def _won(known: RuleSet, held: Sequence[int]) -> Reading:
    if not held:
        return known.unread
    won = known.rules[held[0]]
    cause = won.reading.cause
    split = any(
        known.rules[at].reading.cause is not cause
        for at in held
        # A moving estimate of the sending provider's is no second opinion.
        if at not in known.by_hints_alone
    )
    return won.doubted if split else won.reading


def holding(
    known: RuleSet,
    text: str,
    smtp_code: str = "",
    status: str = "",
    hints: Mapping[str, str] = _NO_HINTS,
) -> Iterator[Rule]:
    """Every rule that holds, the one that wins first."""
    said = _said(text, smtp_code, status, hints)
    return (known.rules[at] for at in _held(known, fold(said.text), said))


class _Said(NamedTuple):
    """A refusal, taken apart as rules ask for it."""

    text: str
    code: str
    detail: str
    hint: str


def _said(text: str, smtp_code: str, status: str, hints: Mapping[str, str]) -> _Said:
    text = text[:_LONGEST_TEXT]
    return _Said(
        text,
        smtp_code or smtp_code_of(text),
        _detail(status) or _detail(enhanced_status_of(text)),
        _first_word(hints.get("classification", "")) if hints else "",
    )


def _held(known: RuleSet, folded: str, said: _Said) -> list[int]:
    _, code, detail, hint = said
    found = known.finder.numbers(folded)
    found.update(known.by_status.get(detail, ()), known.by_code.get(code, ()))
    found.update(known.by_hint.get(hint, ()))
    return [
        at
        for at in sorted(found)
        if at >= 0
        and ~at not in found
        and (at in known.by_words_alone or known.rules[at].allows(code, detail, hint))
    ]


def _first_word(classification: str) -> str:
    """The vendor spells one class in several ways; they differ behind the first word."""
    found = _WORD.match(classification.casefold())
    return found[0] if found else ""


def explain(
    text: str,
    smtp_code: str = "",
    status: str = "",
    hints: Mapping[str, str] = _NO_HINTS,
    *,
    recipient: str = "",
    rules: RuleSet | None = None,
) -> Explanation:
    """What `read` reads, with whose turn it is and the facts in the text. Not for the hot path."""
    known = rules or built_in()
    reading = read(text, smtp_code, status, hints, known)
    rule = known.named(reading.rule)
    helps = rule.waiting_helps if rule else None
    return Explanation(
        reading=reading,
        mender=(rule and rule.mender) or MENDER_OF[reading.cause],
        waiting_helps=reading.cause in WAITING_HELPS if helps is None else helps,
        facts=facts_of(text, recipient),
        rule=rule,
    )


@cache
def built_in() -> RuleSet:
    return rule_set(*_built_in())


def load_rules(own: Path | None = None) -> RuleSet:
    """The built-in rules with the `[[rule]]` rows of an operator's file. Raises RulesError."""
    if own is None:
        return built_in()
    try:
        text = own.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{own}: cannot be read as UTF-8 text; name a readable file") from error
    order, rules = _built_in()
    return rule_set(order, [*parse(text, str(own), order, _OPERATORS_TIER, _NOT_OURS), *rules])


def _built_in() -> tuple[Order, list[Rule]]:
    folder = files(__name__).joinpath("rules")
    told = {
        file.name: file.read_text("utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    order = order_of(tomllib.loads(told.pop("order.toml")))
    return order, [rule for name, text in told.items() for rule in parse(text, name, order)]


def smtp_code_of(text: str) -> str:
    """The reply code in front of a server's words (RFC 5321 4.2), or nothing."""
    found = _SMTP_CODE.match(text)
    return found[1] if found else ""


def enhanced_status_of(text: str) -> str:
    """The first enhanced status in a server's words (RFC 3463), or nothing."""
    found = _ENHANCED.search(text)
    return found[1] if found else ""


def _detail(status: str) -> str:
    """`5.1.1` as `1.1`; nothing for `5.0.0`, which only says that the server gave none."""
    detail = status.strip().partition(".")[2]
    return "" if detail == "0.0" else detail
