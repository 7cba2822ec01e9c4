"""How the bars change as the file grows: figures as text, and a picture of them."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path
from statistics import median

from bench import ingest, lookups
from bench.bars import RESULTS

PICTURE = RESULTS.parents[1] / "docs" / "pictures" / "growth.png"
_FIGURES = PICTURE.with_suffix(".txt")
_COLOURS = ("#7fb2d6", "#2e6f9e", "#c2571a", "#4d8b57")
# Which figure of each size is drawn where, under which name.
_PANELS = {
    "ingest : raw rows": {0: "answered", 1: "read"},
    "one address, p99 (ms)": {2: ""},
    "a part of an address, p50 (ms)": {3: ""},
}


def draw(pasts: dict[int, Path]) -> None:
    """Ours against the control of the same run, at each size."""
    told = {rows: _measured(rows, past) for rows, past in pasts.items()}
    lines = [
        f"{rows:>12,}  " + "  ".join(f"{one:8.2f}" for one in figures)
        for rows, figures in told.items()
    ]
    _FIGURES.write_text("\n".join([_machine(), _HEAD, *lines]) + "\n", encoding="utf-8")
    try:
        # A tenth of a second to import, and only the bench group has it.
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        print(
            f"NO PICTURE: matplotlib is missing; pip install --group bench, then {PICTURE.name} is drawn"
        )
        return
    figure = Figure(figsize=(9, 3), layout="constrained")
    for panel, (title, lines) in zip(figure.subplots(1, 3), _PANELS.items(), strict=True):
        for at, name in lines.items():
            seen = [one[at] for one in told.values()]
            panel.semilogx(list(told), seen, "o-", color=_COLOURS[at], label=name)
        if len(lines) > 1:
            panel.legend(fontsize=8)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel("rows there")
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
    figure.savefig(PICTURE, dpi=110)


_HEAD = (
    f"{'rows there':>12}  {'answered':>8}  {'read':>8}  {'one':>8}  {'a part':>8}    "
    "(ratios to raw rows; ms; ms)"
)


def _measured(rows: int, past: Path) -> tuple[float, float, float, float]:
    found = ingest.speed(past, rows, size=1000, connections=4)
    one = lookups.exact(past, rows)
    part, _ = lookups.parts(past, rows)
    rates = found.answered / found.raw, found.read / found.raw
    return *rates, one[int(len(one) * 0.99)] * 1e3, median(part) * 1e3


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, load {os.getloadavg()[0]:.1f}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
