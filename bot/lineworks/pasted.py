"""LINE WORKS' answers in what somebody pasted, and those that are stored, sorted by errors.toml."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.lineworks.errors import words_of
from bot.lineworks.rules import Rule
from bot.pasting import objects_in
from handlers.ports import Pasted
from storage.failures import Failure, Kind, Medium, Source

_CODES = ("code", "error", "returnCode")
_SUCCESSES = range(200, 300)
_TEXTS = ("description", "error_description", "returnMessage")
# Who has these is told by somebody else.
_NOT_OURS = frozenset({"event", "email", "recipient"})
_STATUSES = (
    re.compile(r"\bHTTP/[\d.]{1,3}[ \t]{1,3}([1-5]\d\d)\b"),
    re.compile(r"\bstatus\w{0,10}\W{1,4}([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"^\W{0,5}([1-5]\d\d)\b"),
)
_HEADER = re.compile(r"^[<> \t]{0,4}([A-Za-z][\w-]{1,60}):[ \t]*(.*)$", re.MULTILINE)
_RESET = "ratelimit-reset"


def pasted(rules: Sequence[Rule], text: str) -> tuple[Pasted, ...]:
    """Every answer; nothing for objects of another kind. A bare HTTP answer is one too."""
    found = objects_in(text)
    if not found and (status := _STATUSES[0].search(text)):
        return (_answer(rules, int(status[1]), _headers(text), {}),)
    return tuple(
        _answer(rules, _status(one.before, one.told), _headers(one.before), one.told)
        for one in found
        if _is_answer(one.told)
    )


def _is_answer(told: Mapping[str, Any]) -> bool:
    coded = any(isinstance(told.get(name), str) for name in _CODES)
    return not told.keys() & _NOT_OURS and (coded or bool(told.keys() & {*_TEXTS}))


def _status(before: str, told: Mapping[str, Any]) -> int:
    """0 where nothing says it."""
    for name in ("status", "statusCode", "httpStatus"):
        if str(told.get(name, "")).isdecimal():
            return int(told[name])
    found = next((one for pattern in _STATUSES if (one := pattern.search(before))), None)
    return int(found[1]) if found else 0


def _headers(before: str) -> dict[str, str]:
    return {found[1].lower(): found[2].strip() for found in _HEADER.finditer(before)}


def _answer(
    rules: Sequence[Rule], status: int, headers: Mapping[str, str], told: Mapping[str, Any]
) -> Pasted:
    code, text = words_of(json.dumps(told).encode())
    rule = _rule(rules, status, headers, code, text)
    facts = {"provider_code": code, "retry_after": headers.get(_RESET, "")}
    return Pasted(
        medium=Medium.LINE_WORKS,
        text=text,
        kind=rule.kind if rule else Kind.UNCLASSIFIED,
        status=str(status or ""),
        facts=tuple((name, value) for name, value in facts.items() if value),
        rule=f"errors.toml: {rule.kind}" if rule else "",
        source=rule.source if rule else "",
        evidence=rule.evidence if rule else "",
        failed=status not in _SUCCESSES,
    )


def _rule(
    rules: Sequence[Rule], status: int, headers: Mapping[str, str], code: str, text: str
) -> Rule | None:
    """The first row that fits; without a status, the first whose own code or text fits."""
    for rule in rules:
        statuses = [status] if status else sorted(rule.statuses or {0})
        says_something = status or rule.code or rule.text or rule.header
        if says_something and any(rule.fits(one, headers, code, text) for one in statuses):
            return rule
    return None


def version(rules: Sequence[Rule]) -> str:
    """Of the table, for what it has sorted."""
    rows = "\n".join(map(_content, rules))
    return "lw-" + hashlib.sha256(rows.encode()).hexdigest()[:8]


def _content(rule: Rule) -> str:
    """The same in every process, which the order of a set is not."""
    statuses = sorted(rule.statuses) if rule.statuses else None
    name, holds = rule.header or ("", None)
    patterns = [one and one.pattern for one in (rule.code, rule.text, holds)]
    return repr((statuses, patterns, name, rule.kind.value))


# Whose word on the kind is their own, and no answer of LINE WORKS.
_TELL_KINDS = frozenset({Source.HOST_PUSH, Source.HOST_FEED, Source.CSV})


def kind_of(rules: Sequence[Rule], failure: Failure) -> Kind:
    """A stored answer sorted anew; its old kind where what decided it is not stored."""
    told = _stored(failure)
    headers = {name.lower(): str(value) for name, value in told["headers"].items()}
    status = str(told.get("status", ""))
    if not status.isdecimal() or failure.kind in _by_lost_header(rules, headers):
        return failure.kind
    code, text = words_of(json.dumps(told).encode())
    rule = _rule(rules, int(status), headers, code, text)
    return rule.kind if rule else Kind.UNCLASSIFIED


def _stored(failure: Failure) -> dict[str, Any]:
    """Without a status where the kind itself was told."""
    try:
        told = json.loads(failure.raw)
    except ValueError:
        told = {}
    if not isinstance(told, dict) or (failure.source in _TELL_KINDS and told.get("kind")):
        told = {}
    headers = told.get("headers")
    return told | {
        "description": told.get("description") or told.get("text", ""),
        "headers": headers if isinstance(headers, dict) else {},
    }


def _by_lost_header(rules: Sequence[Rule], headers: Mapping[str, str]) -> frozenset[Kind]:
    """Kinds that may have been known by a header that was not stored."""
    return frozenset(rule.kind for rule in rules if rule.header and rule.header[0] not in headers)
