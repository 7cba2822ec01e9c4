"""How an address is shown where others can read it."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s<>\"'(),;:@]+@[^\s<>\"'(),;:@]+")


def masked(recipient: str) -> str:
    """`taro@example.jp` -> `t***@example.jp`; an id without a domain keeps its first letter."""
    local, at, domain = recipient.rpartition("@")
    if not at:
        return f"{recipient[:1]}***"
    return f"{local[:1]}***@{domain}"


def without_addresses(text: str) -> str:
    """Somebody else's words with every address in them masked."""
    return _ADDRESS.sub(lambda found: masked(found[0]), text)
