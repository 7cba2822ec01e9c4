"""Our copy of the provider's lists: whole lists as polled, single addresses as asked live."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from storage.failures import fold_recipient
from storage.lists import ListEntry, ListName, Membership
from storage.rows import Column, columns, from_ms, to_ms, value_of
from storage.verbs.engine import Engine


class Lists(Engine):
    def put_entries(
        self, tenant: str, name: ListName, entries: Iterable[ListEntry], read_at: datetime
    ) -> None:
        """Take over what a walk found; an address asked live after `read_at` stays as it is.

        A walk goes from its last end, so who is not among the entries is left alone.
        """
        # Taken in before the file is locked: the entries may come over the network.
        told = [_row(tenant, name, entry, read_at) for entry in dict.fromkeys(entries)]
        reading = {"tenant": tenant, "name": name, "read_at": to_ms(read_at)}
        with self._writing(tenant) as connection:
            newer = {
                row["folded"] for row in self._queries.addresses_read_after(connection, **reading)
            }
            taken = [row for row in told if row["folded"] not in newer]
            self._queries.drop_entries_of(connection, taken)
            self._queries.add_entry(connection, taken)

    def mark_read(self, tenant: str, name: ListName, read_at: datetime) -> None:
        reading = {"tenant": tenant, "name": name, "read_at": to_ms(read_at)}
        with self._writing(tenant) as connection:
            self._queries.forget_address_readings(connection, **reading)
            self._queries.list_read(connection, **reading)

    def set_membership(
        self, tenant: str, address: str, membership: Membership, read_at: datetime
    ) -> None:
        """Take over a live answer; of lists that did not answer, what we knew stays."""
        folded = fold_recipient(address)
        answered = [name for name in ListName if name not in membership.unanswered]
        with self._writing(tenant) as connection:
            for name in answered:
                key = {"tenant": tenant, "name": str(name), "folded": folded}
                self._queries.drop_entries_of(connection, [key])
                self._queries.address_read(connection, **key, read_at=to_ms(read_at))
            self._queries.add_entry(
                connection,
                [
                    _row(tenant, entry.name, entry, read_at)
                    for entry in membership.entries
                    if entry.name in answered
                ],
            )

    def membership(self, tenant: str, address: str) -> Membership:
        """From our copy, as old as the oldest of its readings."""
        key = {"tenant": tenant, "folded": fold_recipient(address)}
        with self._reading() as connection:
            entries = [
                value_of(ListEntry, row) for row in self._queries.entries_of(connection, **key)
            ]
            readings = [row["read_at"] for row in self._queries.readings_of(connection, **key)]
        return Membership(
            entries=tuple(entries), read_at=from_ms(min(readings)) if readings else None
        )


def _row(tenant: str, name: ListName, entry: ListEntry, read_at: datetime) -> dict[str, Column]:
    folded = fold_recipient(entry.address)
    where = {"tenant": tenant, "name": str(name), "folded": folded}
    return columns(entry) | where | {"met_at": to_ms(read_at)}
