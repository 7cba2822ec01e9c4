"""Readings remembered: servers refuse thousands in the same words, and names alone differ.

A folded text is remembered by its gist: a word that no rule could notice is only as
long as it is, since gaps between words are counted in characters. So what is found
in the gist is what is found in the text, and no name is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import NamedTuple, TypeVar

from storage.failures import Reading

# Neither holds more; what is full is emptied, which costs less than to know the oldest.
_MOST_READINGS = 8192
_MOST_WORDS = 32_768
# Longer texts are seldom alike, and fill the memory.
LONGEST = 1024

_BLANK = " "
# No folded text holds it.
_UNNOTICED = "\1"

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Memory:
    """What was read before, for one set of rules. Safe for many threads."""

    def __init__(self, spellings: Collection[str]) -> None:
        """`spellings` as the finder seeks them: with a blank where a word must end."""
        self._words = _Words(spellings)
        self._readings: dict[tuple[str, ...], Reading] = {}

    def gist(self, folded: str) -> str:
        return _BLANK.join(map(self._words.__getitem__, folded.split(_BLANK)))

    def reading(self, key: tuple[str, ...]) -> Reading | None:
        return self._readings.get(key)

    def keep(self, key: tuple[str, ...], reading: Reading) -> None:
        _put(self._readings, key, reading, _MOST_READINGS)


class _Words(dict[str, str]):
    """Each word as it stands in a gist, found out when it is first asked for."""

    def __init__(self, spellings: Collection[str]) -> None:
        super().__init__()
        pieces = [spelling.split(_BLANK) for spelling in spellings]
        self._noticed = {word for words in pieces for word in words}
        # A piece without a blank at its end is found in the middle of a word too.
        begun = {words[-1] for words in pieces if words[-1]}
        ended = {words[0] for words in pieces if words[0]}
        inner = {words[0] for words in pieces if len(words) == 1}
        # Most are of languages without blanks, and in no word of plain letters.
        self._parts = {
            plain: _Parts(*(_fit(parts, plain=plain) for parts in (begun, ended, inner)))
            for plain in (True, False)
        }

    def __missing__(self, word: str) -> str:
        shown = word if self._may_matter(word) else _UNNOTICED * len(word)
        _put(self, word, shown, _MOST_WORDS)
        return shown

    def _may_matter(self, word: str) -> bool:
        if word in self._noticed:
            return True
        begun, ended, inner = self._parts[word.isascii()]
        return word.startswith(begun) or word.endswith(ended) or any(part in word for part in inner)


class _Parts(NamedTuple):
    """What a word may begin with, end in or hold so that a rule could notice it."""

    begun: tuple[str, ...]
    ended: tuple[str, ...]
    inner: tuple[str, ...]


def _fit(parts: Collection[str], *, plain: bool) -> tuple[str, ...]:
    """Those that a word of plain letters, or any word, could have."""
    return tuple(one for one in parts if one.isascii() or not plain)


def _put(known: dict[_K, _V], key: _K, value: _V, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = value
