"""Search patterns for LIKE, with a backslash as its escape character."""

from __future__ import annotations


def containing(text: str) -> str:
    """Matches everything that contains the text, its `%` and `_` taken as themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
