"""What is looked up, as the file grows: one address, a part of one, the numbers of a month."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench import filled
from bench.bars import Bar, paired
from bench.posts import NOW, address
from bot.wiring import TENANT
from storage.failures import Medium
from storage.rows import to_ms
from storage.sqlite.store import SqliteStore

_EXACT = 500
_PARTS = 60
_MONTH = timedelta(days=30)


def exact(past: Path, rows: int) -> list[float]:
    """Seconds of each look-up of one person, sorted."""
    chance, people = random.Random(5), filled.recipients_of(rows)
    with closing(SqliteStore(past)) as store:
        return _each(
            lambda who: (
                store.case(TENANT, Medium.EMAIL, who), store.failures(TENANT, Medium.EMAIL, who),
            ),
            [address(chance.randrange(people)) for _ in range(_EXACT)],
        )  # fmt: skip


def parts(past: Path, rows: int) -> tuple[list[float], list[float]]:
    """The same for a part of an address: by our index, and with LIKE over the recipients."""
    chance, people = random.Random(6), filled.recipients_of(rows)
    wanted = [address(chance.randrange(people))[4:14] for _ in range(_PARTS)]
    with closing(SqliteStore(past)) as store, closing(sqlite3.connect(past)) as other:
        ours = _each(lambda part: store.similar(TENANT, part), wanted)
        control = _each(
            lambda part: other.execute(
                "SELECT address FROM recipients WHERE folded LIKE ? LIMIT 5", (f"%{part}%",)
            ).fetchall(),
            wanted[:12],
        )
    return ours, control


def _each(look: Callable[[str], object], wanted: list[str]) -> list[float]:
    for one in wanted[:5]:
        look(one)
    told = []
    for one in wanted:
        begun = time.perf_counter()
        look(one)
        told.append(time.perf_counter() - begun)
    return sorted(told)


def month(past: Path) -> tuple[float, float]:
    """The month's refusals from the hours, and counted over the failures; equal, or it raises."""
    since = (NOW - _MONTH).replace(minute=0, second=0, microsecond=0)
    counted = (
        "SELECT r.medium, count(*) FROM failures AS f JOIN recipients AS r ON r.id = f.recipient_id"
        " WHERE f.tenant = ? AND f.occurred_at >= ? AND f.occurred_at < ? GROUP BY r.medium"
    )
    with closing(SqliteStore(past)) as store, closing(sqlite3.connect(past)) as other:
        period = (TENANT, to_ms(since), to_ms(NOW))
        ours = {medium: one.failed for medium, one in store.totals(TENANT, since, NOW).items()}
        told = dict(other.execute(counted, period).fetchall())
        if {str(medium): many for medium, many in ours.items()} != told:
            raise RuntimeError(f"the hours say {ours}, the failures {told}")
        return paired(
            lambda: store.totals(TENANT, since, NOW),
            lambda: other.execute(counted, period).fetchall(),
            rounds=3,
        )


def bars(small: Path, few: int, past: Path, rows: int) -> list[Bar]:
    grown, little = _p99(exact(past, rows)), _p99(exact(small, few))
    found, scanned = parts(past, rows)
    ours, counted = month(past)
    print(
        f"one address, p99: {grown * 1e3:.2f} ms behind {rows:,} rows, {little * 1e3:.2f} ms behind {few:,}; "
        f"a part of one, p50: {median(found) * 1e3:.1f} ms, with LIKE {median(scanned) * 1e3:.0f} ms; "
        f"a month: {ours * 1e3:.1f} ms, counted {counted * 1e3:.0f} ms"
    )
    size = f"{rows // 1_000_000} M"
    return [
        Bar(
            name=f"one address, p99 at {size} : at {few:,} rows",
            ratio=grown / little,
            floor=10,
            aim=3,
            better="lower",
        ),
        Bar(
            name=f"a part of an address at {size}, p50 : LIKE",
            ratio=median(found) / median(scanned),
            floor=0.1,
            aim=0.04,
            better="lower",
        ),
        Bar(
            name=f"a month from the hours at {size} : GROUP BY, faster by",
            ratio=counted / ours,
            floor=50,
            aim=400,
            better="higher",
        ),
    ]


def _p99(told: list[float]) -> float:
    return told[int(len(told) * 0.99)]
