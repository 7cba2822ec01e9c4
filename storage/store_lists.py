"""What every storage can do with our copy of the lists; a part of `storage.store.Store`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol

from storage.cases import Case
from storage.failures import DroppedBy, Kind
from storage.lists import ListEntry, ListName, Membership


class ListStore(Protocol):
    """The verbs about who is on which list, and who has left."""

    def put_entries(
        self, tenant: str, name: ListName, entries: Iterable[ListEntry], read_at: datetime
    ) -> None:
        """Take over a part of what a walk found; who is not in it is left alone."""
        ...

    def mark_read(self, tenant: str, name: ListName, read_at: datetime) -> None:
        """The walk has come to its end: the whole list is known as of then."""
        ...

    def missed_entries(self, tenant: str, name: ListName, before: datetime) -> tuple[int, int]:
        """How many entries of our copy no reading has met since then, and how many it has."""
        ...

    def let_go(
        self, tenant: str, name: ListName, before: datetime, at: datetime, most: int
    ) -> list[str]:
        """Forget so many addresses that no reading has met since `before`.

        Answers them folded, whom no reading has met for longest first.
        Whom no list stops any more is gone from the lists as of `at`.
        """
        ...

    def left_lists(self, tenant: str, address: str, at: datetime) -> None:
        """The lists were asked, and none that stops mail holds the address as of `at`."""
        ...

    def gone(
        self,
        tenant: str,
        since: datetime,
        until: datetime,
        limit: int,
        but: Collection[Kind | DroppedBy] = (),
    ) -> tuple[int, list[Case]]:
        """How many cases were cleared so in [since, until), and the newest of them."""
        ...

    def set_membership(
        self, tenant: str, address: str, membership: Membership, read_at: datetime
    ) -> None: ...
    def membership(self, tenant: str, address: str) -> Membership: ...
