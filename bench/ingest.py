"""Posts over HTTP, answered after the commit, against raw rows of the same layout."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from bench import filled
from bench.bars import Bar
from bench.posts import Post, Sender, address
from bench.raw import Raw
from bench.server import inbox_of, pour, serving

_ROUNDS = 2
# A burst: the first post, which is read before it is answered, is a small share of it.
_EVENTS_A_ROUND = 24_000
_LATENCY_POSTS = 60
_MIXED_POSTS = 32


@dataclass(frozen=True)
class Speed:
    """Events in a second: answered, read, and as raw rows."""

    answered: float
    read: float
    raw: float


@contextmanager
def copies(past: Path | None, many: int) -> Iterator[list[Path]]:
    """Files to work on; an empty one each where there is no past."""
    with tempfile.TemporaryDirectory() as folder:
        made = [Path(folder) / f"{number}.db" for number in range(many)]
        for one in made:
            if past:
                shutil.copy(past, one)
            else:
                filled.fill(one, 0)
        yield made


def bars(past: Path, rows: int) -> list[Bar]:
    full = speed(past, rows, size=1000, connections=4)
    empty = speed(None, 0, size=100, connections=8)
    return [
        *_both(f"posts of 1,000 behind {rows:,} rows", full, (0.65, 0.9), (0.35, 0.65)),
        *_both("posts of 100, 8 connections, empty", empty, (0.8, 1.1), (0.25, 0.5)),
        *_latency(past, rows),
    ]


def _both(
    name: str, found: Speed, answered: tuple[float, float], read: tuple[float, float]
) -> Iterator[Bar]:
    """Until the vendor knows that we have it, and until its cases are told and its hours counted."""
    print(
        f"{name}: {found.answered:,.0f} answered and {found.read:,.0f} read : "
        f"{found.raw:,.0f} events a second"
    )
    for word, rate, ends in (("", found.answered, answered), (", until read", found.read, read)):
        yield Bar(
            name=f"{name}{word} : raw, same layout",
            ratio=rate / found.raw,
            floor=ends[0],
            aim=ends[1],
            better="higher",
        )


@cache
def speed(past: Path | None, rows: int, *, size: int, connections: int) -> Speed:
    """In turn, so that a machine that slows down slows both; each file is measured once."""
    people = filled.recipients_of(rows)
    sender, other = Sender.beside(people), Sender.beside(people)
    many = _EVENTS_A_ROUND // size
    told: tuple[list[float], ...] = ([], [], [])
    with copies(past, 2) as (ours, control):
        raw = Raw(control, people)
        with serving(ours, sender.public_key()) as (port, _), inbox_of(ours) as all_read:
            for _ in range(_ROUNDS + 1):
                rates = burst(port, sender.posts(many, size), size, connections, all_read)
                for kept, rate in zip(told, rates, strict=False):
                    kept.append(rate)
                ready = [raw.ready(post) for post in other.posts(many, size)]
                told[2].append(many * size / sum(map(raw.insert, ready)))
        raw.close()
    # The first round warms caches and rules.
    return Speed(*(median(rates[1:]) for rates in told))


def burst(
    port: int, posts: Sequence[Post], size: int, connections: int, all_read: Callable[[], None]
) -> tuple[float, float]:
    """Events in a second, until answered and until read."""
    begun = time.perf_counter()
    seconds, _latencies = pour(port, posts, connections)
    all_read()
    many = len(posts) * size
    return many / seconds, many / (time.perf_counter() - begun)


def _latency(past: Path, rows: int) -> list[Bar]:
    sender = Sender.beside(filled.recipients_of(rows))
    with (
        copies(past, 1) as (ours,),
        serving(ours, sender.public_key()) as (port, _),
        inbox_of(ours) as all_read,
    ):
        pour(port, sender.posts(8, 1000), 1)
        _, told = pour(port, sender.posts(_LATENCY_POSTS, 1000), 1)
        spent = []
        for mixed in (False, True):
            posts = sender.posts(_MIXED_POSTS, 1000, mixed=mixed)
            begun = time.perf_counter()
            pour(port, posts, 4)
            all_read()
            spent.append(time.perf_counter() - begun)
    seconds, mixed_seconds = spent
    told.sort()
    p50, p99 = told[len(told) // 2], told[-1]
    print(f"a post of 1,000: p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms")
    print(
        f"the ordinary mix: {_MIXED_POSTS * 1000 / mixed_seconds:,.0f} events a second, until read"
    )
    return [
        Bar(name="post p99 : p50, one connection", ratio=p99 / p50, floor=4, aim=2, better="lower"),
        Bar(
            name="nine in ten delivered : all failures, until read",
            ratio=seconds / mixed_seconds,
            floor=2,
            aim=3,
            better="higher",
        ),
    ]


def against_flat(past: Path, rows: int) -> list[Bar]:
    """Search by parts of addresses is on in both; the flat table has a row of grams a failure.

    Each file alone, for one of this size leaves no room in memory for another.
    """
    sender = Sender.beside(filled.recipients_of(rows))
    with (
        copies(past, 1) as (ours,),
        serving(ours, sender.public_key()) as (port, _),
        inbox_of(ours) as all_read,
    ):
        told = [
            burst(port, sender.posts(_EVENTS_A_ROUND // 1000, 1000), 1000, 4, all_read)
            for _ in range(_ROUNDS + 1)
        ]
    answered, read = (median(rates) for rates in zip(*told[1:], strict=True))
    flat = _flat(rows)
    print(
        f"behind {rows:,} rows: {answered:,.0f} events a second answered, {read:,.0f} read, "
        f"a flat layout with a trigger {flat:,.0f}"
    )
    return [
        Bar(
            name=f"posts of 1,000 behind {rows:,} rows : flat layout with a trigger",
            ratio=answered / flat,
            floor=2.5,
            aim=3.5,
            better="higher",
        ),
        Bar(
            name=f"posts of 1,000 behind {rows:,} rows, until read : flat with a trigger",
            ratio=read / flat,
            floor=0.2,
            aim=0.5,
            better="higher",
        ),
    ]


def _flat(rows: int) -> float:
    """Rows a second into one wide table as one would write it first."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "flat.db", isolation_level=None)
        for statement in _FLAT:
            db.execute(statement)
        db.execute("BEGIN")
        db.execute(_FLAT_PAST, (rows,))
        # All at once takes minutes; row by row, as from now on, it would take an hour.
        db.execute("INSERT INTO flat_grams (flat_grams) VALUES ('rebuild')")
        db.execute(_FLAT_GROWS)
        db.execute("COMMIT")
        for pragma in ("cache_size = -64000", "journal_mode = WAL", "synchronous = NORMAL"):
            db.execute(f"PRAGMA {pragma}")
        rates = []
        for start in range(rows, rows + 16_000, 1000):
            told = [
                (f"{number * 2654435761 % 2**40:040x}", f"{address(number * 7919 % rows)}",
                 1_790_000_000_000 + number, "bounce", "x" * 400)
                for number in range(start, start + 1000)
            ]  # fmt: skip
            begun = time.perf_counter()
            db.execute("BEGIN")
            db.executemany(
                "INSERT INTO flat (event, recipient, at, kind, raw) VALUES (?, ?, ?, ?, ?)", told
            )
            db.execute("COMMIT")
            rates.append(1000 / (time.perf_counter() - begun))
        db.close()
        return median(rates)


_FLAT = (
    "PRAGMA page_size = 8192", "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -4000000",
    "CREATE TABLE flat (id INTEGER PRIMARY KEY, event TEXT UNIQUE, recipient TEXT, at INTEGER, kind TEXT, raw TEXT)",
    "CREATE INDEX by_recipient ON flat (recipient, at)",
    "CREATE INDEX by_time ON flat (at, kind)",
    "CREATE VIRTUAL TABLE flat_grams USING fts5(recipient, content='flat', content_rowid='id', tokenize='trigram')",
)  # fmt: skip
_FLAT_GROWS = """
CREATE TRIGGER flat_grows AFTER INSERT ON flat BEGIN
    INSERT INTO flat_grams (rowid, recipient) VALUES (new.id, new.recipient);
END
"""
_FLAT_PAST = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
INSERT INTO flat (event, recipient, at, kind, raw)
SELECT lower(hex(randomblob(20))), 'user' || (i * 7919 % 4000000) || '.sato@shop' || (i % 400) || '.example.jp',
    1782000000000 + i, 'bounce', printf('%.400c', 'x')
FROM n
"""
