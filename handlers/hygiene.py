"""Addresses that look mistyped: what looks wrong, and which address may be meant.

Suggestions for a person to decide about, never a change; what is unusual but valid is
left alone, and a domain that this installation has delivered to is never a mistake.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass

from handlers.causes.facts import provider_of
from handlers.house import House
from handlers.typos import meant, near
from storage.cases import Case
from storage.failures import Cause, DroppedBy, Kind, Medium, domain_of


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`word` names what looks wrong; `suggestion` is empty where no better address follows."""

    word: str
    suggestion: str = ""


_CARRIERS = frozenset({"docomo", "au", "softbank", "ymobile"})

_SEVERAL = re.compile(r"@.*[,;、\s].*@", re.DOTALL)
_BRACKETED = re.compile(r"<\s*(?:mailto:)?([^<>@]+@[^<>@]+?)\s*>")
_QUOTED = re.compile(r'^"[^"]*"@')
_WRAPPING, _MAY_BEGIN = '<>()[]"“”‘’「」『』', "'`"
# Joins letters of some scripts, which then are no ASCII.
_JOINERS = "\u200c\u200d"
_SPECIALS = frozenset('()<>[]:;\\,"')
_DOTS = re.compile(r"\.{2,}")


def _without_full_width(address: str) -> str:
    return "".join(
        unicodedata.normalize("NFKC", char) if unicodedata.east_asian_width(char) == "F" else char
        for char in address
    )


def _unwrapped(address: str) -> str:
    if found := _BRACKETED.search(address):
        return found[1]
    if _QUOTED.match(address):
        return address
    closed = address.rstrip(f"{_WRAPPING}{_MAY_BEGIN},;、。")
    # These two may begin a valid address, unless they come as a pair.
    opening = f"{_WRAPPING}{_MAY_BEGIN}" if closed != address else _WRAPPING
    return closed.lstrip(opening).removeprefix("mailto:")


def _without_blanks(address: str) -> str:
    if _QUOTED.match(address):
        return address
    kept = [char for char in address if not _unseen(char, ascii_only=address)]
    return "".join(kept)


def _unseen(char: str, *, ascii_only: str) -> bool:
    if char in _JOINERS:
        return ascii_only.replace(char, "").isascii()
    return char.isspace() or unicodedata.category(char) in {"Cf", "Cc", "Zs"}


def _one_at(address: str) -> str:
    single = re.sub(r"@{2,}", "@", address)
    local, *domains = single.split("@")
    if len(domains) > 1 and len(set(domains)) == 1:
        return f"{local}@{domains[0]}"
    return single


def _with_dots_for_commas(address: str) -> str:
    return address if _QUOTED.match(address) else re.sub("[,、。]", ".", address)


def _with_single_dots(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_DOTS.sub('.', domain).strip('.')}" if at else address


# In this order: what is seen in one step may only show after the one before it.
_SPELLING: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("full_width", _without_full_width),
    ("wrapped", _unwrapped),
    ("blank", _without_blanks),
    ("doubled_at", _one_at),
    ("comma", _with_dots_for_commas),
    ("domain_dots", _with_single_dots),
)


def look(address: str, in_use: Collection[str] = (), *, dead: bool = False) -> tuple[Finding, ...]:
    """What looks wrong; every finding suggests the same address, with all of it mended.

    `in_use` are domains that were delivered to; `dead` says that this one is known not
    to exist, so that `.co` may be taken for an unfinished `.co.jp`.
    """
    address = address.strip()
    if _SEVERAL.search(_without_full_width(address)) and not _BRACKETED.search(address):
        return (Finding(word="several"),)
    flaws, spelt = _spelt(address)
    local, _, domain = spelt.rpartition("@")
    right = meant(domain.casefold(), in_use, dead=dead)
    if unusable := _unusable(spelt, right):
        return tuple(Finding(word=word) for word in (*flaws, unusable))
    if right:
        flaws.append(_slip(domain, right))
        domain = right
    odd = _odd_dots(local, domain)
    if odd == "local_dots":
        flaws.append(odd)
        local = _without_odd_dots(local)
    found = [Finding(word=word, suggestion=f"{local}@{domain}") for word in flaws]
    return (*found, Finding(word=odd)) if odd == "carrier_dots" else tuple(found)


def _spelt(address: str) -> tuple[list[str], str]:
    """What was mended, each once, and the address when nothing is left to mend."""
    flaws: dict[str, None] = {}
    before = ""
    while before != address:
        before = address
        for word, mend in _SPELLING:
            mended = mend(address)
            if mended != address:
                flaws.setdefault(word)
                address = mended
    return list(flaws), address


def _unusable(address: str, right: str) -> str:
    """Why no better address follows from what is there."""
    local, at, domain = address.rpartition("@")
    if not at or "@" in local.rpartition('"')[2]:
        return "many_ats" if at else "no_at"
    if not local or not domain:
        return "incomplete"
    # RFC 5322, 3.2.3: these stand in quotes only.
    if not _SPECIALS.isdisjoint(_QUOTED.sub("", address)):
        return "specials"
    return "" if right or "." in domain else "no_dot"


def _odd_dots(local: str, domain: str) -> str:
    """Carriers once gave such addresses out (against RFC 5321, 4.1.2); nobody else did."""
    if _QUOTED.match(f"{local}@") or _without_odd_dots(local) == local:
        return ""
    carrier = provider_of(f"@{domain}") in _CARRIERS
    return "carrier_dots" if carrier or not _without_odd_dots(local) else "local_dots"


def _without_odd_dots(local: str) -> str:
    return _DOTS.sub(".", local).strip(".")


def _slip(domain: str, right: str) -> str:
    if "." not in domain:
        return "no_dot"
    return "unfinished" if right == f"{domain.casefold()}.jp" else "domain_typo"


def suspects(house: House, address: str, *, dead: bool = False) -> tuple[Finding, ...]:
    """`look`, with the domains that this installation has delivered to."""
    domain = domain_of(_spelt(address.strip())[1])
    asked = {domain, f"{domain}.jp", *near(domain)}
    in_use = house.store.domains_reached(house.tenant, Medium.EMAIL, asked)
    return look(address, in_use.keys(), dead=dead)


_ABOUT_THE_ADDRESS = frozenset(
    {Cause.USER_UNKNOWN, Cause.DOMAIN_NOT_FOUND, Cause.SYNTAX_OR_PROTOCOL}
)


def of_case(house: House, case: Case) -> tuple[Finding, ...]:
    """What looks wrong with an address whose failure speaks about the address."""
    invalid = case.kind is Kind.INVALID_ADDRESS or case.dropped_by is DroppedBy.INVALID_LIST
    if case.medium is not Medium.EMAIL or not (invalid or case.cause in _ABOUT_THE_ADDRESS):
        return ()
    return suspects(house, case.recipient, dead=case.cause is Cause.DOMAIN_NOT_FOUND)
