"""Refused messages, encrypted while they wait to be sent again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def cipher(keys: Sequence[str]) -> MultiFernet:
    """`keys`: 32 bytes each in URL-safe base64, newest first; the newest encrypts."""
    return MultiFernet([Fernet(key) for key in keys])


def opened(cipher: MultiFernet, body: bytes) -> bytes | None:
    """The message as it was refused; None when no key fits any more."""
    try:
        return cipher.decrypt(body)
    except InvalidToken:
        return None


def resendable(body: bytes) -> bool:
    """Whether the message can be sent as it is tomorrow: a `fileId` dies after 24 hours."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and "content" in told and not _holds_file(told)


def _holds_file(told: Any) -> bool:
    # No recursion: a body may be nested as deep as JSON can be read.
    inside = [told]
    while inside:
        one = inside.pop()
        if isinstance(one, dict):
            if any(name.casefold().endswith("fileid") for name in one):
                return True
            inside += one.values()
        elif isinstance(one, list):
            inside += one
    return False
