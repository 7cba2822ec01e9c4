"""Keeps cases as their failures tell them, in the transaction that changed those."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from storage.cases import MOST_WEIGHED, CaseState, Story, Telling, weigh
from storage.failures import Cause, DroppedBy, Kind, Permanence, Source
from storage.rows import from_ms, maybe_time, to_ms

# Looking a word up is several times cheaper than calling its enum.
_SOURCES = {word.value: word for word in Source}
_KINDS = {word.value: word for word in Kind}
_DROPPED_BY: dict[str | None, DroppedBy | None] = {None: None} | {w.value: w for w in DroppedBy}
_CAUSES = {word.value: word for word in Cause}
_PERMANENCES = {word.value: word for word in Permanence}


def retell(
    connection: sqlite3.Connection,
    queries: Any,
    tenant: str,
    failed: Collection[int],
    delivered: Collection[int],
) -> None:
    """Tell the cases again of recipients (by id) with changed failures or a later delivery."""
    ids = json.dumps([*failed, *delivered])
    standing = {row["recipient_id"]: row for row in queries.standing_cases(connection, ids=ids)}
    # A delivery moves open cases only: a cleared one stays as it is.
    moved = set(failed) | {
        recipient
        for recipient in delivered
        if recipient in standing and standing[recipient]["state"] == CaseState.OPEN
    }
    long = {r for r in moved if r in standing and standing[r]["weighed"] >= MOST_WEIGHED}
    stories = _open_stories(connection, queries, moved - long)
    for recipient in moved - stories.keys():
        stories |= _weighed(
            queries.tellings_newest(connection, recipient_id=recipient, most=MOST_WEIGHED)
        )
    queries.put_cases(connection, [_case_row(tenant, *story) for story in stories.items()])


def _open_stories(
    connection: sqlite3.Connection, queries: Any, recipients: Iterable[int]
) -> dict[int, Story]:
    """The stories that standing failures tell; a cleared one needs the failures before it too."""
    ids = json.dumps(list(recipients))
    stories = _weighed(queries.tellings_standing(connection, ids=ids))
    return {r: story for r, story in stories.items() if story.state is CaseState.OPEN}


def _weighed(rows: Iterator[sqlite3.Row]) -> dict[int, Story]:
    tellings: dict[int, list[Telling]] = defaultdict(list)
    reached: dict[int, datetime | None] = {}
    for row in rows:
        recipient, *told, last_success = row
        tellings[recipient].append(_telling(*told))
        reached[recipient] = maybe_time(last_success)
    stories = {recipient: weigh(told, reached[recipient]) for recipient, told in tellings.items()}
    return {recipient: story for recipient, story in stories.items() if story}


def _telling(
    occurred_at: int,
    source: str,
    source_id: str,
    kind: str,
    dropped_by: str | None,
    cause: str,
    permanence: str,
    reference: str,
    times_seen: int,
    history: int,
    number: int,
) -> Telling:
    return Telling(
        from_ms(occurred_at),
        _SOURCES[source],
        source_id,
        _KINDS[kind],
        _DROPPED_BY[dropped_by],
        _CAUSES[cause],
        _PERMANENCES[permanence],
        reference,
        times_seen,
        bool(history),
        number,
    )


def _case_row(tenant: str, recipient: int, story: Story) -> tuple[object, ...]:
    latest = story.latest
    return (
        recipient,
        tenant,
        secrets.token_hex(8),
        str(story.state),
        str(latest.kind),
        latest.dropped_by and str(latest.dropped_by),
        str(latest.cause),
        str(latest.permanence),
        to_ms(story.opened_at),
        to_ms(story.last_seen),
        story.times_seen,
        story.drops,
        int(story.history),
        story.weighed,
        latest.number,
    )
