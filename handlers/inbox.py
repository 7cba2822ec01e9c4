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

from handlers.house import House
from handlers.intake import heard, record, take
from handlers.ports import Telling
from storage.failures import Batch, Recorded, SetAside, Source
from storage.inbox import Post
from storage.turns import turn

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
            read_now = posts[: len(told)]
            _take_in_portions(house, _together(told, read_now))
            # Not when they came: two more writes for each post would take as long as the post.
            heard(house, posts[0].source, max(one.told_at for one in read_now))


def _take_in_portions(house: House, telling: Telling) -> None:
    """Between two of them others write: whoever posts in a burst waits for a portion alone.

    The posts leave the inbox with the last one. Stopped before it they are read again, and
    what is stored already is told again.
    """
    batch = telling.batch
    last = max(0, len(batch.failures) - 1) // _PORTION * _PORTION
    for start in range(0, last, _PORTION):
        portion = batch.failures[start : start + _PORTION]
        record(house, Batch(failures=portion, source=batch.source, posts=batch.posts, more=True))
    take(house, replace(telling, batch=replace(batch, failures=batch.failures[last:])))


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
    aside = SetAside(source=post.source, body=post.body, reason="", whole=True)
    try:
        return house.vocabulary.read_again[post.source](aside, house.now(), house.rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told by the quarantine
        reason = f"reading it failed with {type(error).__name__}, a fault of ours"
        return Telling(batch=Batch(set_aside=(replace(aside, reason=reason),)))


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
