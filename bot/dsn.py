"""Delivery status notifications: the machine-readable part of a bounce mail. No I/O.

Source: RFC 3464, sections 2.2 and 2.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from handlers.ports import Pasted
from storage.failures import Kind

_OF_THE_MESSAGE = ("reporting-mta", "received-from-mta", "arrival-date", "original-envelope-id")
_OF_A_RECIPIENT = (
    "original-recipient",
    "final-recipient",
    "action",
    "status",
    "remote-mta",
    "diagnostic-code",
    "last-attempt-date",
    "final-log-id",
    "will-retry-until",
)
_KNOWN = frozenset({*_OF_THE_MESSAGE, *_OF_A_RECIPIENT})
_FIELD = re.compile(r"[> \t]{0,20}([A-Za-z-]{1,40}):(.*)")
# A mail server would not answer `delivered` with a reason, and both are no failure.
_NO_FAILURE = frozenset({"delivered", "relayed", "expanded"})
# What `failed` did to a list, a report does not know.
_KINDS = {"delayed": Kind.DEFERRED}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


def pasted(text: str) -> tuple[Pasted, ...]:
    """Each recipient of the report; nothing where there is none."""
    return tuple(_read(fields) for fields in _recipients(text))


def _recipients(text: str) -> Iterator[dict[str, str]]:
    """The fields of each recipient, unfolded. A pasted report may have lost its blank lines."""
    fields: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        found = _FIELD.fullmatch(line)
        name = found[1].lower() if found else ""
        if found and name in _KNOWN:
            if _begins_another(name, fields):
                yield fields
                fields = {}
            fields[name], last = found[2].strip(), name
        elif not line.strip() or found:
            last = ""
        elif last:
            fields[last] += " " + line.strip(" >\t")
    if _is_recipient(fields):
        yield fields


def _begins_another(name: str, fields: Mapping[str, str]) -> bool:
    if name == "final-recipient":
        return name in fields
    return name == "original-recipient" and _is_recipient(fields)


def _is_recipient(fields: Mapping[str, str]) -> bool:
    told = fields.keys() & {"final-recipient", "original-recipient", "action"}
    return bool(told) and bool(fields.keys() & {"status", "diagnostic-code"})


def _read(fields: Mapping[str, str]) -> Pasted:
    action = fields.get("action", "").casefold()
    status = _STATUS.search(fields.get("status", ""))
    recipient = fields.get("final-recipient") or fields.get("original-recipient", "")
    mta = _without_type(fields.get("remote-mta", ""))
    return Pasted(
        text=_without_type(fields.get("diagnostic-code", "")),
        kind=_KINDS.get(action),
        recipient=_without_type(recipient).strip("<>"),
        status=status[0] if status else "",
        facts=(("remote_mta", mta),) if mta else (),
        failed=action not in _NO_FAILURE,
    )


def _without_type(value: str) -> str:
    """`rfc822; taro@example.jp` and `smtp; 550 …` without what stands before the semicolon."""
    type_, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in type_.strip() else value.strip()
