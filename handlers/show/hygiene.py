"""What looks mistyped in an address, in words."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.hygiene import Finding
from handlers.show.reader import Reader


def registered(findings: Sequence[Finding], reader: Reader) -> str:
    """About an address on file; nothing where nothing looks wrong."""
    return _said("hygiene.registered", "hygiene.meant", findings, reader)


def typed(findings: Sequence[Finding], reader: Reader) -> str:
    return _said("hygiene.typed", "hygiene.try", findings, reader)


def before_removal(findings: Sequence[Finding], reader: Reader) -> str:
    return _said("hygiene.before_removal", "hygiene.meant", findings, reader)


def _said(key: str, meant: str, findings: Sequence[Finding], reader: Reader) -> str:
    """A sentence a line."""
    if not findings:
        return ""
    said = [reader.say(key), *(reader.say(f"hygiene.flaw.{one.word}") for one in findings)]
    suggestion = next((one.suggestion for one in findings if one.suggestion), "")
    if suggestion:
        said.append(reader.say(meant, suggestion=reader.address(suggestion)))
    return "\n".join(said)
