"""The same posts taken by django-anymail's SendGrid view, which stores them through Django."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.bars import Bar
from bench.ingest import burst, copies
from bench.posts import Sender
from bench.server import inbox_of, pour, serving, started

# Floor and aim until answered, and until read.
_BARS = {"save": ((6, 8), (1, 2)), "bulk": ((4, 5), (0.6, 1.2))}
_ROUNDS = 3
# A burst: the first post, which is read before it is answered, is a small share of it.
_POSTS = 32
_SLOWER = 16  # a share of the posts is enough of what takes so much longer
_CONNECTIONS = 4


def bars() -> list[Bar]:
    if importlib.util.find_spec("anymail") is None:
        print("SKIPPED: django-anymail is missing; pip install --group bench to measure against it")
        return []
    return [bar for way in _BARS for bar in _beside(way)]


def _beside(way: str) -> Iterator[Bar]:
    sender = Sender.beside(0)
    told: tuple[list[float], ...] = ([], [], [])
    with tempfile.TemporaryDirectory() as folder, copies(None, 1) as (ours,):
        peer = [sys.executable, "-m", "bench.anymail", str(Path(folder) / "peer.db"), way]
        with (
            serving(ours, sender.public_key()) as (port, _),
            started(peer) as (other, _),
            inbox_of(ours) as all_read,
        ):
            for _round in range(_ROUNDS):
                rates = burst(port, sender.posts(_POSTS, 1000), 1000, _CONNECTIONS, all_read)
                for kept, rate in zip(told, rates, strict=False):
                    kept.append(rate)
                some = _POSTS // _SLOWER
                seconds, _ = pour(other, sender.posts(some, 1000), _CONNECTIONS, "/tracking/")
                told[2].append(some * 1000 / seconds)
    mine, read, theirs = map(median, told)
    print(
        f"django-anymail with {way}: {theirs:,.0f} events a second, stored as flat rows; "
        f"ours {mine:,.0f} answered, {read:,.0f} read"
    )
    for word, rate, (floor, aim) in zip(
        ("", ", until read"), (mine, read), _BARS[way], strict=True
    ):
        yield Bar(
            name=f"ours : django-anymail with {way}{word}",
            ratio=rate / theirs,
            floor=floor,
            aim=aim,
            better="higher",
        )
