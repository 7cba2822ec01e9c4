"""Both kinds of rules together: the built-in ones, with those of an operator's file in front.

One file serves both: its `[[rule]]` rows read the words of mail servers, its
`[[line_works]]` rows the answers of LINE WORKS.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings, naming
from bot.lineworks import checking, rules
from handlers import causes
from handlers.causes import checking as checking_causes


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    causes: causes.RuleSet
    answers: tuple[rules.Rule, ...]


def load_rulebook(own: Path | None = None) -> Rulebook:
    """Raises ValueError; its text names file, line, field and mend."""
    return Rulebook(causes=causes.load_rules(own), answers=checking.load_rules(own))


def rulebook_of(settings: Settings) -> Rulebook:
    """The operator's rules in front of ours; raises ConfigError."""
    with naming("RULES_FILE"):
        return load_rulebook(settings.rules_file)


def findings(book: Rulebook, own: Path | None = None) -> list[str]:
    """What is wrong with rules that read well, by file and line and with the mend.

    With an operator's file, what is wrong with that: its rows for LINE WORKS were
    judged when it was loaded, and that it overrules built-in rules is its purpose.
    """
    found = checking_causes.findings(book.causes)
    if own is not None:
        return [one for one in found if one.startswith(f"{own}, ")]
    return [*found, *checking.complaints(book.answers)]
