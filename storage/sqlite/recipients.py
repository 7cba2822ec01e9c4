"""Who is written to: found by medium and folded address."""

from __future__ import annotations

from datetime import datetime
from difflib import SequenceMatcher

from storage.failures import Medium, fold_recipient
from storage.rows import maybe_time
from storage.sqlite.engine import Engine
from storage.sqlite.patterns import containing

# Of a name mistyped towards its end, so many neighbours are compared.
_NEIGHBOURS = 1000
_PREFIX = 2
_ALIKE = 0.75
_AFTER_EVERYTHING = "\U0010ffff"


class Recipients(Engine):
    def last_success(self, tenant: str, medium: Medium, recipient: str) -> datetime | None:
        with self._reading() as connection:
            row = self._queries.recipient(
                connection, tenant=tenant, medium=medium, folded=fold_recipient(recipient)
            )
        return maybe_time(row["last_success"]) if row else None

    def similar(self, tenant: str, text: str, limit: int = 5) -> list[tuple[Medium, str]]:
        """Known recipients that contain the text or are nearly equal, the nearest first."""
        folded = fold_recipient(text)
        if not folded:
            return []
        found: dict[tuple[Medium, str], tuple[float, str]] = {}
        for medium in Medium:
            for address, candidate in self._candidates(tenant, medium, folded, limit):
                alike = (
                    1.0 + (candidate == folded)
                    if folded in candidate
                    else _ratio(folded, candidate)
                )
                if alike >= _ALIKE:
                    found[medium, address] = (-alike, candidate)
        return sorted(found, key=lambda key: (found[key], key))[:limit]

    def _candidates(
        self, tenant: str, medium: Medium, folded: str, limit: int
    ) -> list[tuple[str, str]]:
        low = folded[:_PREFIX]
        with self._reading() as connection:
            inside = self._queries.recipients_containing(
                connection, tenant=tenant, medium=medium, pattern=containing(folded), most=limit
            )
            beside = self._queries.recipients_between(
                connection,
                tenant=tenant,
                medium=medium,
                low=low,
                high=low + _AFTER_EVERYTHING,
                most=_NEIGHBOURS,
            )
            return [(row["address"], row["folded"]) for row in (*inside, *beside)]


def _ratio(folded: str, candidate: str) -> float:
    matcher = SequenceMatcher(a=folded, b=candidate, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
