"""Runs every bench and fails when a bar is below its floor; `full` adds ten million rows."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import answers, causes, filled, growth, ingest, lookups, peers, postgres
from bench.bars import RESULTS, Bar, show, write
from bot.progress import progress

_FEW = 10_000
_MANY = 1_000_000
_FULL = 10_000_000


def main() -> None:
    sizes = [_FEW, _FEW * 10, _MANY, *([_FULL] if sys.argv[1:] == ["full"] else [])]
    with tempfile.TemporaryDirectory() as folder:
        pasts = {rows: Path(folder) / f"{rows}.db" for rows in sizes}
        bars = _in_steps(pasts)
    print(f"\n{show(bars)}\n")
    write(bars)
    print(f"written to {RESULTS.relative_to(RESULTS.parents[1])}")
    sys.exit(any(not bar.holds for bar in bars))


def _in_steps(pasts: dict[int, Path]) -> list[Bar]:
    fills = [partial(filled.fill, path, rows) for rows, path in pasts.items()]
    measures = _measures(pasts)
    bars: list[Bar] = []
    with progress("bench", len(fills) + len(measures) + 1) as reach:
        for done, fill in enumerate(fills, 1):
            fill()
            reach(done)
        for done, measure in enumerate(measures, len(fills) + 1):
            bars += measure()
            reach(done)
        growth.draw(pasts)
        reach(len(fills) + len(measures) + 1)
    return bars


def _measures(pasts: dict[int, Path]) -> list[Callable[[], list[Bar]]]:
    most = max(pasts)
    flat = [partial(ingest.against_flat, pasts[_FULL], _FULL)] if most == _FULL else []
    return [
        causes.bars,
        partial(ingest.bars, pasts[_MANY], _MANY),
        peers.bars,
        postgres.bars,
        *flat,
        partial(lookups.bars, pasts[_FEW], _FEW, pasts[most], most),
        partial(answers.bars, pasts[_MANY], _MANY),
    ]


if __name__ == "__main__":
    main()
