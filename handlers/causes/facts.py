"""What a refusal says beside its cause: who speaks, which list, how long to wait, whom it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from storage.failures import domain_of, fold_recipient

# Behind this stand quoted mails; nobody waits for what is said there.
_LONGEST_TEXT = 4096


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Taken out of the text as it stands; empty where nothing is said.

    `speaker` is a provider or gateway of SPEAKERS. `other_address` is an address
    in the text that is not the one the mail was sent to: forwarding, or a member
    of a list. `support_code` is what the speaker asks to be told.
    """

    speaker: str = ""
    block_list: str = ""
    retry_after: timedelta | None = None
    limit: str = ""
    other_address: str = ""
    support_code: str = ""


# Who speaks, by marks that only its own servers leave in a reply. The first that is found.
_MARKS: dict[str, str] = {
    "google_admin": r"\bgcdp\b",  # a rule made by the recipient's own administrator
    "google": r"\bgsmtp\b|support\.google\.com|google\.com/mail",
    "mimecast": r"mimecast",
    "proofpoint": r"proofpoint|pphosted|ppe-hosted",
    "barracuda": r"barracuda(networks|central)?\.com|barracuda(?! reputation block)",
    "trend_micro": r"trendmicro|trend micro|\btmes?\b",
    "symantec": r"messagelabs|symantec|broadcom\.com",
    "cisco": r"iphmx|ironport|senderbase|talosintelligence",
    "m_filter": r"m-filter",
    "hennge": r"hennge|hdeone",
    "microsoft": r"outlook\.com|office365|office\.com|microsoft|hotmail|\bprod\.protection\b",
    "apple": r"icloud|apple\.com|mac\.com|\bme\.com",
    "yahoo_japan": r"yahoo-help\.jp|yahoo\.co\.jp|mail\.yahoo\.jp",
    "yahoo": r"yahoo(inc)?\.com|\[tss?\d\d\]|aol\.com",
    "docomo": r"docomo\.ne\.jp",
    "au": r"ezweb\.ne\.jp|\bau\.com|uqmobile\.jp",
    "softbank": r"softbank\.(ne\.)?jp|vodafone\.ne\.jp|disney\.ne\.jp",
    "sendgrid": r"sendgrid|email was deferred due to the following reason",
}
# Whose mailboxes a domain holds, whatever the reply says.
_DOMAINS: dict[str, tuple[str, ...]] = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": (
        "outlook.com",
        "outlook.jp",
        "hotmail.com",
        "hotmail.co.jp",
        "live.jp",
        "live.com",
        "msn.com",
    ),
    "apple": ("icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"),
    "yahoo_japan": ("yahoo.co.jp", "ymail.ne.jp"),
    "yahoo": ("yahoo.com", "aol.com", "ymail.com"),
    "docomo": ("docomo.ne.jp",),
    "au": ("au.com", "ezweb.ne.jp", "uqmobile.jp"),
    "softbank": ("softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "disney.ne.jp"),
    "rakuten_mobile": ("rakumail.jp",),
    "ymobile": ("ymobile.ne.jp", "y-mobile.ne.jp", "yahoo.ne.jp"),
}
_PROVIDER_OF = {domain: name for name, domains in _DOMAINS.items() for domain in domains}
SPEAKERS = frozenset({*_MARKS, *_DOMAINS})

_SPEAKS = {name: re.compile(mark) for name, mark in _MARKS.items()}
_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.ASCII)
_LISTED = re.compile(
    r"\b((?:[a-z0-9-]{1,63}\.){0,4}"
    r"(?:spamhaus|spamcop|sorbs|barracudacentral|abuseat|uceprotect|surbl|uribl|invaluement|abusix"
    r"|mailspike|psbl|dnswl|senderscore|nixspam|backscatterer|truncate\.gbudb)"
    r"(?:\.[a-z]{2,10}){0,2})"
)
_AFTER = re.compile(
    r"\b(?:in|after|for|within|wait)\s{1,3}(\d{1,4})\s?(seconds?|secs?|minutes?|mins?|hours?|days?|s|m|h)\b"
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LIMIT = re.compile(
    r"\b(?:limit|maximum|max|size|quota|exceeds?|larger than)\D{0,30}?(\d[\d,.]{0,15}\s?(?:[kmg]?i?b(?:ytes)?)?)\b"
)
_SUPPORT_CODE = re.compile(
    r"\[(?P<a>[a-z]{2,4}\d{2,4})\]|\((?P<b>s\d{4}|[a-z]{2}-\d{3})\)|\b(?P<c>as\(\d{3,6}\))"
    r"|\b(?P<d>(?:sc|dy|ou|rp|cs|hm)-?\d{2,3})\b|\?(?:p|id|c)=(?P<e>[a-z0-9_]{3,40})"
)


def facts_of(text: str, recipient: str = "") -> Facts:
    """The facts in a refusal; `recipient` is the address that the mail was sent to."""
    shown = text[:_LONGEST_TEXT]
    folded = shown.casefold()
    return Facts(
        speaker=speaker_of(shown, recipient),
        block_list=_first(_LISTED, folded, lambda found: found[1]),
        retry_after=_retry_after(folded),
        limit=_first(_LIMIT, folded, lambda found: found[1].strip()),
        other_address=_other_address(folded, recipient),
        support_code=_support_code(shown),
    )


def speaker_of(text: str, recipient: str = "") -> str:
    """The gateway or provider that wrote the reply, else the one whose domain the recipient has."""
    folded = text[:_LONGEST_TEXT].casefold()
    # The recipient's own address, said again, is no mark of who speaks.
    for spelt in filter(None, (recipient.strip().casefold(), fold_recipient(recipient))):
        folded = folded.replace(spelt, "")
    spoken = next((name for name, mark in _SPEAKS.items() if mark.search(folded)), "")
    return spoken or provider_of(recipient)


def provider_of(recipient: str) -> str:
    """Whose mailbox an address is, as far as its domain tells; empty for everybody else's."""
    return _PROVIDER_OF.get(domain_of(recipient), "")


def _first(pattern: re.Pattern[str], text: str, take: Callable[[re.Match[str]], str]) -> str:
    found = pattern.search(text)
    return take(found) if found else ""


def _retry_after(folded: str) -> timedelta | None:
    found = _AFTER.search(folded)
    return timedelta(**{_UNITS[found[2][0]]: int(found[1])}) if found else None


def _other_address(folded: str, recipient: str) -> str:
    if not recipient:
        return ""
    ours = fold_recipient(recipient)
    found = (one[0] for one in _ADDRESS.finditer(folded))
    return next((one for one in found if fold_recipient(one) != ours), "")


def _support_code(text: str) -> str:
    found = _SUPPORT_CODE.search(text.casefold())
    if found is None:
        return ""
    name = found.lastgroup or ""
    return text[found.start(name) : found.end(name)]
