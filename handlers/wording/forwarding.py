"""Texts to forward: whole letters, whose lines without a value are left out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter

from handlers.wording.catalogue import FORWARDING, Table, read
from handlers.wording.times import language


def letter(name: str, locale: str, slots: Mapping[str, str]) -> str:
    """The letter `name`; a slot that is not given takes its noun from [instead], if it has one.

    A line that names an empty slot is left out. Raises KeyError for an unknown letter.
    """
    spoken = language(locale)
    nouns = {slot: form[spoken] for slot, form in _letters()["instead"].items()}
    filled = {**nouns, **{slot: value for slot, value in slots.items() if value}}
    template: str = _letters()["letter"][name][spoken]
    lines = (line for line in template.splitlines() if _named(line) <= filled.keys())
    return "\n".join(line.format_map(filled) for line in lines)


def _named(line: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(line) if name}


@cache
def _letters() -> Table:
    return read(FORWARDING)
