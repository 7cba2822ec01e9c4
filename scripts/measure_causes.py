"""Measures how well the rules read: accuracy, confusion, calibration, and all that cross-validated.

    python scripts/measure_causes.py FILE.csv [--folds 25]

The file's columns: text, status, code, cause, hard_soft. Rules are written by hand, so leaving
texts out teaches them nothing; what is left out with a cluster of texts is every phrase that no
text outside of it supports, as if nobody had ever seen that cluster. That is harsher than new
texts are: much general language is supported by one cluster only.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from handlers.causes import RuleSet, built_in, read
from handlers.causes.facts import speaker_of
from handlers.causes.phrases import Finder, fold, phrase
from handlers.causes.ruleset import rule_set
from storage.failures import Cause, Permanence, Reading

_NEVER = phrase("these words stand in no text whatever")
_LARGEST_CONFUSIONS = 20


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A text and what a person read in it."""

    text: str
    status: str
    code: str
    cause: Cause
    permanence: Permanence

    def read(self, rules: RuleSet) -> Reading:
        return read(self.text, self.code, self.status, rules=rules)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--folds", type=int, default=25)
    asked = parser.parse_args()
    texts = _load(asked.file)
    rules = built_in()
    print(f"{len(texts)} texts, rules {rules.version}")
    fit = [one.read(rules) for one in texts]
    left_out = _cross_validated(texts, rules, asked.folds)
    for name, readings in (("all rules", fit), ("clusters left out", left_out)):
        print(f"\n{name}: {_scores(texts, readings)}")
        for line in _calibration(texts, readings):
            print(line)
    print("\nread otherwise (all rules):")
    for line in _confusions(texts, fit):
        print(line)


def _load(file: Path) -> list[Labelled]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Labelled(
                text=row["text"],
                status=row["status"],
                code=row["code"],
                cause=Cause(row["cause"]),
                permanence=Permanence(row["hard_soft"]),
            )
            for row in csv.DictReader(lines)
        ]


def _scores(texts: Sequence[Labelled], readings: Sequence[Reading]) -> str:
    pairs = list(zip(texts, readings, strict=True))
    right = sum(one.cause is told.cause for one, told in pairs)
    causes = sorted({one.cause for one in texts})
    by_cause = [
        _f1(pairs, lambda one, c=cause: one.cause is c, lambda told, c=cause: told.cause is c)
        for cause in causes
    ]
    hard = _f1(
        pairs,
        lambda one: one.permanence is Permanence.HARD,
        lambda told: told.permanence is Permanence.HARD,
    )
    return (
        f"accuracy {right / len(pairs):.3f}, macro-F1 {sum(by_cause) / len(by_cause):.3f}, "
        f"hard-F1 {hard:.3f}"
    )


def _f1(
    pairs: Sequence[tuple[Labelled, Reading]],
    is_so: Callable[[Labelled], bool],
    said_so: Callable[[Reading], bool],
) -> float:
    both = sum(is_so(one) and said_so(told) for one, told in pairs)
    either = sum(is_so(one) + said_so(told) for one, told in pairs)
    return 2 * both / either if either else 0.0


def _calibration(texts: Sequence[Labelled], readings: Sequence[Reading]) -> Iterator[str]:
    told: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one, reading in zip(texts, readings, strict=True):
        tenth = min(int(reading.confidence * 10), 9)
        told[tenth].append((reading.confidence, one.cause is reading.cause))
    for _, cases in sorted(told.items()):
        said = sum(confidence for confidence, _ in cases) / len(cases)
        was = sum(right for _, right in cases) / len(cases)
        yield f"  said {said:.2f}  was {was:.2f}  {'#' * round(was * 40):40} {len(cases):4} texts"


def _confusions(texts: Sequence[Labelled], readings: Sequence[Reading]) -> Iterator[str]:
    pairs = zip(texts, readings, strict=True)
    wrong = Counter((one.cause, told.cause) for one, told in pairs if one.cause is not told.cause)
    for (was, said), count in wrong.most_common(_LARGEST_CONFUSIONS):
        yield f"  {count:3}  {was} read as {said}"


def _cross_validated(texts: Sequence[Labelled], rules: RuleSet, folds: int) -> list[Reading]:
    fold_of = [_hash(_cluster(one)) % folds for one in texts]
    supported = _support(texts, rules)
    found: list[Reading] = [Reading()] * len(texts)
    for number in set(fold_of):
        left = {at for at, one in enumerate(fold_of) if one == number}
        known = _without(rules, {key for key, by in supported.items() if by <= left})
        for at in left:
            found[at] = texts[at].read(known)
    return found


def _cluster(one: Labelled) -> str:
    """Texts of one provider, else those that begin alike."""
    words = [word for word in fold(one.text).split() if word.isalpha()]
    return speaker_of(one.text) or " ".join(words[:2])


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _support(texts: Sequence[Labelled], rules: RuleSet) -> dict[tuple[int, int], set[int]]:
    """Which texts hold each phrase (number of rule and entry); phrases that none holds are left."""
    keys = [(at, n) for at, rule in enumerate(rules.rules) for n in range(len(rule.words))]
    finder = Finder([(number, rules.rules[at].words[n]) for number, (at, n) in enumerate(keys)])
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    for at, one in enumerate(texts):
        for number in finder.numbers(fold(one.text)):
            found[keys[number]].add(at)
    return found


def _without(rules: RuleSet, gone: set[tuple[int, int]]) -> RuleSet:
    left = [
        replace(
            rule,
            words=tuple(one for n, one in enumerate(rule.words) if (at, n) not in gone)
            or ((_NEVER,) if rule.words else ()),
        )
        for at, rule in enumerate(rules.rules)
    ]
    return rule_set(rules.order, left)


if __name__ == "__main__":
    main()
