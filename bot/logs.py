"""Structured logs to standard output; addresses and secrets never reach them.

Of an exception its type and places are logged: its message and the variables
around it may quote what people wrote.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog

_ADDRESS = re.compile(r"[^\s<>\"'(),;:@/=]+(?:@|%40)[^\s<>\"'(),;:@/=]+")
_SECRET = re.compile(r"(xox[a-z]-|xapp-|SG\.|Bearer )\S+|(?<=/lineworks/relay/)[^/\s]+")


def set_up(level: str) -> None:
    """JSON lines; libraries speak from `warning` on only."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_clean_record)
    structlog.configure(
        logger_factory=lambda *_: _Printer(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _told_apart,
            clean,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
    )


class _Printer(structlog.PrintLogger):
    """A full disk under the log must not turn an answer into an error."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def clean(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Every text of a line without addresses and secrets, however deep it stands."""
    return {name: _cleaned(value) for name, value in event.items()}


def _told_apart(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """`exc_info` of a line as the exception's type and where it came from."""
    error = sys.exc_info()[1] if event.pop("exc_info", None) else None
    return {**event, **_trouble(error)} if error else event


def _trouble(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


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
    error = record.exc_info[1] if record.exc_info else None
    if error:
        record.msg = f"{record.msg} {_trouble(error)}"
    record.exc_info = record.exc_text = record.stack_info = None
    return True
