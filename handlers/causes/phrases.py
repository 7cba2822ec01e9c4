"""The rules' little language of words, and the one automaton that finds all of them at once.

    user unknown               these words, side by side
    (user|mailbox) unknown     one of several; (|is) may be missing
    throttl*                   a word that begins so; *list: one that ends so
    user ... unknown           in this order, half a sentence apart at most
    no .. user                 in this order, with room for a word or two
    {box} full                 a word of the vocabulary: any of its spellings

Text and words are folded alike first: case, width, apostrophes and punctuation do not
count, nor do addresses and numbers. Words of languages that put no blanks between them
are found anywhere.

The cost is linear in the text's length whatever the text is: one pass of an Aho-Corasick
automaton (Aho, Corasick 1975), and a bounded number of places remembered for each piece.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from types import MappingProxyType
from typing import TypeAlias

import ahocorasick

# How many characters may stand between two pieces of a phrase.
GAPS = {"...": 48, "..": 16}
# Further places of one piece are not remembered: who repeats it more often says nothing new.
_MOST_PLACES = 8
_MOST_SPELLINGS = 4000

_BLANK = " "
# Apostrophes, soft hyphens and blanks of no width: "doesn't" and "doesnt" are one word.
_NOTHING = dict.fromkeys(map(ord, "'`\u2018\u2019\u00b4\u00ad\u200b\ufeff"))
_PUNCTUATION = dict.fromkeys(
    map(
        ord,
        string.punctuation + "\t\n\r\v\f\u00a0\u3000、。・「」『』【】〈〉《》“”„«»\u2013\u2014…¡¿",
    ),
    _BLANK,
)
_TABLE = {**_PUNCTUATION, **_NOTHING}
# From the beginning of a word only, so that no text is tried over and over.
_ADDRESS = re.compile(
    r"(?<![^\s<>()\[\]:;,\"'@])[^\s<>()\[\]:;,\"'@]{0,64}+@(?:[\w-]{1,63}\.)*+[\w-]{0,63}"
)
_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")

_GAP = re.compile(r"\s*(?<!\.)(\.{2,3})(?!\.)\s*")
_NAMED = re.compile(r"\{(\w+)\}")
_NOT_OF_THE_LANGUAGE = re.compile(r"[?+\[\]^$\\{}<>]")


_NO_VOCABULARY: Mapping[str, Sequence[str]] = MappingProxyType({})


class PhraseError(ValueError):
    """Words that are not of the language; the text says what would be."""


def fold(text: str) -> str:
    """The text as words with one blank between, before and after them.

    Addresses and numbers are left out, reply codes among them, but not a number such as
    the 001 of a support code; of an IP address remains that there is one.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "@" in text:
        text = _ADDRESS.sub(_BLANK, text)
    bare = _IP.sub(" ip ", text).casefold().translate(_TABLE)
    return f" {_BLANK.join([word for word in bare.split() if not word.isdecimal() or word[0] == '0'])} "


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """What one entry of `words` asks for: pieces in order, each in any of its spellings.

    `gaps` says how many characters may stand before each piece but the first.
    """

    text: str
    pieces: tuple[frozenset[str], ...]
    gaps: tuple[int, ...]

    def samples(self, most: int) -> Iterator[str]:
        """Texts that hold it and as little else as possible, the plainest spellings first."""
        spelt = [sorted(piece, key=lambda one: (len(one), one)) for piece in self.pieces]
        for chosen in islice(product(*spelt), most):
            yield " ".join(one.strip() for one in chosen)


def phrase(text: str, vocabulary: Mapping[str, Sequence[str]] = _NO_VOCABULARY) -> Phrase:
    """Raises PhraseError for words that cannot be found in any text."""
    try:
        spelt = _NAMED.sub(lambda found: f"({'|'.join(vocabulary[found[1]])})", text)
    except KeyError as unknown:
        raise PhraseError(
            f"{text!r}: no vocabulary is called {unknown}; name one that is"
        ) from None
    told = _GAP.split(spelt)
    pieces = tuple(frozenset(_spellings(piece)) for piece in told[::2])
    return Phrase(text=text, pieces=pieces, gaps=tuple(GAPS[gap] for gap in told[1::2]))


def _spellings(piece: str) -> Iterator[str]:
    if wrong := _NOT_OF_THE_LANGUAGE.search(piece):
        raise PhraseError(f"{piece!r}: {wrong[0]!r} means nothing here; write words")
    texts, rest = _alternatives(piece)
    if rest:
        raise PhraseError(f"{piece!r}: put ( before {rest!r}")
    if len(texts) > _MOST_SPELLINGS:
        raise PhraseError(f"{piece!r}: {len(texts)} spellings; cut it into several entries")
    return map(_bounded, texts)


def _alternatives(text: str) -> tuple[list[str], str]:
    """Every text that the alternatives at the head of `text` stand for, and what is left of it."""
    done: list[str] = []
    begun = [""]
    while text and text[0] != ")":
        sign, text = text[0], text[1:]
        if sign == "|":
            done += begun
            begun = [""]
        elif sign == "(":
            inner, text = _alternatives(text)
            if not text.startswith(")"):
                raise PhraseError(f"{text!r}: close each ( with a ); a gap stands outside of them")
            text = text[1:]
            begun = [one + other for one in begun for other in inner]
        else:
            begun = [one + sign for one in begun]
        if len(begun) > _MOST_SPELLINGS:
            raise PhraseError(f"over {_MOST_SPELLINGS} spellings; cut it into several entries")
    return done + begun, text


def _bounded(spelt: str) -> str:
    """With a blank where a word must begin or end, as `fold` puts one there."""
    words = spelt.strip()
    if "*" in words[1:-1]:
        raise PhraseError(f"{spelt!r}: * stands at one end of a piece only")
    inner = fold(words.strip("*")).strip()
    if not inner:
        raise PhraseError(f"{spelt!r}: nothing is left when punctuation is taken away")
    before = "" if words.startswith("*") or not inner[0].isascii() else _BLANK
    after = "" if words.endswith("*") or not inner[-1].isascii() else _BLANK
    return f"{before}{inner}{after}"


# The first piece, and each later one with the room before it; pieces by number.
_Chain: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]


class Finder:
    """Finds which of many phrases a folded text holds. Built once; safe for many threads."""

    def __init__(self, phrases: Sequence[tuple[int, Phrase]]) -> None:
        """Each phrase with the number under which it is reported."""
        numbers: dict[frozenset[str], int] = {}
        chains: list[tuple[int, _Chain]] = []
        alone: dict[str, set[int]] = defaultdict(set)
        parts: dict[str, set[int]] = defaultdict(set)
        for number, one in phrases:
            if len(one.pieces) == 1:
                for spelling in one.pieces[0]:
                    alone[spelling].add(number)
                continue
            chain = tuple(numbers.setdefault(piece, len(numbers)) for piece in one.pieces)
            chains.append((number, (chain[0], tuple(zip(chain[1:], one.gaps, strict=True)))))
            for slot, piece in zip(chain, one.pieces, strict=True):
                for spelling in piece:
                    parts[spelling].add(slot)
        self._automaton = ahocorasick.Automaton()
        for spelling in alone.keys() | parts.keys():
            value = (len(spelling), tuple(alone[spelling]), tuple(parts[spelling]))
            self._automaton.add_word(spelling, value)
        # No folded text holds this; an automaton without words could not be asked at all.
        self._automaton.add_word("\0", (1, (), ()))
        self._automaton.make_automaton()
        self._chains = _by_rarest(chains)

    def numbers(self, folded: str) -> set[int]:
        """The numbers of the phrases that `folded`, a text as `fold` gives it, holds."""
        found: set[int] = set()
        places: dict[int, list[tuple[int, int]]] = {}
        for last, (length, alone, slots) in self._automaton.iter(folded):
            if alone:
                found.update(alone)
            place = (last + 1 - length, last + 1)
            for slot in slots:
                known = places.get(slot)
                if known is None:
                    places[slot] = [place]
                elif len(known) < _MOST_PLACES:
                    known.append(place)
        for slot in places:
            for number, chain in self._chains.get(slot, ()):
                if number not in found and _in_order(chain, places):
                    found.add(number)
        return found


def _by_rarest(chains: Sequence[tuple[int, _Chain]]) -> dict[int, list[tuple[int, _Chain]]]:
    """Each chain under the piece that the fewest others share: met least, it is tried least."""
    shared = Counter(slot for _, chain in chains for slot in _slots(chain))
    found: dict[int, list[tuple[int, _Chain]]] = defaultdict(list)
    for number, chain in chains:
        found[min(_slots(chain), key=lambda slot: shared[slot])].append((number, chain))
    return dict(found)


def _slots(chain: _Chain) -> tuple[int, ...]:
    first, rest = chain
    return (first, *(slot for slot, _ in rest))


def _in_order(chain: _Chain, places: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
    first, rest = chain
    if first not in places or any(slot not in places for slot, _ in rest):
        return False
    ends = [end for _, end in places[first]]
    for slot, gap in rest:
        # Neighbours share the blank between them, hence the one character of overlap.
        ends = [
            end
            for start, end in places[slot]
            if any(before - 1 <= start <= before + gap for before in ends)
        ]
        if not ends:
            return False
    return True
