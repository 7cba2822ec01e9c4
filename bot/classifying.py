"""`classify --jsonl`: texts in, readings out, line by line; nothing but the rules is needed.

In: `{"id", "text", "status", "code"}`, the last two as far as they are known.
Out: `{"id", "cause", "permanence", "confidence", "rule"}`, or `{"id", "error"}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from handlers import causes
from handlers.causes import RuleSet

# Far above any reply; one longer line must not fill the memory.
_LONGEST_LINE = 1024 * 1024
_REST = 64 * 1024
_NOTHING: dict[str, Any] = {}


class LineError(ValueError):
    """What is wrong with a line, and the mend."""


def classified(lines: BinaryIO, rules: RuleSet) -> Iterator[tuple[bytes, bool]]:
    """Each line's answer in its order; second, whether it could be read."""
    for number, line in enumerate(_lines(lines), 1):
        told = _NOTHING
        try:
            told = _object(line)
            answer = _answer(told, rules)
        except LineError as error:
            answer = {"id": _id(told), "error": f"line {number}: {error}"}
        yield json.dumps(answer, ensure_ascii=False).encode(errors="replace"), "error" not in answer


def _lines(lines: BinaryIO) -> Iterator[bytes]:
    """A line that is too long comes cut, so that it is refused; its rest is passed over."""
    while line := lines.readline(_LONGEST_LINE + 1):
        yield line
        while not line.endswith(b"\n") and len(line) >= _REST:
            line = lines.readline(_REST)


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > _LONGEST_LINE:
        raise LineError(f"is longer than {_LONGEST_LINE} bytes; send the reply alone")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise LineError('is no JSON object; send {"id": "1", "text": "550 ..."}')
    return told


def _answer(told: dict[str, Any], rules: RuleSet) -> dict[str, Any]:
    if _id(told) is None:
        raise LineError("id: is missing; send a text or a number")
    text, status, code = (_text(told, name) for name in ("text", "status", "code"))
    if not any((text, status, code)):
        raise LineError("text: is missing; send what the server said")
    reading = causes.read(text, code, status, rules=rules)
    return {
        "id": told["id"],
        "cause": reading.cause,
        "permanence": reading.permanence,
        "confidence": reading.confidence,
        "rule": reading.rule,
    }


def _id(told: dict[str, Any]) -> str | int | None:
    value = told.get("id")
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    # Codes come as numbers from many a spreadsheet.
    if name == "code" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise LineError(f"{name}: is no text; put it in quotes")
    return value
