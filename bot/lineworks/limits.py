"""How long things may be in LINE WORKS, and how text is made to fit and made harmless.

Lengths are counted in UTF-16 units: the documentation says "characters" and no
more, and this is the stricter reading.
"""

from __future__ import annotations

import re

TEXT = 2000
CONTENT_TEXT = 1000
LABEL = 20
POSTBACK = 1000
BUTTONS = 10

_ELLIPSIS = "…"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# `<m userId="all">` rings the phones of a whole room.
_MENTION = re.compile("<(?=m)", re.IGNORECASE)


def units(text: str) -> int:
    """Length in UTF-16 units; a character outside the basic plane counts twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def harmless(text: str) -> str:
    """Somebody else's words without mention markup or control characters; no longer than before."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MENTION.sub("＜", _UNPRINTABLE.sub("\ufffd", plain))


def clip(text: str, most: int) -> str:
    """At most `most` units; what was cut off is marked."""
    if units(text) <= most:
        return text
    return head(text, most - units(_ELLIPSIS)) + _ELLIPSIS


def head(text: str, most: int) -> str:
    """The longest beginning that fits; never half a character."""
    kept = 0
    for index, character in enumerate(text):
        kept += units(character)
        if kept > most:
            return text[:index]
    return text


def parts(text: str, most: int) -> list[str]:
    """The text in pieces that fit, cut at line ends where there are any."""
    pieces: list[str] = []
    while units(text) > most:
        piece = head(text, most)
        cut = piece.rfind("\n") + 1 or len(piece)
        pieces.append(text[:cut].rstrip("\n"))
        text = text[cut:]
    pieces.append(text)
    return [piece for piece in pieces if piece.strip()]
