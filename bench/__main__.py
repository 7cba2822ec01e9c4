"""Runs every bench and fails when a bar is below its floor."""

from __future__ import annotations

import sys

from bench import causes
from bench.bars import RESULTS, show, write


def main() -> None:
    bars = causes.bars()
    print(f"\n{show(bars)}\n")
    write(bars)
    print(f"written to {RESULTS.relative_to(RESULTS.parents[1])}")
    sys.exit(any(not bar.holds for bar in bars))


if __name__ == "__main__":
    main()
