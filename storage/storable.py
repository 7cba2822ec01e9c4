"""Text that every engine keeps alike: PostgreSQL refuses a NUL, and SQLite's functions end at one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_NUL, _REPLACED = "\0", "\ufffd"
T = TypeVar("T", bound="DataclassInstance")


def storable(text: str) -> str:
    """With U+FFFD for each NUL, so that whoever asks for it again finds it in both."""
    return text.replace(_NUL, _REPLACED) if _NUL in text else text


def storable_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if any(value.__class__ is str and _NUL in value for value in row.values()):
        return {k: storable(v) if isinstance(v, str) else v for k, v in row.items()}
    return row


def storable_value(value: T) -> T:
    """A flat dataclass; mostly the very same, because this is asked for each event."""
    names, texts = _texts(type(value))
    if _NUL not in "".join(texts(value)):
        return value
    return replace(value, **{name: storable(getattr(value, name)) for name in names})


def listed(values: Iterable[Any]) -> str:
    """JSON as the queries take lists of texts, of numbers, or of lists of texts.

    Half a surrogate pair stays one: whoever binds it raises UnicodeEncodeError.
    """
    return json.dumps([_plain(one) for one in values], ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return storable(value) if isinstance(value, str) else value


@cache
def _texts(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[str, ...]]]:
    names = tuple(one.name for one in fields(kind) if one.type in {"str", str})
    return names, attrgetter(*names)
