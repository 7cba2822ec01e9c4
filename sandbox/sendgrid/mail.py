"""`POST /v3/mail/send`: what the vendor refuses with 400, and the envelopes of what it takes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.sendgrid.keys import refuse

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_MOST_PERSONALIZATIONS, _MOST_CUSTOM_BYTES = 1000, 10_000
_MOST_CATEGORIES, _LONGEST_CATEGORY = 10, 255
_SYSTEM = {"timestamp", "sg_event_id"}  # wins over a custom argument of its name, as all do


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One mail to one recipient. `extras` are merged flat into each of its events."""

    email: str
    subject: str
    text: str
    group: str
    extras: dict[str, Any]


def _need(holds: object, field: str, message: str) -> None:
    if not holds:
        raise refuse(400, message, field)


def _is_address(person: Any) -> bool:
    return isinstance(person, dict) and bool(_ADDRESS.fullmatch(str(person.get("email"))))


def _check_mail(mail: dict[str, Any]) -> None:
    people = mail.get("personalizations")
    some = isinstance(people, list) and 1 <= len(people) <= _MOST_PERSONALIZATIONS
    _need(some, "personalizations", "Between 1 and 1000 personalizations are required.")
    _need(_is_address(mail.get("from")), "from.email", "A from address is required.")
    parts = mail.get("content") or []
    _need(parts or mail.get("template_id"), "content", "Content is required without a template.")
    filled = all(isinstance(part, dict) and part.get("value") for part in parts)
    _need(filled, "content.0.value", "A content value is a non-empty string.")
    typed = all(part.get("type") for part in parts)
    _need(typed, "content.0.type", "A content type is a non-empty string.")
    ordered = all(part.get("type") != "text/plain" for part in parts[1:])
    _need(ordered, "content", "The text/plain part comes first.")
    _check_labels(mail.get("categories", []), mail.get("asm", {}))


def _check_labels(names: list[Any], asm: dict[str, Any]) -> None:
    """Both come back in every event of the mail."""
    short = all(isinstance(name, str) and len(name) <= _LONGEST_CATEGORY for name in names)
    _need(short and len(names) <= _MOST_CATEGORIES, "categories", "At most 10, of 255 characters.")
    _need(len(set(names)) == len(names), "categories", "Each category may stand once.")
    number = asm.get("group_id", 0)
    _need(isinstance(number, int), "asm.group_id", "A group is named by its number.")


def _recipients(personalization: dict[str, Any]) -> list[str]:
    to = personalization.get("to")
    _need(to and isinstance(to, list), "personalizations.to", "A recipient is required.")
    kinds = ("to", "cc", "bcc")
    people = [person for kind in kinds for person in personalization.get(kind, [])]
    valid = all(_is_address(person) for person in people)
    _need(valid, "personalizations.to.email", "Does not contain a valid address.")
    emails = [str(person["email"]) for person in people]
    once = len({email.lower() for email in emails}) == len(emails)
    _need(once, "personalizations", "Each address may stand once in to, cc and bcc.")
    return emails


def _extras(mail: dict[str, Any], personalization: dict[str, Any]) -> dict[str, Any]:
    args: dict[str, Any] = mail.get("custom_args", {}) | personalization.get("custom_args", {})
    strings = all(isinstance(value, str) for value in args.values())
    small = len(json.dumps(args).encode()) <= _MOST_CUSTOM_BYTES
    _need(strings and small, "custom_args", "Strings, of 10000 bytes together.")
    names, group = mail.get("categories"), mail.get("asm", {}).get("group_id")
    category = {"category": names[0] if len(names) == 1 else names} if names else {}
    own = {name: value for name, value in args.items() if name not in _SYSTEM}
    return own | category | ({"asm_group_id": group} if group else {})


def _envelopes(mail: dict[str, Any]) -> list[Envelope]:
    _check_mail(mail)
    envelopes = []
    for personalization in mail["personalizations"]:
        subject = personalization.get("subject") or mail.get("subject")
        _need(subject or mail.get("template_id"), "subject", "The subject is required.")
        envelopes += [
            Envelope(
                email=email,
                subject=str(subject or ""),
                text=next((part["value"] for part in mail.get("content", [])), ""),
                group=str(mail.get("asm", {}).get("group_id", "")),
                extras=_extras(mail, personalization),
            )
            for email in _recipients(personalization)
        ]
    sandbox_mode = mail.get("mail_settings", {}).get("sandbox_mode", {})
    return [] if sandbox_mode.get("enable") else envelopes


def parse(body: bytes) -> list[Envelope]:
    """None to deliver in the vendor's sandbox mode."""
    try:
        return _envelopes(json.loads(body))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise refuse(400, "Bad Request") from None
