"""Findings as an operator reads them: what, why it matters, the mend."""

from __future__ import annotations

from datetime import datetime

from handlers.checkup import Finding
from handlers.show.reader import Reader

PARTS = ("what", "why", "mend")


def sentences(one: Finding, reader: Reader) -> dict[str, str]:
    """By `PARTS`."""
    slots = {name: _slot(value, reader) for name, value in one.slots.items()}
    if one.source:
        slots["source"] = reader.say(f"source.{one.source}")
    return {part: reader.say(f"doctor.{one.word}.{part}", **slots) for part in PARTS}


def text(one: Finding, reader: Reader) -> str:
    grade = reader.say(f"doctor.grade.{one.grade.name}")
    return reader.say("doctor.shape", grade=grade, **sentences(one, reader))


def _slot(value: object, reader: Reader) -> object:
    return reader.when(value) if isinstance(value, datetime) else value
