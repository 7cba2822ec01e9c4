"""Structured logs to standard output; addresses and secrets never reach them."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_ADDRESS = re.compile(r"[^\s<>\"'(),;:@/=]+@[^\s<>\"'(),;:@/=]+")
_SECRET = re.compile(r"(xox[a-z]-|xapp-|SG\.|Bearer )\S+|(?<=/lineworks/relay/)[^/\s]+")


def set_up(level: str) -> None:
    """JSON lines; libraries speak from `warning` on only."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_clean_record)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.dict_tracebacks,
            clean,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )


def clean(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Every text of a line without addresses and secrets, however deep it stands."""
    return {name: _cleaned(value) for name, value in event.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET.sub("-", _ADDRESS.sub("-", value))
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value


def _clean_record(record: logging.LogRecord) -> bool:
    """Libraries' lines pass the same sieve."""
    record.msg, record.args = _cleaned(record.getMessage()), ()
    return True
