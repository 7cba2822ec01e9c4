"""Who is written to: found by medium and folded address."""

from __future__ import annotations

from datetime import datetime
from difflib import SequenceMatcher

from storage.failures import Medium, fold_recipient
from storage.rows import maybe_time
from storage.verbs.engine import Engine

# Of a name mistyped towards its end, so many neighbours are compared.
_NEIGHBOURS = 1000
_PREFIX = 2
# Of those that contain a text, so many at most are looked at: "gmail" is in a million.
_CANDIDATES = 200
# What is shorter stands in everybody: only who begins so is looked for.
SHORTEST_PART = 3
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
        """Known recipients that contain the text, else nearly equal ones; the nearest first."""
        folded = fold_recipient(text)
        if not folded:
            return []
        found: dict[tuple[Medium, str], tuple[float, str]] = {}
        for medium in Medium:
            for address, candidate in self._candidates(tenant, medium, folded):
                alike = (
                    1.0 + (candidate == folded)
                    if folded in candidate
                    else _ratio(folded, candidate)
                )
                if alike >= _ALIKE:
                    found[medium, address] = (-alike, candidate)
        return sorted(found, key=lambda key: (found[key], key))[:limit]

    def _candidates(self, tenant: str, medium: Medium, folded: str) -> list[tuple[str, str]]:
        """Who contains the text, from three characters on; who begins like it."""
        where = {"tenant": tenant, "medium": medium}
        low = folded[:_PREFIX]
        with self._reading() as connection:
            inside = []
            if len(folded) >= SHORTEST_PART:
                inside = self._containing(connection, tenant, medium, folded, _CANDIDATES)
            if inside:
                # To compare a thousand neighbours takes longer than all the rest.
                return [(row["address"], row["folded"]) for row in inside]
            beside = self._queries.recipients_between(
                connection, **where, low=low, high=low + _AFTER_EVERYTHING, most=_NEIGHBOURS
            )
            return [(row["address"], row["folded"]) for row in beside]


def _ratio(folded: str, candidate: str) -> float:
    matcher = SequenceMatcher(a=folded, b=candidate, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
