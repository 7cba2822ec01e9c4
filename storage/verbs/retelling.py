"""Keeps cases as their failures tell them, in the transaction that changed those."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from storage.cases import state_of
from storage.storable import listed
from storage.verbs.arrivals import HOUR, Arrived, Delivered, Known
from storage.verbs.engine import Connection
from storage.weighing import MOST_WEIGHED, Story, Telling, telling_of, weigh

_TOKEN = 16
# A longer run is read from its failures again: it would make the case's row too long.
_REMEMBERED = 16
_RUN = msgspec.json.Decoder(list[Telling])


def retell(
    connection: Connection,
    queries: Any,
    tenant: str,
    told_at: int,
    new: Sequence[Arrived],
    again: Sequence[Arrived],
    delivered: Sequence[Delivered],
) -> None:
    """Tell the cases again that failures or deliveries may have moved."""
    # A delivery moves open cases only: a cleared one stays as it is.
    recipients = {one.known.id: one.known for one in delivered if one.known.open}
    come: dict[int, list[Telling]] = {}
    for one in new:
        recipients[one.known.id] = one.known
        come.setdefault(one.known.id, []).append(telling_of(one.failure, one.row))
    changed = {one.known.id: one.known for one in again}
    recipients |= changed
    failed = [*new, *again]
    reached = _reached(delivered)
    stories: dict[int, Story] = {}
    for number, known in recipients.items():
        if number not in changed:
            told = come.get(number, [])
            story = _continued(known, told, reached.get(number, known.last_success))
            if story:
                stories[number] = story
    rest = [known for number, known in recipients.items() if number not in stories]
    stories |= stories_of(connection, queries, rest)
    put_stories(connection, queries, tenant, told_at, recipients, stories)
    hours = {(tenant, one.at // HOUR, one.known.medium.value, one.known.id) for one in failed}
    queries.put_case_hours(connection, sorted(hours))
    queries.put_case_news(connection, [(tenant, told_at, number) for number in sorted(stories)])


def _reached(delivered: Iterable[Delivered]) -> dict[int, int]:
    """When each recipient was reached last, these deliveries included."""
    reached: dict[int, int] = {}
    for _, known, at in delivered:
        before = reached.get(known.id, known.last_success)
        reached[known.id] = at if before is None else max(at, before)
    return reached


def _continued(known: Known, come: list[Telling], reached: int | None) -> Story | None:
    """The story as what is at hand tells it; None where its failures' rows are needed."""
    if known.new:
        return weigh(come, reached)
    if not known.run:
        return None
    story = weigh(_RUN.decode(known.run) + come, reached, known.gone_at)
    # A cleared story needs the failures before its run, which are remembered nowhere.
    return story if story and story.standing else None


def stories_of(
    connection: Connection, queries: Any, recipients: Collection[Known]
) -> dict[int, Story]:
    """The stories that the stored failures of these recipients tell."""
    short = [one.id for one in recipients if one.weighed < MOST_WEIGHED]
    rows = queries.tellings_standing(connection, ids=listed(short))
    # A cleared story needs the failures before the delivery too.
    stories = {number: story for number, story in _weighed(_told(rows)).items() if story.standing}
    for one in recipients:
        if one.id not in stories:
            rows = queries.tellings_newest(connection, recipient_id=one.id, most=MOST_WEIGHED)
            stories |= _weighed(_told(rows))
    return stories


# A recipient's number, last success and when it was gone from the lists.
_Key = tuple[int, int | None, int | None]


def _told(rows: Iterator[Any]) -> dict[_Key, list[Telling]]:
    told: dict[_Key, list[Telling]] = {}
    for row in rows:
        told.setdefault(row[:3], []).append(Telling._make(row[3:]))
    return told


def _weighed(told: dict[_Key, list[Telling]]) -> dict[int, Story]:
    stories = ((key[0], weigh(tellings, *key[1:])) for key, tellings in told.items())
    return {number: story for number, story in stories if story}


def put_stories(
    connection: Connection,
    queries: Any,
    tenant: str,
    told_at: int,
    recipients: dict[int, Known],
    stories: dict[int, Story],
) -> None:
    tokens = secrets.token_hex(_TOKEN // 2 * len(stories))
    queries.put_cases(
        connection,
        [
            (
                number,
                tenant,
                tokens[at * _TOKEN : (at + 1) * _TOKEN],
                str(recipients[number].medium),
                *case_row(story, told_at),
            )
            for at, (number, story) in enumerate(stories.items())
        ],
    )


def case_row(story: Story, told_at: int) -> tuple[object, ...]:
    latest = story.latest
    return (
        state_of(story).value,
        str(latest.kind),
        latest.dropped_by and str(latest.dropped_by),
        str(latest.cause),
        str(latest.permanence),
        story.opened_at,
        story.last_seen,
        told_at,
        told_at,
        story.times_seen,
        story.drops,
        int(story.history),
        len(story.run),
        latest.number,
        _remembered(story),
    )


def _remembered(story: Story) -> str:
    if not story.standing or len(story.run) > _REMEMBERED:
        return ""
    return msgspec.json.encode(story.run).decode()
