"""The sentences: read once from the TOML files, filled with the slots of the moment."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from handlers.wording.times import language, number

Table: TypeAlias = dict[str, Any]

HERE = "handlers.wording"
# Shaped otherwise: fields that are found one by one. Each has a module of its name.
REMEDIES = "remedies.toml"
PROVIDERS = "providers.toml"
FORWARDING = "forwarding.toml"
SHAPED_OTHERWISE = frozenset({REMEDIES, PROVIDERS, FORWARDING})


def say(key: str, locale: str, /, **slots: object) -> str:
    """The sentence `key` in the language of `locale`, its slots filled.

    Whole numbers are grouped as the language does; the slot `count` chooses the
    singular where there is one. Raises KeyError for an unknown key or a missing slot.
    """
    entry = entries().get(key)
    if entry is None:
        raise KeyError(f"no wording for {key!r}")
    try:
        return _form(entry, language(locale), slots.get("count")).format(**_shown(slots, locale))
    except KeyError as missing:
        raise KeyError(f"{key!r} needs the slot {missing}") from missing


def _form(entry: Mapping[str, str], spoken: str, count: object) -> str:
    singular = entry.get(f"{spoken}_one") if count == 1 else None
    return singular or entry[spoken]


def _shown(slots: Mapping[str, object], locale: str) -> dict[str, object]:
    return {
        name: number(value, locale) if type(value) is int else value
        for name, value in slots.items()
    }


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by its dotted key: its forms `ja`, `en`, perhaps `ja_one` and `en_one`."""
    return {
        key: entry
        for file in sorted(files(HERE).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml") and file.name not in SHAPED_OTHERWISE
        for key, entry in _flat(read(file.name))
    }


def read(name: str) -> Table:
    return tomllib.loads(files(HERE).joinpath(name).read_text(encoding="utf-8"))


def _flat(table: Table, prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """A table with a `ja` is an entry, and may hold more specific ones."""
    if "ja" in table:
        yield prefix, {form: text for form, text in table.items() if isinstance(text, str)}
    for name, inner in table.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}.{name}" if prefix else name)
