"""What people type, in either language, as the one thing that they mean."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

# Every word is equal to its fellows; the first is the one that help shows.
WORDS: dict[str, tuple[str, ...]] = {
    "today": ("today", "今日"),
    "yesterday": ("yesterday", "昨日"),
    "week": ("week", "今週"),
    "who": ("who", "誰", "だれ"),
    "pending": ("pending", "申請中"),
    "export": ("export", "エクスポート"),
    "status": ("status", "状態"),
    "help": ("help", "使い方", "ヘルプ", "?"),
}
_MEANING = {word: name for name, words in WORDS.items() for word in words}
_MAILTO = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")
_DATE = re.compile(r"\d{4}-")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A command and what follows it. `name` is a key of WORDS, or `dates`."""

    name: str
    argument: str = ""


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """The word that we do not know, and the nearest one that we do."""

    word: str
    nearest: str


def understand(text: str) -> Asked | NotUnderstood:
    """An empty text asks for help."""
    text = _MAILTO.sub(r"\1", text).strip().replace("　", " ")
    word, _, rest = text.partition(" ")
    if not word:
        return Asked(name="help")
    if _DATE.match(word):
        return Asked(name="dates", argument=text)
    name = _MEANING.get(word.casefold())
    if name:
        return Asked(name=name, argument=rest.strip())
    if "@" in word:
        return Asked(name="who", argument=text)
    near = difflib.get_close_matches(word.casefold(), _MEANING, n=1, cutoff=0.5)
    return NotUnderstood(word=word[:50], nearest=near[0] if near else "")
