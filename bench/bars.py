"""A bar, how two pieces of work are timed against each other, and how bars are shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Literal

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """`ratio` is ours to the control's. Past `floor` the run fails; `aim` is what we want."""

    name: str
    ratio: float
    floor: float
    aim: float
    better: Literal["lower", "higher"]

    @property
    def holds(self) -> bool:
        return self.ratio <= self.floor if self.better == "lower" else self.ratio >= self.floor

    @property
    def reached(self) -> bool:
        return self.ratio <= self.aim if self.better == "lower" else self.ratio >= self.aim


def paired(
    ours: Callable[[], object], control: Callable[[], object], rounds: int = 7
) -> tuple[float, float]:
    """Median seconds of both, taken in turn, so that a machine that slows down slows both."""
    told: tuple[list[float], list[float]] = ([], [])
    for work in (ours, control):
        work()  # caches, lazy imports
    for _ in range(rounds):
        for work, times in zip((ours, control), told, strict=True):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
    return median(told[0]), median(told[1])


def show(bars: Sequence[Bar]) -> str:
    """One line per bar, the failing ones marked in words."""
    return "\n".join(
        f"{bar.name:62} {bar.ratio:8.2f}   floor {bar.floor:g}, aim {bar.aim:g}   {_verdict(bar)}"
        for bar in bars
    )


def _verdict(bar: Bar) -> str:
    if not bar.holds:
        return "BELOW THE FLOOR"
    return "aim reached" if bar.reached else "holds"


def write(bars: Sequence[Bar]) -> None:
    told = [asdict(bar) | {"ratio": round(bar.ratio, 3)} for bar in bars]
    RESULTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
