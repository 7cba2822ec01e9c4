"""What LINE WORKS' refusals mean, read with the table of errors.toml, and when to ask again.

https://developers.worksmobile.com/jp/docs/error-codes
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.http import HTTPError, certainly_not_sent
from bot.lineworks.rules import Evidence, Rule, built_in
from handlers.ports import VendorError
from storage.failures import Kind

_LONGEST_CODE = 100
_LONGEST_TEXT = 1000
# Three dialects: the API's, OAuth's, and the auth host's answer to a broken form.
_DIALECTS = (
    ("code", "description"),
    ("error", "error_description"),
    ("returnCode", "returnMessage"),
)
# What passes by itself; anything else stays refused however often it is asked.
_PASSING = frozenset(
    {Kind.TOO_FREQUENT, Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED, Kind.PROVIDER_DOWN}
)
_LONGEST_PAUSE = 120.0
_USUAL_RESET = 60.0


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refusal as read. `retry_after` in seconds, 0 where nothing was said."""

    kind: Kind
    code: str
    text: str
    evidence: Evidence
    retry_after: float = 0.0

    @property
    def guessed(self) -> bool:
        """Whether the kind is claimed without proof; what claims nothing, proves nothing."""
        return self.evidence is Evidence.GUESSED and self.kind is not Kind.UNCLASSIFIED

    @property
    def word(self) -> str:
        """Fit for a log line: the vendor's code, never its free text."""
        plain = re.fullmatch(r"[A-Za-z0-9_]+", self.code)
        return f"{self.kind}: {self.code}" if plain else self.kind


def read_refusal(
    status: int, headers: Mapping[str, str], body: bytes, rules: Sequence[Rule] | None = None
) -> Refusal:
    """Read an answer that is no success. Header names may have any case."""
    code, text = words_of(body)
    lowered = {name.lower(): value for name, value in headers.items()}
    known = built_in() if rules is None else rules
    rule = next((rule for rule in known if rule.fits(status, lowered, code, text)), None)
    return Refusal(
        kind=rule.kind if rule else Kind.UNCLASSIFIED,
        code=code,
        text=text,
        evidence=rule.evidence if rule else Evidence.GUESSED,
        retry_after=_seconds(lowered.get("ratelimit-reset", "")),
    )


def judged(rules: Sequence[Rule], status: str, code: str, text: str) -> tuple[Kind, bool]:
    """The kind of an answer that a host tells of, and whether it is a guess.

    A status that is no number is no status.
    """
    body = json.dumps({"code": code, "description": text}).encode()
    refusal = read_refusal(int(status) if status.isdecimal() else 0, {}, body, rules)
    return refusal.kind, refusal.guessed


def words_of(body: bytes) -> tuple[str, str]:
    """Code and description in whichever dialect; an answer that is not JSON has no code."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "", _storable(body.decode("utf-8", "replace").strip(), _LONGEST_TEXT)
    if not isinstance(told, dict):
        return "", ""
    for code, text in _DIALECTS:
        if code in told or text in told:
            return _said(told, code, _LONGEST_CODE), _said(told, text, _LONGEST_TEXT)
    return "", ""


def _said(told: Mapping[str, Any], name: str, longest: int) -> str:
    value = told.get(name)
    return "" if value is None else _storable(str(value), longest)


def _storable(text: str, longest: int) -> str:
    """Without what no database keeps: NULs, and halves of surrogate pairs."""
    return text[:longest].replace("\0", "").encode(errors="replace").decode()


def _seconds(value: str) -> float:
    """`rateLimit-reset` counts seconds; it is no point in time."""
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


class LineWorksError(VendorError):
    """LINE WORKS' no, with the kind that it is."""

    def __init__(self, word: str, *, kind: Kind, retry_after: float = 0.0) -> None:
        unanswered = kind is Kind.UNANSWERED
        super().__init__(
            word,
            permanent=not unanswered and kind not in _PASSING,
            unanswered=unanswered,
            retry_after=retry_after,
        )
        self.kind = kind


def refused(refusal: Refusal) -> LineWorksError:
    return LineWorksError(refusal.word, kind=refusal.kind, retry_after=refusal.retry_after)


def unreachable(error: HTTPError) -> LineWorksError:
    """No answer: either it certainly never left, or it may have been done."""
    kind = Kind.PROVIDER_DOWN if certainly_not_sent(error) else Kind.UNANSWERED
    return LineWorksError(f"{kind}: {type(error).__name__}", kind=kind)


def pause(error: Exception) -> bool | float:
    """Whether to ask again, and after how many seconds: only where nothing was done.

    A used-up day is not waited for, and no answer is never repeated.
    """
    if not isinstance(error, LineWorksError):
        return False
    if error.kind is Kind.TOO_FREQUENT:
        return min(error.retry_after or _USUAL_RESET, _LONGEST_PAUSE)
    return error.kind is Kind.PROVIDER_DOWN
