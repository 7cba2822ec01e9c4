"""Posts of a burst: kept as they came while one is being read, and read as soon as it is done.

Whoever told us waits for the write alone. What is in the inbox need not be counted yet, so
every answer says how much that is. Stopped in the middle, the next start goes on: posts come
from sources alone whose events count once, however often they are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from handlers.house import House
from handlers.intake import heard, take, take_kept
from handlers.ports import Telling
from storage.failures import Batch, Recorded, SetAside, Source
from storage.inbox import Post
from storage.store import StorageBusyError
from storage.turns import turn

_E = TypeVar("_E")

# Small posts are stored together, for each write has its price; a large one is enough.
_AT_A_TIME = 8
_ENOUGH = 400  # failures
_DELIVERIES = 10  # so many cost what a failure does
# So many failures keep others from writing at a time.
_PORTION = 250
# Then whoever ends the process has a chance, and the rest waits for the next tick.
_AT_A_TURN = 20
_PATIENCE_SECONDS = 10.0


def take_in(
    house: House, source: Source, body: bytes, read: Callable[[], Telling]
) -> tuple[Telling, Recorded] | None:
    """What became of a verified post; None where it waits in the inbox, and is safe there.

    Raises StorageBusyError where it is neither.
    """
    if house.reading.acquire(blocking=False):
        try:
            return _taken(house, read())
        finally:
            house.reading.release()
    if house.store.put_in_inbox(house.tenant, source, body, house.now()):
        house.wake()
        return None
    with _turn(house):
        return _taken(house, read())


def _taken(house: House, telling: Telling) -> tuple[Telling, Recorded]:
    return telling, take(house, telling)


def waits(house: House) -> bool:
    return bool(house.store.inbox(house.tenant).count)


def read(house: House) -> None:
    """Read what waits, the oldest first; what is left after a while waits for the next turn."""
    for _ in range(_AT_A_TURN):
        with _turn(house):
            posts = house.store.first_in_inbox(house.tenant, _AT_A_TIME)
            if not posts:
                return
            told = list(_some(house, posts))
            read_now = _take(house, posts[: len(told)], told)
            # Not when they came: two more writes for each post would take as long as the post.
            heard(house, posts[0].source, max(one.told_at for one in read_now))


def _take(house: House, posts: Sequence[Post], told: Sequence[Telling]) -> Sequence[Post]:
    """Those that have left the inbox. One that cannot be stored stops none behind it."""
    whole = _together(told, posts)
    try:
        take_kept(house, whole, _portions(whole.batch))
    except StorageBusyError:
        raise
    except Exception as error:  # noqa: BLE001 - as in `_told`
        if len(posts) > 1:
            return _take(house, posts[:1], told[:1])
        aside = _together([_set_aside(posts[0], f"storing it failed with {_fault(error)}")], posts)
        take_kept(house, aside, _portions(aside.batch))
    return posts


def _portions(batch: Batch) -> Iterator[Batch]:
    """Between two of them others write: whoever posts in a burst waits for a portion alone.

    Deliveries come first. Without them, who looks between two portions could take what
    failed for all there was.
    """
    kept = Batch(source=batch.source, posts=batch.posts, more=True)
    for reached in _chunks(batch.successes, _PORTION * _DELIVERIES):
        yield replace(kept, successes=reached)
    for failed in _chunks(batch.failures, _PORTION):
        yield replace(kept, failures=failed)
    if batch.set_aside:
        yield replace(kept, set_aside=batch.set_aside)


def _chunks(events: Sequence[_E], size: int) -> Iterator[tuple[_E, ...]]:
    for start in range(0, len(events), size):
        yield tuple(events[start : start + size])


def _turn(house: House) -> AbstractContextManager[None]:
    """One post is read at a time: two at once would take as long, and wait for each other."""
    trouble = "another post is taking too long to be read"
    return turn(house.reading, _PATIENCE_SECONDS, trouble)


def _some(house: House, posts: Sequence[Post]) -> Iterator[Telling]:
    """The first ones of one source, so many that a write is worth its price."""
    price = 0
    for post in posts:
        if price >= _ENOUGH or post.source is not posts[0].source:
            return
        told = _told(house, post)
        price += len(told.batch.failures) + len(told.batch.successes) // _DELIVERIES
        yield told


def _told(house: House, post: Post) -> Telling:
    """A post on which our own reading breaks is set aside, for it would stop all behind it."""
    whole = SetAside(source=post.source, body=post.body, reason="", whole=True)
    try:
        return house.vocabulary.read_again[post.source](whole, house.now(), house.rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told by the quarantine
        return _set_aside(post, f"reading it failed with {_fault(error)}")


def _set_aside(post: Post, reason: str) -> Telling:
    whole = SetAside(source=post.source, body=post.body, reason=reason, whole=True)
    return Telling(batch=Batch(set_aside=(whole,)))


def _fault(error: Exception) -> str:
    """Without its words, which may quote what somebody wrote."""
    return f"{type(error).__name__}, a fault of ours"


def _together(told: Sequence[Telling], posts: Sequence[Post]) -> Telling:
    batches = [one.batch for one in told]
    return Telling(
        batch=Batch(
            failures=tuple(chain.from_iterable(one.failures for one in batches)),
            successes=tuple(chain.from_iterable(one.successes for one in batches)),
            set_aside=tuple(chain.from_iterable(one.set_aside for one in batches)),
            source=posts[0].source,
            ignored=sum(one.ignored for one in batches),
            posts=tuple(one.number for one in posts),
        ),
        news=tuple(chain.from_iterable(one.news for one in told)),
    )
