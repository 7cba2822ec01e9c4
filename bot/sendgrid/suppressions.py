"""The port to SendGrid's suppression lists: look an address up, walk a list, remove one entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.sendgrid.client import MOST_BYTES, TIMEOUT, Api
from bot.sendgrid.lists import held, members, within
from bot.sendgrid.walking import PAGE_SIZE, Fetch, walk
from handlers.ports import Clock, ListPage, NotNowError, VendorError
from storage.lists import REMOVABLE, ListEntry, ListName, Membership
from storage.requests import Outcome
from storage.store import StorageBusyError
from storage.turns import Turns, in_process

READ_SCOPES = {name: f"suppression.{name}.read" for name in ListName} | {
    ListName.GROUPS: "asm.groups.suppressions.read",
}
DELETE_SCOPES = {name: f"suppression.{name}.delete" for name in REMOVABLE}

# Where a list is, and where one address on it is; opt-outs are asked elsewhere.
_LIST_AT = {name: ("suppression", name.value) for name in ListName} | {
    ListName.GROUPS: ("asm", "suppressions"),
}
_ENTRY_AT = _LIST_AT | {ListName.UNSUBSCRIBES: ("asm", "suppressions", "global")}
_ENTRY_SCOPES = READ_SCOPES | {ListName.UNSUBSCRIBES: "asm.suppressions.global.read"}
# Groups come whole, without pages: some 400,000 members.
_MOST = {ListName.GROUPS: 64 * 1024 * 1024}
# A removal ends in seconds; a walk may take minutes, and a removal comes back behind it.
WALK_WAITS = 60.0
REMOVAL_WAITS = 5.0


class SendGridLists:
    """Reads with one key, deletes with another; without the other nothing can be removed.

    `url` is the host alone, without `/v3`. `turns` keeps removals and walks apart.
    """

    def __init__(
        self,
        *,
        read_key: str,
        delete_key: str,
        url: str,
        clock: Clock,
        timeout: float = TIMEOUT,
        turns: Turns | None = None,
    ) -> None:
        self._turns = turns or in_process()
        self._reader = Api(read_key, url, timeout)
        self._remover = Api(delete_key, url, timeout) if delete_key else None
        self._clock = clock

    def holding(self, address: str) -> Membership:
        """Ask all lists at once; those that do not answer are named."""
        asked, read_at = _askable(address), self._clock.now()
        with ThreadPoolExecutor(len(ListName)) as threads:
            futures = {name: threads.submit(self._held, name, asked) for name in ListName}
        answers = {name: future.result() for name, future in futures.items()}
        unanswered = tuple(name for name, found in answers.items() if found is None)
        return Membership(
            entries=tuple(one for found in answers.values() for one in found or ()),
            read_at=read_at if len(unanswered) < len(ListName) else None,
            unanswered=unanswered,
        )

    def pages(self, name: ListName, since: datetime | None, until: datetime) -> Iterator[ListPage]:
        """Groups have neither pages nor a cut by time: they come whole, as one page."""
        if name is ListName.GROUPS:
            told = members(self._rows(name, {}))
            found = replace(told, entries=within(told.entries, since, until))
            yield from [found] if found.entries or found.odd else []
            return
        with self._turn(name, alone=False):
            yield from walk(name, self._fetch(name, since, until))

    def whole(self, name: ListName, until: datetime) -> Iterator[ListPage]:
        if name is not ListName.GROUPS:
            with self._turn(name, alone=False):
                yield from walk(name, self._fetch(name, None, until), strict=True)
            return
        found = members(self._rows(name, {}))
        yield from [found] if found.entries or found.odd else []
        if found.odd:
            raise VendorError("unreadable_element")

    def _fetch(self, name: ListName, since: datetime | None, until: datetime) -> Fetch:
        query = {"limit": str(PAGE_SIZE), "end_time": str(int(until.timestamp()))}
        if since:
            query["start_time"] = str(int(since.timestamp()))
        return lambda offset: self._rows(name, query | {"offset": str(offset)})

    def remove(self, name: ListName, address: str) -> Outcome:
        """One DELETE of one entry; never the form that takes many addresses."""
        if name not in REMOVABLE:
            raise VendorError("not_a_list_to_change", permanent=True)
        if self._remover is None:
            raise VendorError("no_delete_key", permanent=True)
        path = (*_ENTRY_AT[name], _askable(address))
        with self._turn(name, alone=True):
            answer = self._remover.delete(*path, scope=DELETE_SCOPES[name])
        # Absent after a try that ended in silence: that try has done it.
        gone_before = answer.absent and not answer.doubtful
        return Outcome.ALREADY_ABSENT if gone_before else Outcome.REMOVED

    @contextmanager
    def _turn(self, name: ListName, *, alone: bool) -> Iterator[None]:
        """Walks beside walks, a removal by itself; what is never removed from needs no turn."""
        seconds = REMOVAL_WAITS if alone else WALK_WAITS
        with ExitStack() as stack:
            if name in REMOVABLE:
                try:
                    stack.enter_context(self._turns(name, alone, seconds))
                except StorageBusyError:
                    raise NotNowError("list_in_use") from None
            yield

    def scopes(self) -> frozenset[str]:
        """What the key for reading may do."""
        return self._reader.scopes()

    def delete_scopes(self) -> frozenset[str]:
        """What the key for deleting may do; nothing without one."""
        return self._remover.scopes() if self._remover else frozenset()

    def _held(self, name: ListName, address: str) -> tuple[ListEntry, ...] | None:
        try:
            answer = self._reader.get(*_ENTRY_AT[name], address, scope=_ENTRY_SCOPES[name])
            return () if answer.absent else held(name, address, answer.body)
        except (VendorError, ValueError):
            return None

    def _rows(self, name: ListName, query: Mapping[str, str]) -> list[Any]:
        answer = self._reader.get(
            *_LIST_AT[name],
            scope=READ_SCOPES[name],
            query=query,
            most=_MOST.get(name, MOST_BYTES),
        )
        if not isinstance(answer.body, list):
            raise VendorError("unreadable_answer")
        return answer.body


def _askable(address: str) -> str:
    """`%` is a wildcard to SendGrid, and a path without a name is the whole list."""
    if "%" in address or not address.strip(". "):
        raise VendorError("address_not_askable", permanent=True)
    return address.strip()
