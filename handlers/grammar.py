"""What people type, in either language, as the one thing that they mean."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from handlers.periods import begins_as_date
from handlers.wording import say

COMMANDS = (
    "today",
    "yesterday",
    "week",
    "who",
    "explain",
    "pending",
    "export",
    "status",
    "help",
)
# What follows it was written by somebody else: kept whole, with its lines.
_VERBATIM = "explain"
# An address is no longer (RFC 5321 4.5.3.1.3), nor is an id, a name or a period.
LONGEST = 254
_MAILTO = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A command and what follows it. `name` is one of COMMANDS, or `dates`."""

    name: str
    argument: str = ""


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """The word that we do not know, and the nearest one that we do."""

    word: str
    nearest: str


@cache
def meanings() -> dict[str, str]:
    """Every word that people may type, in either language, and the command it means."""
    return {
        word: name
        for name in COMMANDS
        for locale in ("ja", "en")
        for word in plain(say(f"typed.{name}", locale)).split()
    }


def plain(text: str) -> str:
    """As words are compared: an input method may leave them full-width."""
    return unicodedata.normalize("NFKC", text).casefold()


def understand(text: str) -> Asked | NotUnderstood:
    """An empty text asks for help. Blanks of every kind are one, and what does not show is none.

    What follows the word stays as it was typed: full-width letters can be an
    address's own mistake, by which it is found.
    """
    first, *behind = text.split(maxsplit=1) or [""]
    if meanings().get(plain(first)) == _VERBATIM:
        return Asked(name=_VERBATIM, argument="".join(behind).strip())
    text = _MAILTO.sub(r"\1", text[:LONGEST])
    text = "".join(sign for sign in " ".join(text.split()) if sign.isprintable()).strip()
    word, _, rest = text.partition(" ")
    if not word:
        return Asked(name="help")
    name = meanings().get(plain(word))
    if name:
        return Asked(name=name, argument=rest.strip())
    if "@" in plain(word):
        return Asked(name="who", argument=text)
    if begins_as_date(text):
        return Asked(name="dates", argument=text)
    near = difflib.get_close_matches(plain(word), meanings(), n=1, cutoff=0.5)
    return NotUnderstood(word=word[:50], nearest=near[0] if near else "")
