"""Posts into PostgreSQL, against COPY of the same rows into bare tables: nothing is checked there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from bench import filled
from bench.bars import Bar
from bench.ingest import burst
from bench.posts import Post, Sender
from bench.raw import Raw
from bench.server import inbox_of, serving
from tests.postgres import Server, binaries, running

_ROUNDS = 3
# A burst: the first post, which is read before it is answered, is a small share of it.
_POSTS = 32
_SIZE = 1000
# A few columns stand elsewhere than in SQLite's rows, so they are named.
_COLUMNS = {
    "insert_recipients": "recipients (id, tenant, medium, folded, address, domain)",
    "insert_failures": "failures (id, tenant, recipient_id, source, source_id, occurred_at, kind, "
    "dropped_by, cause, permanence, reference, times_seen, history, each_telling_counts, told_at, "
    "told_as, confidence, rule, rule_set, provider_text, smtp_code, status, tag, bot_id, raw, "
    "kept_message, guessed)",
    "put_cases": "cases (recipient_id, tenant, token, medium, state, kind, dropped_by, cause, "
    "permanence, opened_at, last_seen, learnt_at, known_at, times_seen, drops, history, weighed, "
    "failure_id, run)",
    "count_hours": "hourly (tenant, hour, medium, domain, delivered, refused, listed, logged)",
}


def bars() -> list[Bar]:
    if binaries() is None:
        print("PostgreSQL is not measured: its binaries are not here (apt-get install postgresql)")
        return []
    with running() as server:
        server.prepare()
        answered, read, raw = _measured(server)
    print(
        f"PostgreSQL, posts of 1,000: {answered:,.0f} events a second answered, {read:,.0f} read, "
        f"raw COPY {raw:,.0f}"
    )
    name = "PostgreSQL, posts of 1,000"
    return [
        Bar(
            name=f"{name} : raw COPY into bare tables",
            ratio=answered / raw,
            floor=0.45,
            aim=0.58,
            better="higher",
        ),
        Bar(
            name=f"{name}, until read : raw COPY into bare tables",
            ratio=read / raw,
            floor=0.04,
            aim=0.1,
            better="higher",
        ),
    ]


def _measured(server: Server) -> tuple[float, float, float]:
    """In turn, so that a machine that slows down slows both."""
    sender, other = Sender.beside(0), Sender.beside(0)
    url, bare = server.database(), server.database()
    told: tuple[list[float], ...] = ([], [], [])
    with TemporaryDirectory() as folder, psycopg.connect(bare, autocommit=True) as connection:
        for columns in _COLUMNS.values():
            table = columns.partition(" ")[0]
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
        rows = Raw(filled.fill(Path(folder) / "rows.db", 0), 0)
        with serving(url, sender.public_key()) as (port, _), inbox_of(url) as all_read:
            for _ in range(_ROUNDS + 1):
                rates = burst(port, sender.posts(_POSTS, _SIZE), _SIZE, 4, all_read)
                for kept, rate in zip(told, rates, strict=False):
                    kept.append(rate)
                spent = _copied(connection, rows, other.posts(_POSTS, _SIZE))
                told[2].append(_POSTS * _SIZE / spent)
        rows.close()
    # The first round warms caches, rules and the planner.
    answered, read, raw = (median(rates[1:]) for rates in told)
    return answered, read, raw


def _copied(connection: psycopg.Connection, raw: Raw, posts: Sequence[Post]) -> float:
    """Seconds until they are committed, one commit a post."""
    ready = [raw.ready(post) for post in posts]
    begun = time.perf_counter()
    for statements in ready:
        with connection.transaction(), connection.cursor() as cursor:
            for name, rows in statements:
                with cursor.copy(f"COPY bare_{_COLUMNS[name]} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
    return time.perf_counter() - begun
