"""How the storage itself is: what an operator looks at before it is too late."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Health:
    """`schema` is its newest step; the others are bytes.

    `behind` waits to be merged into what is kept: it grows while somebody reads
    for very long. `free` is what the disk has left; None where that is not ours to see.
    `search_indexed`: parts of addresses are found without reading everybody.
    """

    schema: str
    size: int
    behind: int
    free: int | None
    search_indexed: bool = True
