"""Corrections as rules: rows of TOML that an operator may put into a file of rules."""

from __future__ import annotations

import json
from collections.abc import Iterator

from handlers.corrections import CONFIDENCE
from handlers.privacy import without_addresses
from handlers.wordings import GAP
from storage.corrections import Correction

# Documentation's own names (RFC 2606), instead of whoever was refused.
_ADDRESS = "taro@example.com"
_SOMETHING = "mx.example.com"


def proposal(correction: Correction) -> str:
    """One `[[rule]]`. Its example holds its words, and nothing of anybody."""
    said = correction.words.replace(GAP, _SOMETHING)
    day = correction.made_at.date().isoformat()
    why = " ".join(without_addresses(correction.why).split())
    fields: dict[str, object] = {
        "name": f"correction-{correction.id}",
        "cause": correction.cause.value,
        "permanence": correction.permanence.value,
        "confidence": CONFIDENCE,
        "words": [correction.words],
        "examples": [f"550 <{_ADDRESS}>: {said}"],
        "source": f"corrected by {correction.author} on {day}: {why}",
    }
    return "\n".join(["[[rule]]", *_rows(fields)])


def _rows(fields: dict[str, object]) -> Iterator[str]:
    """JSON's texts, numbers and lists of texts are TOML's too, once DEL is escaped."""
    for name, value in fields.items():
        told = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        yield f"{name} = {told}"
