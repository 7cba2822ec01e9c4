"""Domains that are slips of the finger for another: well-known ones, or those in use here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# Where mailboxes are, and how these are written by mistake. Short names are left out:
# one letter more or less makes another name of them.
WELL_KNOWN = (
    "gmail.com",
    "yahoo.co.jp",
    "yahoo.com",
    "hotmail.com",
    "hotmail.co.jp",
    "outlook.com",
    "outlook.jp",
    "icloud.com",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "ymobile.ne.jp",
    "uqmobile.jp",
    "rakumail.jp",
    "nifty.com",
    "biglobe.ne.jp",
    "plala.or.jp",
    "excite.co.jp",
)
_MEANT = {
    "gmail.co": "gmail.com",
    "gmail.jp": "gmail.com",
    "gmail.co.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com",
    "yahoo.co": "yahoo.co.jp",
    "yahoo.jp": "yahoo.co.jp",
    "hotmail.co": "hotmail.com",
    "hotmail.ne.jp": "hotmail.co.jp",
    "outlook.co": "outlook.com",
    "outlook.co.jp": "outlook.jp",
    "icloud.co": "icloud.com",
    "icloud.jp": "icloud.com",
    "icloud.co.jp": "icloud.com",
    "icloud.ne.jp": "icloud.com",
    "docomo.co.jp": "docomo.ne.jp",
    "docomo.jp": "docomo.ne.jp",
    "docomo.com": "docomo.ne.jp",
    "ezweb.co.jp": "ezweb.ne.jp",
    "ezweb.jp": "ezweb.ne.jp",
    "ezweb.com": "ezweb.ne.jp",
    "softbank.co.jp": "softbank.ne.jp",
    "i.softbank.ne.jp": "i.softbank.jp",
    "i.softbank.co.jp": "i.softbank.jp",
}
_JAPANESE = re.compile(r"\.(co|ne|or|ac|go|ad|ed|gr|lg)jp$")


def meant(domain: str, in_use: Collection[str], *, dead: bool) -> str:
    """The domain that this one most likely stands for; empty where it is right, or that is open.

    `in_use` are domains that were delivered to; `dead` says that this one does not exist.
    """
    if domain in in_use or domain in WELL_KNOWN:
        return ""
    if domain in _MEANT:
        return _MEANT[domain]
    known = [*WELL_KNOWN, *sorted(in_use)]
    if "." not in domain:
        return next((one for one in known if one.replace(".", "") == domain), "")
    return _ending(domain, known, dead=dead) or _neighbour(domain, in_use)


def _ending(domain: str, known: Collection[str], *, dead: bool) -> str:
    if _JAPANESE.search(domain):
        return f"{domain[:-2]}.jp"
    unfinished = domain.endswith(".co") and (dead or f"{domain}.jp" in known)
    return f"{domain}.jp" if unfinished else ""


def _neighbour(domain: str, in_use: Collection[str]) -> str:
    beside = near(domain)
    used = [one for one in in_use if len(_name(one)) > _SHORTEST]
    for known in (WELL_KNOWN, used):
        found = sorted(beside.intersection(known))
        if len(found) == 1:
            return found[0]
    return ""


_LETTERS = "abcdefghijklmnopqrstuvwxyz-."
# Shorter names are another company's by one letter; longer ones nobody types.
_SHORTEST, _LONGEST = 4, 40


def near(domain: str) -> frozenset[str]:
    """Domains from which this one differs by one slip: a letter more, less, other, or two swapped.

    The first letter is seldom mistyped, and digits make names of their own.
    """
    if len(domain) > _LONGEST or len(_name(domain)) < _SHORTEST or not domain.isascii():
        return frozenset()
    return frozenset(one for one in _slips(domain) if one != domain)


def _slips(domain: str) -> Iterator[str]:
    for at in range(1, len(domain) + 1):
        before, rest = domain[:at], domain[at:]
        yield from (before + letter + rest for letter in _LETTERS)
        if rest and not rest[0].isdigit():
            yield before + rest[1:]
            yield from (before + letter + rest[1:] for letter in _LETTERS)
        if len(rest) > 1 and not any(map(str.isdigit, rest[:2])):
            yield before + rest[1] + rest[0] + rest[2:]


def _name(domain: str) -> str:
    return max(domain.split("."), key=len)
