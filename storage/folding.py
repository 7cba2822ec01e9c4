"""The one spelling of an address that several can have: case, encodings, quotes, IDN.

Two spellings are one only where the standards make them one mailbox; in doubt
they stay two, because a merged case would tell one recipient's trouble as another's.
"""

from __future__ import annotations

import re
import unicodedata

from storage.storable import storable

# A longer text is no address, and composing it need not take linear time.
LONGEST = 1000
_LONGEST_LABEL = 63  # octets, RFC 1035; so decoding one costs next to nothing
_PUNYCODE = "xn--"  # RFC 5890, 2.3.2.1
# RFC 3490, 3.1: what input methods type for the dot of a domain.
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
# RFC 5321, 4.1.2 and RFC 6531, 3.3: what stands in a local part without quotes.
_ATOM = r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\].]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_WIDTHS = frozenset({"<wide>", "<narrow>"})


def fold(told: str) -> str:
    """`told` without blanks around. What has no `@`, such as an id, is folded as a local part."""
    told = storable(told)
    if len(told) > LONGEST:
        return told.lower()
    local, at, domain = told.rpartition("@")
    return f"{_local(local)}@{_domain(domain)}" if at else _lower(told)


def _lower(text: str) -> str:
    """Never `casefold`, which makes `ß` two letters `s`: another mailbox, another domain.

    Composed, because RFC 6532, 3.1 takes both forms for one. The last sigma of a
    word is the lower case of no other letter than any sigma.
    """
    return unicodedata.normalize("NFC", text.replace("\u03a3", "\u03c3").lower())


def _local(told: str) -> str:
    """Quotes that need not be there change nothing, RFC 5321, 4.1.2."""
    quoted = _QUOTED.fullmatch(told)
    if not quoted:
        return _lower(told)
    meant = _lower(_PAIR.sub(r"\1", quoted[1]))
    if _DOT_ATOM.fullmatch(meant):
        return meant
    escaped = meant.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _domain(told: str) -> str:
    """Labels as people read them; the root's dot behind them is nobody's name."""
    narrow = "".join(_narrowed(one) for one in told) if not told.isascii() else told
    folded = _lower(narrow.translate(_DOTS))
    labels = [_label(one) for one in folded.split(".")]
    if len(labels) > 1 and not labels[-1] and labels[-2].rstrip() == labels[-2] != "":
        labels.pop()
    return ".".join(labels)


def _narrowed(one: str) -> str:
    """RFC 5895, 2.2: full-width and half-width letters are the ones that they were made from."""
    kind, _, points = unicodedata.decomposition(one).partition(" ")
    return chr(int(points, 16)) if kind in _WIDTHS else one


def _label(told: str) -> str:
    """The U-label of an A-label, RFC 5890, 2.3.2.1; whatever is none stays as it is."""
    if not told.startswith(_PUNYCODE) or len(told) > _LONGEST_LABEL:
        return told
    coded = told.removeprefix(_PUNYCODE)
    try:
        read = coded.encode("ascii").decode("punycode")
        sound = read.encode("punycode").decode() == coded
    except (UnicodeError, ValueError):
        return told
    stays = not read.isascii() and _domain(read) == read and not any(map(str.isspace, read))
    return read if sound and stays and not read.startswith(_PUNYCODE) else told
