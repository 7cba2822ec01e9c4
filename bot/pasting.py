"""JSON inside what somebody pasted: whole, in a sentence, several of it, with typographic quotes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

# A hostile text has a bracket at every place; an honest one a few.
_MOST_TRIES = 200
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "\u00a0": " "})
# `strict=False`: chat products break long lines, also within a text.
_DECODER = json.JSONDecoder(strict=False)


class Found(NamedTuple):
    """An object, and the text between the one before it and itself."""

    before: str
    told: dict[str, Any]


def objects_in(text: str) -> list[Found]:
    """Every JSON object of the text in its order; those of an array one by one."""
    return _objects(text) or _objects(text.translate(_TYPOGRAPHIC))


def _objects(text: str) -> list[Found]:
    found: list[Found] = []
    ended = at = 0
    for _ in range(_MOST_TRIES):
        at = _next_bracket(text, at)
        if at < 0:
            break
        try:
            told, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        elements = told if isinstance(told, list) else [told]
        found += [Found(text[ended:at], one) for one in elements if isinstance(one, dict)]
        ended = at = end
    return found


def _next_bracket(text: str, at: int) -> int:
    places = [place for sign in "{[" if (place := text.find(sign, at)) >= 0]
    return min(places, default=-1)
