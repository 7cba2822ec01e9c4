"""The sentences and the code that says them: none without use, none without its slots."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from handlers.wording import catalogue

ENTRIES = catalogue.entries()
ROOT = Path(__file__).parents[3]
CODE = [
    node
    for folder in ("handlers", "bot")
    for path in sorted((ROOT / folder).rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
]
SAID = [
    node
    for node in CODE
    if isinstance(node, ast.Call)
    and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say"
]


def patterns() -> Iterator[str]:
    """What may be a key: every text, with any word where a value stands; an area and its word."""
    for node in CODE:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            known = [part.value for part in node.values if isinstance(part, ast.Constant)]
            if any("." in text for text in known) and "".join(known) != ".":
                yield "".join(
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"[^.]+"
                    for part in node.values
                )
    for call in SAID:
        area = call.args[0]
        if len(call.args) > 1 and isinstance(area, ast.Constant) and "." not in area.value:
            yield re.escape(area.value) + r"\.[^.]+"


def test_every_sentence_is_said_somewhere():
    said = re.compile("|".join(f"(?:{pattern})" for pattern in set(patterns())))
    assert [key for key in ENTRIES if not said.fullmatch(key)] == []


def slots(key: str) -> set[str]:
    texts = ENTRIES[key].values()
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def test_who_says_a_sentence_by_its_full_name_fills_its_slots():
    wanting = [
        (key.value, slots(key.value) - given)
        for call in SAID
        if isinstance(key := call.args[0], ast.Constant)
        and key.value in ENTRIES
        and None not in (given := {one.arg for one in call.keywords})
        and slots(key.value) - given
    ]
    assert wanting == []
