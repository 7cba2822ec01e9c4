"""What every storage forgets in time; a part of `storage.store.Store`."""

from __future__ import annotations

from typing import Protocol

from storage.retention import Forgotten, Horizon


class RetentionStore(Protocol):
    def forget_recipients(self, tenant: str, horizon: Horizon, after: int, most: int) -> Forgotten:
        """Look at the next recipients by number, and drop what is older of them.

        One write of bounded length; a recipient of whom nothing is left goes too.
        """
        ...

    def forget_hours(self, tenant: str, horizon: Horizon, most: int) -> Forgotten:
        """So many old entries of counts and of who failed when; all zero when none is left."""
        ...

    def forget_quarantined(self, tenant: str, horizon: Horizon, most: int) -> Forgotten:
        """Counted as lost to the sources that told them."""
        ...

    def drop_quarantined(self, tenant: str, number: int) -> bool:
        """One, as somebody decided; false where it is not there."""
        ...
