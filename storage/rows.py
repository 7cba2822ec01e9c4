"""The one place where our values become columns and columns become our values.

Times are milliseconds since 1970 in UTC, days ISO text, enums their text,
booleans 0 or 1, pairs JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Column = str | int | float | bytes | None
T = TypeVar("T", bound="DataclassInstance")


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970; a naive time is a bug and raises TypeError."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def maybe_ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def maybe_time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)


def columns(value: DataclassInstance) -> dict[str, Column]:
    """A flat dataclass as columns named like its fields."""
    return {name: to_column(getattr(value, name)) for name in _field_names(type(value))}


def value_of(kind: type[T], row: Mapping[str, Any]) -> T:
    """The flat dataclass that `columns` took apart; further columns are ignored."""
    return kind(**{name: read(row[name]) for name, read in _readers(kind)})


def to_column(value: object) -> Column:
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return int(value)
        case None | str() | int() | float() | bytes():
            return value
        case datetime():
            return to_ms(value)
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False)


@cache
def _field_names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _readers(kind: type[DataclassInstance]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    hints = get_type_hints(kind)
    return tuple((name, _reader(hints[name])) for name in _field_names(kind))


def _reader(hint: Any) -> Callable[[Any], Any]:
    options = [option for option in get_args(hint) if option is not NoneType]
    if NoneType in get_args(hint):
        return _unless_none(_reader(options[0]))
    if get_origin(hint) is tuple:
        return _pairs
    if hint is datetime:
        return from_ms
    if hint is date:
        return date.fromisoformat
    # Enums and booleans are made by calling them; so are text, numbers and bytes.
    made: Callable[[Any], Any] = hint
    return made


def _unless_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda column: None if column is None else read(column)


def _pairs(column: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(column))
