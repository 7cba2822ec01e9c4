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

import ahocorasick

# How many characters may stand between two pieces of a phrase.
GAPS = {"...": 48, "..": 16}
# Further places of one piece are not remembered: who repeats it more often says nothing new.
_MOST_PLACES = 8
_MOST_SPELLINGS = 4000

_BLANK = " "
# Beyond ASCII: apostrophes, soft hyphens and blanks of no width vanish, as in ASCII they do
# ("doesn't" and "doesnt" are one word); punctuation becomes a blank.
_BEYOND_ASCII = dict.fromkeys(map(ord, "\u2018\u2019\u00b4\u00ad\u200b\ufeff")) | dict.fromkeys(
    map(ord, "\u00a0\u3000、。・「」『』【】〈〉《》“”„«»\u2013\u2014…¡¿"), _BLANK
)
# Bytes are translated ten times faster than text, and UTF-8 keeps ASCII as it is.
_DROPPED = b"'`"
_PLAIN = bytes.maketrans(
    (string.ascii_uppercase + string.punctuation).encode(),
    (string.ascii_lowercase + _BLANK * len(string.punctuation)).encode(),
)
# What stands around an address: "<taro@example.jp>:", "to=taro@example.jp,".
_AROUND = bytes.maketrans(b'<>()[]{}:;,=|"\t\n\r\v\f', b" " * 19)
_IP = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_DOTS_OF_AN_IP = 3

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
        text = unicodedata.normalize("NFKC", text).casefold().translate(_BEYOND_ASCII)
    told = text.encode(errors="replace")
    if b"@" in told:
        told = _without_addresses(told)
    if told.count(b".") >= _DOTS_OF_AN_IP:
        told = _IP.sub(b" ip ", told)
    words = told.translate(_PLAIN, _DROPPED).decode().split()
    return f" {_BLANK.join([word for word in words if not word.isdecimal() or word[0] == '0'])} "


def _without_addresses(told: bytes) -> bytes:
    """Cut at each @, and each piece back to its nearest blank on the cut side."""
    # sendmail puts its words right behind three dots: "<taro@example.jp>... User unknown".
    first, *middle, last = told.replace(b"...", b" ").translate(_AROUND).split(b"@")
    between = [one[one.find(b" ") : one.rfind(b" ") + 1] for one in middle if b" " in one]
    end = last[last.find(b" ") :] if b" " in last else b""
    return b"".join((first[: first.rfind(b" ") + 1], *between, end))


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


@dataclass(frozen=True, slots=True)
class _Chain:
    """A phrase of several pieces, by their numbers. `needed` has the bit of each piece."""

    number: int
    first: int
    rest: tuple[tuple[int, int], ...]  # later pieces, each with the room before it
    slots: tuple[int, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class _Spelling:
    """What finding one spelling means: whole phrases, pieces of chains, chains worth a look."""

    length: int
    alone: tuple[int, ...]
    pieces: int  # a bit for each
    chains: tuple[_Chain, ...]


class Finder:
    """Finds which of many phrases a folded text holds. Built once; safe for many threads."""

    def __init__(self, phrases: Sequence[tuple[int, Phrase]]) -> None:
        """Each phrase with the number under which it is reported."""
        pieces: dict[frozenset[str], int] = {}
        alone: dict[str, set[int]] = defaultdict(set)
        chains = []
        for number, one in phrases:
            if len(one.pieces) == 1:
                for spelling in one.pieces[0]:
                    alone[spelling].add(number)
            else:
                slots = [pieces.setdefault(piece, len(pieces)) for piece in one.pieces]
                chains.append(_chain(number, slots, one.gaps))
        self.spellings = frozenset(alone).union(*pieces)
        self._automaton = _automaton(alone, pieces, _by_rarest(chains))

    def numbers(self, folded: str) -> set[int]:
        """The numbers of the phrases that `folded`, a text as `fold` gives it, holds."""
        found: set[int] = set()
        hits: list[tuple[int, _Spelling]] = []
        chains: list[_Chain] = []
        met = 0
        for last, spelling in self._automaton.iter(folded):
            if spelling.alone:
                found.update(spelling.alone)
            if spelling.pieces:
                hits.append((last, spelling))
                if spelling.pieces & ~met:
                    met |= spelling.pieces
                    chains += spelling.chains
        # Most chains end here: one of their pieces is nowhere in the text.
        likely = [one for one in chains if one.needed & met == one.needed]
        if likely:
            places = _places(hits, likely)
            found.update(one.number for one in likely if _in_order(one, places))
        return found


def _chain(number: int, slots: Sequence[int], gaps: Sequence[int]) -> _Chain:
    rest = tuple(zip(slots[1:], gaps, strict=True))
    needed = 0
    for slot in slots:
        needed |= 1 << slot
    return _Chain(number, slots[0], rest, tuple(slots), needed)


def _by_rarest(chains: Sequence[_Chain]) -> dict[int, list[_Chain]]:
    """Each chain under the piece that the fewest others share: met least, it is tried least."""
    shared = Counter(slot for one in chains for slot in one.slots)
    found: dict[int, list[_Chain]] = defaultdict(list)
    for one in chains:
        found[min(one.slots, key=lambda slot: shared[slot])].append(one)
    return found


def _automaton(
    alone: Mapping[str, set[int]],
    pieces: Mapping[frozenset[str], int],
    chains: Mapping[int, Sequence[_Chain]],
) -> ahocorasick.Automaton:
    parts: dict[str, list[int]] = defaultdict(list)
    for piece, slot in pieces.items():
        for spelling in piece:
            parts[spelling].append(slot)
    found = ahocorasick.Automaton()
    for spelling in alone.keys() | parts.keys():
        slots = parts.get(spelling, [])
        value = _Spelling(
            len(spelling),
            tuple(alone.get(spelling, ())),
            sum(1 << slot for slot in slots),
            tuple(one for slot in slots for one in chains.get(slot, ())),
        )
        found.add_word(spelling, value)
    # No folded text holds this; an automaton without words could not be asked at all.
    found.add_word("\0", _Spelling(1, (), 0, ()))
    found.make_automaton()
    return found


def _places(
    hits: Sequence[tuple[int, _Spelling]], chains: Sequence[_Chain]
) -> dict[int, list[tuple[int, int]]]:
    """Where each piece of these chains begins and ends, as far as that is remembered."""
    wanted = {slot for one in chains for slot in one.slots}
    bits = 0
    for slot in wanted:
        bits |= 1 << slot
    found: dict[int, list[tuple[int, int]]] = {slot: [] for slot in wanted}
    for last, spelling in hits:
        here = spelling.pieces & bits
        while here:
            lowest = here & -here
            here ^= lowest
            known = found[lowest.bit_length() - 1]
            known.append((last + 1 - spelling.length, last + 1))
            if len(known) == _MOST_PLACES:
                bits ^= lowest
        if not bits:
            break
    return found


def _in_order(chain: _Chain, places: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
    ends = [end for _, end in places[chain.first]]
    for slot, gap in chain.rest:
        reached = []
        for start, end in places[slot]:
            for before in ends:
                # Neighbours share the blank between them, hence the one character of overlap.
                if before - 1 <= start <= before + gap:
                    reached.append(end)
                    break
        if not reached:
            return False
        ends = reached
    return True
