"""Remembers: the words of the house (frozen values) and how they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.store import Store


def open_store(url: str) -> Store:
    """The store at `url`; see `storage.opening`, which raises StoreUrlError."""
    # Here, so that whoever needs the words alone does not load a database.
    from storage import opening  # noqa: PLC0415 - the reason stands above

    return opening.open_store(url)
