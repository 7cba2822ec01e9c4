"""Gone from the list: what follows for an address whose entry somebody else took off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from handlers.house import House
from handlers.removals import REMOVED_FROM, found_absent
from storage.lists import STOPS_MAIL, ListName, Membership


def let_go(house: House, name: ListName, addresses: Iterable[str]) -> None:
    """A removal that nobody has decided on yet has nothing left to remove."""
    if name in REMOVED_FROM:
        for address in addresses:
            found_absent(house, address)


def asked(house: House, address: str, now_on: Membership, at: datetime) -> None:
    """The lists answered for one address: our copy follows, and what it tells of leaving."""
    before = house.store.membership(house.tenant, address)
    house.store.set_membership(house.tenant, address, now_on, at)
    if set(now_on.unanswered) & STOPS_MAIL or any(now_on.on(name) for name in STOPS_MAIL):
        return
    left = [name for name in STOPS_MAIL if before.on(name)]
    if left:
        house.store.left_lists(house.tenant, address, at)
    for name in left:
        let_go(house, name, [address])
