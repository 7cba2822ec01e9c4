"""SendGrid's events and list elements in what somebody pasted, and the hints in what is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.pasting import objects_in
from bot.sendgrid import fields, kinds
from bot.sendgrid.fields import Event, clean
from handlers.ports import Pasted
from storage.failures import Failure, Kind
from storage.lists import ListName

_LISTED = frozenset({"email", "created"})


def pasted(text: str) -> tuple[Pasted, ...]:
    """Every event and list element; nothing for objects of another kind."""
    found = (_read(one.told) for one in objects_in(text))
    return tuple(one for one in found if one is not None)


def _read(told: dict[str, Any]) -> Pasted | None:
    try:
        if "event" in told:
            # When it happened says nothing about why, and is often left out.
            return _event(msgspec.convert({"timestamp": 0} | told, Event, strict=False))
        return _element(told) if told.keys() >= _LISTED else None
    except ValueError:
        return None


def _event(event: Event) -> Pasted:
    kind = kinds.kind_of_event(event.event, event.type or "", event.status or "")
    text = fields.words(event)
    return Pasted(
        text=text,
        kind=kind,
        dropped_by=kinds.dropped_by(text) if kind is Kind.DROPPED else None,
        recipient=clean(event.email),
        status=clean(event.status),
        hints=_hints(event.bounce_classification),
        failed=kind is not None,
    )


def _element(told: Mapping[str, Any]) -> Pasted:
    """Bounces and blocks look alike: only our own notes say which list it was."""
    name = told.get("list")
    return Pasted(
        text=clean(str(told.get("reason") or "")),
        kind=kinds.KIND_OF_LIST[ListName(name)] if name else None,
        recipient=clean(str(told["email"])),
        status=clean(str(told.get("status") or "")),
    )


def hints_of(failure: Failure) -> Mapping[str, str]:
    """What SendGrid itself thinks of a stored event."""
    try:
        told = json.loads(failure.raw)
    except ValueError:
        return {}
    return _hints(told.get("bounce_classification")) if isinstance(told, dict) else {}


def _hints(classification: object) -> dict[str, str]:
    return {"classification": classification} if isinstance(classification, str) else {}
