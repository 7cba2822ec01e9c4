"""Why a server refused, read from its words by the rules of `rules.toml`.

The first rule whose conditions all hold wins; the file's order is the only precedence.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from handlers.causes.facts import Facts, facts_of
from storage.failures import Cause, Kind, Mender, Permanence, Reading

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

# Servers say why within a few hundred characters; behind that stand quoted mails.
_LONGEST_TEXT = 4096

# Unless a rule says otherwise. Hard: the address itself will not take mail.
_PERMANENCE = {
    Cause.USER_UNKNOWN: Permanence.HARD,
    Cause.DOMAIN_NOT_FOUND: Permanence.HARD,
    Cause.FEEDBACK_OR_VACATION: Permanence.NONE,
}

# Who can act, unless a rule knows better.
MENDER_OF = {
    Cause.MAILBOX_FULL: Mender.RECIPIENT,
    Cause.USER_UNKNOWN: Mender.ADMIN,
    Cause.DOMAIN_NOT_FOUND: Mender.ADMIN,
    Cause.USER_MOVED_OR_DISABLED: Mender.ADMIN,
    Cause.POLICY_BLOCKED: Mender.RECIPIENT_IT,
    Cause.REPUTATION_BLOCKED: Mender.SENDER,
    Cause.CONTENT_REJECTED: Mender.SENDER,
    Cause.MESSAGE_TOO_BIG: Mender.SENDER,
    Cause.THROTTLED: Mender.NOBODY,
    Cause.CONNECTION_FAILED: Mender.NOBODY,
    Cause.SERVER_ERROR: Mender.RECIPIENT_IT,
    Cause.AUTH_FAILURE: Mender.SENDER,
    Cause.RELAY_DENIED: Mender.RECIPIENT_IT,
    Cause.SPAM_DETECTED: Mender.SENDER,
    Cause.VIRUS_DETECTED: Mender.SENDER,
    Cause.SYNTAX_OR_PROTOCOL: Mender.SENDER,
    Cause.EXPIRED: Mender.NOBODY,
    Cause.FEEDBACK_OR_VACATION: Mender.NOBODY,
    Cause.OTHER: Mender.SUPPORT,
}
# Time alone may mend it; a full mailbox has a good address, yet empties nothing by itself.
_WAITING_HELPS = frozenset(
    {Cause.THROTTLED, Cause.CONNECTION_FAILED, Cause.SERVER_ERROR, Cause.EXPIRED}
)

_SMTP_CODE = re.compile(r"\s*([245][0-9]{2})(?![0-9])")
_ENHANCED = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the file. A condition that is not given always holds.

    `status` holds subject and detail of an enhanced status, whatever its class;
    `hints` are beginnings of what the provider itself thinks.
    """

    name: str
    reading: Reading
    words: re.Pattern[str] | None = None
    status: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    hints: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    mender: Mender | None = None  # None: the cause's
    waiting_helps: bool | None = None  # None: the cause's
    source: str = ""  # where the words can be read

    def holds(self, text: str, code: str, detail: str, hint: str) -> bool:
        return (
            (not self.status or detail in self.status)
            and (not self.code or code in self.code)
            and (not self.hints or hint.startswith(self.hints))
            and (self.words is None or self.words.search(text) is not None)
        )


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """Rules in the order of their precedence. `version` names them in every reading."""

    rules: tuple[Rule, ...]
    version: str


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
    shown = text[:_LONGEST_TEXT]
    code = smtp_code or smtp_code_of(shown)
    detail = _detail(status) or _detail(enhanced_status_of(shown))
    folded = _BLANKS.sub(" ", shown).casefold()
    hint = hints.get("classification", "").casefold()
    known = rules or built_in()
    won = (rule.reading for rule in known.rules if rule.holds(folded, code, detail, hint))
    return replace(next(won, Reading()), rule_set=known.version)


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
    rule = next((one for one in known.rules if one.name == reading.rule), None)
    helps = rule.waiting_helps if rule else None
    return Explanation(
        reading=reading,
        mender=(rule and rule.mender) or MENDER_OF[reading.cause],
        waiting_helps=reading.cause in _WAITING_HELPS if helps is None else helps,
        facts=facts_of(text, recipient),
        rule=rule,
    )


@cache
def built_in() -> RuleSet:
    told = resources.files(__name__).joinpath("rules.toml").read_bytes()
    version = hashlib.sha256(told).hexdigest()[:8]
    return RuleSet(rules=load(tomllib.loads(told.decode())["rule"]), version=version)


def smtp_code_of(text: str) -> str:
    """The reply code in front of a server's words (RFC 5321 4.2), or nothing."""
    found = _SMTP_CODE.match(text)
    return found[1] if found else ""


def enhanced_status_of(text: str) -> str:
    """The first enhanced status in a server's words (RFC 3463), or nothing."""
    found = _ENHANCED.search(text)
    return found[1] if found else ""


def load(rows: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in rows)


def _rule(row: Mapping[str, Any]) -> Rule:
    cause = Cause(row["cause"])
    permanence = _PERMANENCE.get(cause, Permanence.SOFT)
    return Rule(
        name=row["name"],
        reading=Reading(
            cause=cause,
            permanence=Permanence(row.get("permanence", permanence)),
            confidence=row["confidence"],
            rule=row["name"],
        ),
        words=re.compile("|".join(row["words"])) if "words" in row else None,
        status=frozenset(row.get("status", ())),
        code=frozenset(row.get("code", ())),
        hints=tuple(row.get("hints", ())),
        examples=tuple(row.get("examples", ())),
    )


def _detail(status: str) -> str:
    """`5.1.1` as `1.1`; nothing for `5.0.0`, which only says that the server gave none."""
    detail = status.strip().partition(".")[2]
    return "" if detail == "0.0" else detail
