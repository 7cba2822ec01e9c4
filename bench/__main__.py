"""Runs every bench and fails when a bar is below its floor; `full` adds ten million rows."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import answers, causes, filled, growth, ingest, lookups, peers, postgres
from bench.bars import RESULTS, Bar, show, write

_FEW = 10_000
_MANY = 1_000_000
_FULL = 10_000_000


def main() -> None:
    sizes = [_FEW, _FEW * 10, _MANY, *([_FULL] if sys.argv[1:] == ["full"] else [])]
    with tempfile.TemporaryDirectory() as folder:
        pasts = {rows: filled.fill(Path(folder) / f"{rows}.db", rows) for rows in sizes}
        bars = _measured(pasts)
        growth.draw(pasts)
    print(f"\n{show(bars)}\n")
    write(bars)
    print(f"written to {RESULTS.relative_to(RESULTS.parents[1])}")
    sys.exit(any(not bar.holds for bar in bars))


def _measured(pasts: dict[int, Path]) -> list[Bar]:
    most = max(pasts)
    return [
        *causes.bars(),
        *ingest.bars(pasts[_MANY], _MANY),
        *peers.bars(),
        *postgres.bars(),
        *(ingest.against_flat(pasts[_FULL], _FULL) if most == _FULL else []),
        *lookups.bars(pasts[_FEW], _FEW, pasts[most], most),
        *answers.bars(pasts[_MANY], _MANY),
    ]


if __name__ == "__main__":
    main()
