"""Who has left the provider's lists: counted, let go of, and told with the case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from storage.cases import Case
from storage.failures import DroppedBy, Kind, Medium, fold_recipient
from storage.lists import STOPS_MAIL, ListName
from storage.rows import to_ms
from storage.storable import listed
from storage.verbs.arrivals import know_again
from storage.verbs.engine import Connection, Engine
from storage.verbs.retelling import put_stories, stories_of
from storage.verbs.shapes import case_of_row

_STOPPING = listed(sorted(STOPS_MAIL))


class Leaving(Engine):
    def missed_entries(self, tenant: str, name: ListName, before: datetime) -> tuple[int, int]:
        which = {"tenant": tenant, "name": str(name)}
        with self._reading() as connection:
            [missed] = self._queries.entries_missed(connection, **which, before=to_ms(before))
            [whole] = self._queries.entries_counted(connection, **which)
        return missed, whole

    def let_go(
        self, tenant: str, name: ListName, before: datetime, at: datetime, most: int
    ) -> list[str]:
        which = {"tenant": tenant, "name": str(name)}
        with self._writing(tenant) as connection:
            rows = self._queries.addresses_missed(
                connection, **which, before=to_ms(before), most=most
            )
            left = [row["folded"] for row in rows]
            self._queries.drop_entries_of(connection, [which | {"folded": one} for one in left])
            if name in STOPS_MAIL:
                self._free(connection, tenant, left, at)
        return left

    def left_lists(self, tenant: str, address: str, at: datetime) -> None:
        with self._writing(tenant) as connection:
            self._free(connection, tenant, [fold_recipient(address)], at)

    def _free(
        self, connection: Connection, tenant: str, folded: Collection[str], at: datetime
    ) -> None:
        """Whom no list stops any more: their cases are told again."""
        rows = self._queries.still_listed(
            connection, tenant=tenant, folded=listed(folded), names=_STOPPING
        )
        free = sorted(set(folded) - {row["folded"] for row in rows})
        which = {"tenant": tenant, "medium": Medium.EMAIL.value, "at": to_ms(at)}
        self._queries.set_gone(connection, [which | {"folded": one} for one in free])
        known = know_again(connection, self._queries, tenant, Medium.EMAIL, free)
        stories = stories_of(connection, self._queries, known.values())
        # Nothing failed anew, so this is no news of a failure.
        put_stories(connection, self._queries, tenant, 0, known, stories)

    def gone(
        self,
        tenant: str,
        since: datetime,
        until: datetime,
        limit: int,
        but: Collection[Kind | DroppedBy] = (),
    ) -> tuple[int, list[Case]]:
        period = {"tenant": tenant, "since": to_ms(since), "until": to_ms(until)}
        period |= {"but": listed(sorted(but))}
        with self._reading() as connection:
            rows = self._queries.gone_between(connection, **period, most=limit)
            cases = [case_of_row(row) for row in rows]
            [count] = self._queries.gone_counted(connection, **period)
        return count, cases
