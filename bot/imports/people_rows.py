"""Rows of a list of people: name, address or アドレスなし, LINE WORKS id, tag."""

from __future__ import annotations

from typing import Any

from bot.host import people
from bot.host.wire import Fields, PushError
from bot.imports.failure_rows import Row, Told, fingerprint
from bot.imports.headers import plain
from bot.imports.values import CellError, Given

_NONE = frozenset(
    map(plain, ("アドレスなし", "アドレス無し", "なし", "無し", "no address", "none"))
)
_YES = frozenset(map(plain, ("1", "true", "yes", "y", "はい", "有", "○", "◯", "〇", "✓")))


def person(row: Row, _given: Given) -> Told:
    """Judged as `POST /people` judges it. Without an id, the address or LINE WORKS id is one."""
    email = row.get("email") or row.get("recipient", "")
    none = plain(email) in _NONE or plain(row.get("no_address", "")) in _YES | _NONE
    told: dict[str, Any] = {
        "id": row.get("id", "").strip(),
        "name": row.get("person", ""),
        "email": "" if plain(email) in _NONE else email,
        "no_address": none,
        "line_works_id": row.get("line_works_id", ""),
        "tag": row.get("subject_or_tag", ""),
    }
    told["id"] = told["id"] or _id(told)
    try:
        found, _ = people.read(Fields(told, people.NAMES))
    except PushError as error:
        missing = error.field in {"id", "email"} and not told[error.field] and not none
        mend = "write アドレスなし where there is none on purpose" if missing else error.mend
        raise CellError(error.field, f"{error}; {mend}") from None
    return (found,)


def _id(told: dict[str, Any]) -> str:
    known = told["email"] or told["line_works_id"] or told["name"]
    return f"csv-{fingerprint(known)[:16]}" if known.strip() else ""
