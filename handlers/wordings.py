"""The wording of a refusal: what is the same in all that are worded alike.

Taken out: addresses and their local parts, hosts, links, anything with a digit
in it (codes, times, queue and session ids), days and months. What is left are
words, folded; their hash is the wording's id, so that equal wordings meet
whoever they were written to.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from storage.corrections import Wording

# Behind these stand quoted mails; they would make every text a wording of its own.
_LONGEST_TEXT = 4096
_MOST_WORDS = 80
# A single word says too little to speak for all who use it; Japanese puts no blanks between.
_FEWEST_WORDS = 2
_SENTENCE = 4
_PREFIX = "w-"

_LINK = re.compile(r"https?://[!-;=?-~]*", re.IGNORECASE)
# Times as well: both are numbers with colons between.
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
# Printable ASCII between brackets, quotes and stops; or a run of anything else.
_PIECE = re.compile(r"[#-&+\-./0-9=@-Z\\^_a-z~]+|[^\x00-\x7f]+")
_WORDS = re.compile(r"[^\W\d_]+")
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
    bare = _IPV6.sub(" ", _LINK.sub(" ", _DAY.sub(" ", shown)))
    pieces = _PIECE.findall(bare)
    names = {_local_part(piece) for piece in [*pieces, recipient] if "@" in piece} - _ORDINARY
    kept = [word for piece in pieces if piece.casefold() not in names for word in _words(piece)]
    if len(kept) < _FEWEST_WORDS and not any(map(_is_japanese_sentence, kept)):
        return None
    words = " ".join(kept[:_MOST_WORDS])
    return Wording(id=_PREFIX + hashlib.sha256(words.encode()).hexdigest()[:24], words=words)


def is_wording(subject: str) -> bool:
    """Whether a button's subject names a wording."""
    return subject.startswith(_PREFIX)


def _words(piece: str) -> Iterator[str]:
    """What a piece says; nothing where it only names somebody or something."""
    if not _is_somebodys_own(piece):
        folded = (word.casefold() for word in _WORDS.findall(piece))
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
