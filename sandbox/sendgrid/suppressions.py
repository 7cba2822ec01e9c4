"""The suppression lists and unsubscribe groups: what they hold, find and let go. No HTTP."""

from __future__ import annotations

import re
from typing import Any

Element = dict[str, Any]

FIELDS: dict[str, tuple[str, ...]] = {
    "bounces": ("reason", "status"),
    "blocks": ("reason", "status"),
    "spam_reports": ("ip",),
    "invalid_emails": ("reason",),
    "unsubscribes": (),
}
# Which list stops a mail, in the words of the drop. Blocks stop nothing.
_DROPS = {
    "bounces": "Bounced Address",
    "spam_reports": "Spam Reporting Address",
    "invalid_emails": "Invalid",
    "unsubscribes": "Unsubscribed Address",
}
GROUPS = {"31001": "月次のお知らせ", "31002": "キャンペーン"}


class Suppressions:
    """One entry per address and list; a group is a list under its number."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[str, Element]] = {name: {} for name in (*FIELDS, *GROUPS)}

    def add(self, name: str, email: str, created: int, event: Element) -> None:
        """A group that is not there is the vendor's trap: the address goes onto the global list."""
        held = self.lists.get(name, self.lists["unsubscribes"])
        said = {field: event.get(field, "") for field in FIELDS.get(name, ())}
        held[email.lower()] = {"created": created, "email": email, **said}

    def page(
        self, kind: str, email: str, start: int, end: int, limit: int, offset: int
    ) -> list[Element]:
        """Newest first; `email` is a prefix in which `%` is a wildcard, exact for invalid ones."""
        pattern = ".*".join(re.escape(part) for part in email.lower().split("%"))
        fits = re.compile(pattern + ("$" if kind == "invalid_emails" and email else ""))
        found = [
            element
            for address, element in self.lists[kind].items()
            if start <= element["created"] <= end and fits.match(address)
        ]
        found.sort(key=lambda element: -int(element["created"]))
        return found[offset : offset + limit]

    def one(self, name: str, email: str) -> list[Element]:
        return [self.lists[name][email.lower()]] if email.lower() in self.lists[name] else []

    def remove(self, name: str, email: str) -> bool:
        return self.lists[name].pop(email.lower(), None) is not None

    def drop_reason(self, email: str, group: str) -> str | None:
        held = (reason for kind, reason in _DROPS.items() if self.one(kind, email))
        left = _DROPS["unsubscribes"] if group in GROUPS and self.one(group, email) else None
        return next(held, left)

    def groups(self) -> list[Element]:
        return [
            {
                "id": int(number),
                "name": name,
                "description": name,
                "is_default": number == min(GROUPS),
                "unsubscribes": len(self.lists[number]),
            }
            for number, name in GROUPS.items()
        ]

    def groups_of(self, email: str) -> list[Element]:
        """Every group, whether the address left it or not: `suppressed` tells."""
        return [
            {key: value for key, value in group.items() if key != "unsubscribes"}
            | {"suppressed": bool(self.one(str(group["id"]), email))}
            for group in self.groups()
        ]

    def memberships(self) -> list[Element]:
        return [
            {"email": member["email"], "group_id": int(number), "group_name": name}
            | {"created_at": member["created"]}
            for number, name in GROUPS.items()
            for member in self.lists[number].values()
        ]
