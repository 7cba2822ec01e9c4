"""The safe walk over one of SendGrid's lists, page by page. No I/O of its own.

The caller freezes the end of the walk and never deletes while walking. Offsets
are multiples of the page size, as the vendor asks, but for the one question that
shows whether a short page was cut; no order, no total and no cursor are documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.sendgrid.lists import page
from handlers.ports import ListPage, VendorError
from storage.failures import fold_recipient
from storage.lists import ListEntry, ListName

PAGE_SIZE = 500  # the largest that is allowed

# Takes the number of elements to skip, gives at most PAGE_SIZE elements.
Fetch = Callable[[int], Sequence[Any]]


def walk(name: ListName, fetch: Fetch, *, strict: bool = False) -> Iterator[ListPage]:
    """Pages of entries until a short one, each address once.

    What moves all the same is met twice and told once. A short page is believed to
    be the last when nothing follows it, neither directly nor where the next page
    would be; otherwise, and where the vendor repeats itself, VendorError after all
    that was found. `strict` also asks behind a list that seems empty, and does not
    end well with an element that names nobody.
    """
    seen: set[str] = set()
    offset = nameless = 0
    while True:
        elements = fetch(offset)
        read = page(name, elements)
        nameless += len(read.odd)
        new = tuple(_unseen(read.entries, seen))
        if new or read.odd:
            yield replace(read, entries=new)
        if len(elements) < PAGE_SIZE:
            break
        if not new:
            raise VendorError("pages_repeat")
        offset += PAGE_SIZE
    if _goes_on(fetch, offset, elements) or (
        (offset or elements or strict) and fetch(offset + PAGE_SIZE)
    ):
        raise VendorError("half_a_page")
    if strict and nameless:
        raise VendorError("unreadable_element")


def _goes_on(fetch: Fetch, offset: int, elements: Sequence[Any]) -> bool:
    """Whether something follows a short page directly: then the vendor has cut it.

    What was on the page already tells nothing: a vendor that knows multiples of its
    page size alone gives the same page again.
    """
    if not elements:
        return False
    return any(one not in elements for one in fetch(offset + len(elements)))


def _unseen(entries: Sequence[ListEntry], seen: set[str]) -> Iterator[ListEntry]:
    for one in entries:
        folded = fold_recipient(one.address)
        if folded not in seen:
            seen.add(folded)
            yield one
