"""What something pasted says: a server's line, a report, an event, an answer, our own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from handlers import causes
from handlers.causes import MENDER_OF, TOLD_BY_A_SERVER, Rule, RuleSet
from handlers.causes.facts import Facts
from handlers.causes.usual import WAITING_HELPS, permanence_of
from handlers.corrections import CONFIDENCE, Standing, heard
from handlers.house import House
from handlers.offers import mender
from handlers.ports import Pasted, Vocabulary
from handlers.wording import say
from handlers.wordings import wording_of
from storage.corrections import Correction, Wording
from storage.failures import KINDS, Cause, DroppedBy, Kind, Medium, Mender, Reading

# Behind this stands what nobody pastes on purpose.
_LONGEST_TEXT = 64 * 1024
_MOST = 20
# The first line of a server's reply that is its last: a code without a hyphen (RFC 5321 4.2.1).
_REPLY = re.compile(r"\s{0,9}[245]\d\d([ -])")
# What a chat product or a person puts before a copied line.
_MARKS = " \t•・>|*"
_PASSES = frozenset(
    {
        Kind.DEFERRED,
        Kind.TOO_FREQUENT,
        Kind.DAILY_CAP,
        Kind.DAILY_CAP_SUSPECTED,
        Kind.PROVIDER_DOWN,
    }
)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One refusal, and all that follows from it. `rule` is None where none holds.

    `wording` is what a correction would be about, if it can be corrected.
    """

    pasted: Pasted
    reading: Reading
    mender: Mender
    waiting_helps: bool
    facts: Facts
    rule: Rule | None = None
    correction: Correction | None = None
    wording: Wording | None = None

    @property
    def has_cause(self) -> bool:
        """Whether a mail server gave, or could have given, a reason."""
        return _is_told_by_a_server(self.pasted)


def explained(
    text: str, vocabulary: Vocabulary, rules: RuleSet, known: Standing
) -> tuple[Explained, ...]:
    """Everything that the text tells of, in its order."""
    found = _found(text[:_LONGEST_TEXT], vocabulary)
    return tuple(_explained(one, rules, known) for one in found[:_MOST])


def keep_wordings(house: House, found: Iterable[Explained]) -> bool:
    """So that the buttons under an explanation know them: words alone, and for a day."""
    wordings = [one.wording for one in found if one.wording]
    for wording in wordings:
        house.store.keep_wording(house.tenant, wording, house.now())
    return bool(wordings)


def _found(text: str, vocabulary: Vocabulary) -> tuple[Pasted, ...]:
    """The first reader that knows its own decides; words without any form are a server's."""
    for read in (*vocabulary.pasted, _own_words):
        if found := read(text):
            return found
    return tuple(Pasted(text=reply) for reply in _replies(text))


def _replies(text: str) -> Iterator[str]:
    """Replies pasted below each other, each with the lines that belong to it."""
    lines: list[str] = []
    ended = False
    for line in text.strip().splitlines():
        code = _REPLY.match(line)
        if code and ended:
            yield "\n".join(lines)
            lines = []
        lines.append(line)
        ended = code[1] == " " if code else ended
    if lines:
        yield "\n".join(lines)


def _own_words(text: str) -> tuple[Pasted, ...]:
    """A kind, a cause or both by a name that we give them, such as copied from a page."""
    named: dict[str, Pasted] = {}
    for line in text.splitlines():
        label, colon, value = line.strip(_MARKS).replace("：", ":").partition(":")
        if colon and label.strip().casefold() not in _labels():
            continue
        if found := _names().get((value if colon else label).strip().casefold()):
            named.setdefault("cause" if found.cause else "kind", found)
    if not named:
        return ()
    kind, cause = named.get("kind", Pasted()), named.get("cause", Pasted())
    one = Pasted(medium=kind.medium, kind=kind.kind, dropped_by=kind.dropped_by, cause=cause.cause)
    return (one,)


@cache
def _labels() -> frozenset[str]:
    """What stands before a kind or a cause on a page of ours."""
    labels = (say(key, one) for key in ("fact.kind", "fact.cause") for one in ("ja", "en"))
    return frozenset(label.casefold() for label in labels)


@cache
def _names() -> Mapping[str, Pasted]:
    """Labels in both languages and machine names."""
    found: dict[str, Pasted] = {}
    for locale in ("ja", "en"):
        for cause in Cause:
            found[say(f"cause.{cause}", locale).casefold()] = Pasted(cause=cause)
            found[cause] = Pasted(cause=cause)
        for dropped_by in DroppedBy:
            one = Pasted(kind=Kind.DROPPED, dropped_by=dropped_by)
            found[say(f"kind.dropped.{dropped_by}", locale).casefold()] = one
        for kind in Kind:
            mail = kind in KINDS[Medium.EMAIL]
            one = Pasted(medium=Medium.EMAIL if mail else Medium.LINE_WORKS, kind=kind)
            found[say(f"kind.{kind}", locale).casefold()] = one
            found[kind] = one
    return found


def _is_told_by_a_server(pasted: Pasted) -> bool:
    by_mail = pasted.medium is Medium.EMAIL
    return by_mail and (pasted.kind is None or pasted.kind in TOLD_BY_A_SERVER)


def _explained(pasted: Pasted, rules: RuleSet, known: Standing) -> Explained:
    if pasted.cause:
        return _of_cause(pasted, _stated(pasted.cause))
    if not _is_told_by_a_server(pasted):
        return _of_cause(pasted, Reading())
    told = causes.explain(
        pasted.text,
        pasted.smtp_code,
        pasted.status,
        pasted.hints,
        recipient=pasted.recipient,
        rules=rules,
    )
    wording = wording_of(pasted.text, pasted.recipient)
    corrected = heard(known, pasted.text, pasted.recipient, rules.version)
    if corrected and wording:
        correction = known[wording.id]
        return _of_cause(pasted, corrected, told.facts, correction=correction, wording=wording)
    return Explained(
        pasted=pasted,
        reading=told.reading,
        mender=_mender(pasted, told.reading.cause, told.mender),
        waiting_helps=pasted.kind in _PASSES or told.waiting_helps,
        facts=told.facts,
        rule=told.rule,
        wording=wording,
    )


def _stated(cause: Cause) -> Reading:
    return Reading(cause=cause, permanence=permanence_of(cause), confidence=CONFIDENCE)


def _of_cause(
    pasted: Pasted,
    reading: Reading,
    facts: Facts | None = None,
    *,
    correction: Correction | None = None,
    wording: Wording | None = None,
) -> Explained:
    """What follows from a cause that no rule gave."""
    by_words = _is_told_by_a_server(pasted) and reading.cause in WAITING_HELPS
    return Explained(
        pasted=pasted,
        reading=reading,
        mender=_mender(pasted, reading.cause, MENDER_OF[reading.cause]),
        waiting_helps=pasted.kind in _PASSES or by_words,
        facts=facts or Facts(),
        correction=correction,
        wording=wording,
    )


def _mender(pasted: Pasted, cause: Cause, by_words: Mender) -> Mender:
    """The kind decides where it can; a bounce leaves it to the words."""
    if pasted.kind is None:
        return by_words
    by_kind = mender(pasted.kind, pasted.dropped_by, cause)
    return by_words if by_kind is MENDER_OF[cause] else by_kind
