"""Text as Slack wants it: escaped, inert, and never longer than a limit.

Limits count UTF-16 units of the escaped text, the strictest of the ways in
which Slack's clients and servers count.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]

ELLIPSIS = "…"
_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
# Japanese runs on after an address without a blank, so only what a URL may hold.
_LINK = re.compile(r"(https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9\-_~/#@$&+=%])")
# Halves of a character, and control characters other than tab and line feed.
_UNSENDABLE = re.compile("[\ud800-\udfff\x00-\x08\x0b-\x1f\x7f]")


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: str) -> str:
    """`text` with what cannot be shown replaced; blank text is empty."""
    return _UNSENDABLE.sub("\ufffd", text.replace("\r\n", "\n")).strip()


def cut(text: str, limit: int) -> str:
    """`text`, not longer than `limit` once it is escaped; an ellipsis says that it goes on."""
    return text if length(escape(text)) <= limit else _head(text, limit)


def _head(text: str, limit: int) -> str:
    room, end = limit - length(ELLIPSIS), 0
    while end < len(text) and (room := room - length(escape(text[end]))) >= 0:
        end += 1
    while 0 < end < len(text) and _continues(text, end):
        end -= 1
    return text[:end] + ELLIPSIS


def _continues(text: str, at: int) -> bool:
    """Whether what a reader takes for one character would be torn apart at `at`."""
    here, before = text[at], text[at - 1]
    return (
        unicodedata.category(here).startswith("M")
        or _JOINER in {here, before}
        or ord(here) in _SKIN_TONES
    )


def shown(text: str, limit: int) -> str:
    """Escaped, with web addresses made links: a link is whole or left out, never cut."""
    parts = _LINK.split(text)
    printed = [f"<{escape(part)}>" if at % 2 else escape(part) for at, part in enumerate(parts)]
    if length("".join(printed)) <= limit:
        return "".join(printed)
    kept, room = "", limit
    for at, piece in enumerate(printed):
        if length(piece) >= room:
            return kept + (ELLIPSIS if at % 2 else escape(_head(parts[at], room)))
        kept, room = kept + piece, room - length(piece)
    return kept


def plain(text: str, limit: int) -> Block:
    """Nothing in it is read as formatting, mention, emoji or link; blank becomes an ellipsis."""
    words = escape(cut(clean(text), limit)) or ELLIPSIS
    return {"type": "plain_text", "text": words, "emoji": False}


def mrkdwn(text: str) -> Block:
    """`text` is escaped and formatted already. `verbatim`: Slack finds no links of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def words(text: str, limit: int) -> Block:
    """Plain, unless web addresses in it are to be followed."""
    tidy = clean(text)
    return mrkdwn(shown(tidy, limit)) if _LINK.search(tidy) else plain(tidy, limit)
