"""The wording of a refusal: what is the same in all that are worded alike.

Taken out: addresses and their local parts, hosts, links, anything with a digit
in it (codes, times, queue and session ids), days and months. What is left are
words, folded, with a gap marked where something stood between them. The hash of
the words is the wording's id, so that equal wordings meet whoever they were written to.

Corrections are kept by that id: whoever takes out more or less than today makes
them deaf, unless their ids are made anew from their words.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from storage.corrections import Wording

# Behind these stand quoted mails; they would make every text a wording of its own.
_LONGEST_TEXT = 4096
_MOST_WORDS = 80
# A single word says too little to speak for all who use it; Japanese puts no blanks between.
_FEWEST_WORDS = 2
_SENTENCE = 4
_PREFIX = "w-"
# Something that was taken out, as rules write that words stand apart.
GAP = "..."
_TAKEN_OUT = " 0 "

_LINK = re.compile(r"https?://[!-;=?-~]*", re.IGNORECASE)
# Times as well: both are numbers with colons between.
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
# Latin letters and signs between brackets, quotes and stops; or a run of anything else.
_LATIN = "\u00c0-\u02af\u1e00-\u1eff"
_PIECE = re.compile(rf"[#-&+\-./0-9=@-Z\\^_a-z~{_LATIN}]+|[^\x00-\x7f{_LATIN}]+")
_WORDS = re.compile(rf"[a-z{_LATIN}]+|(?:(?![a-z{_LATIN}])[^\W\d_])+")
_DAY = re.compile(r"\([月火水木金土日]\)")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+\.?", re.ASCII)
_HEXADECIMAL = re.compile(r"[a-f]{8,}", re.IGNORECASE)
_RISE = re.compile(r"[a-z][A-Z]")
_RISES_OF_AN_ID = 3
_PARTS_OF_A_PATH = 2
_CALENDAR = frozenset(
    """
    mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday
    jan feb mar apr may jun jul aug sep oct nov dec january february march april june july
    august september october november december am pm utc gmt jst pst pdt est edt cet cest
    """.split()  # noqa: SIM905 - a paragraph of names reads better than forty lines
)
# Local parts that are ordinary words of refusals: taken out, they would tear holes.
_ORDINARY = frozenset(
    """
    user mail email mailbox account address recipient sender info admin postmaster support host
    domain server spam abuse test office help contact service unknown delivery message policy
    """.split()  # noqa: SIM905 - as above
)
_SHORTEST_LOCAL_PART = 3


def wording_of(text: str, recipient: str = "") -> Wording | None:
    """None where so few words are left that they would speak for everything."""
    shown = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT])
    for pattern in (_DAY, _LINK, _IPV6):
        shown = pattern.sub(_TAKEN_OUT, shown)
    pieces = _PIECE.findall(shown)
    names = {_local_part(piece) for piece in [*pieces, recipient] if "@" in piece} - _ORDINARY
    kept = list(_with_gaps(pieces, names))[:_MOST_WORDS]
    words = [word for word in kept if word != GAP]
    if len(words) < _FEWEST_WORDS and not any(map(_is_japanese_sentence, words)):
        return None
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()
    return Wording(id=_PREFIX + digest[:24], words=" ".join(kept).removesuffix(f" {GAP}"))


def is_wording(subject: str) -> bool:
    """Whether a button's subject names a wording."""
    return subject.startswith(_PREFIX)


def _with_gaps(pieces: Iterable[str], names: Collection[str]) -> Iterator[str]:
    """The words in their order; a gap never stands first or last."""
    begun = apart = False
    for piece in pieces:
        said = [] if piece.casefold() in names else list(_words(piece))
        if said and begun and apart:
            yield GAP
        yield from said
        begun = begun or bool(said)
        # Mere punctuation leaves no gap.
        apart = not said and (apart or any(map(str.isalnum, piece)))


def _words(piece: str) -> Iterator[str]:
    """What a piece says; nothing where it only names somebody or something."""
    if not _is_somebodys_own(piece):
        folded = _WORDS.findall(unicodedata.normalize("NFKC", piece.casefold()))
        yield from (word for word in folded if word not in _CALENDAR)


def _is_somebodys_own(piece: str) -> bool:
    """Whether it names a machine, a person or a moment rather than saying something."""
    return (
        "@" in piece
        or any(map(str.isdigit, piece))
        or piece.count("/") >= _PARTS_OF_A_PATH
        or _HOST.fullmatch(piece) is not None
        or _HEXADECIMAL.fullmatch(piece) is not None
        or len(_RISE.findall(piece)) >= _RISES_OF_AN_ID
    )


def _is_japanese_sentence(word: str) -> bool:
    return len(word) >= _SENTENCE and not word.isascii()


def _local_part(address: str) -> str:
    local = address.rpartition("@")[0].casefold()
    return local if len(local) >= _SHORTEST_LOCAL_PART else ""
