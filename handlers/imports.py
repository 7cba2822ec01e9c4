"""A file that comes in whole or not at all, whoever dies in between.

Its parts are laid beside the failures while it is read. When all of it has been
read and is wanted, one conditional update says so; from then on the parts are
recorded one after the other, by the command or, should that die, by `serve`.
A part told twice is a part of repetitions.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from handlers.house import House
from handlers.intake import heard, record
from storage.failures import Batch, Recorded, Source
from storage.imports import Import, ImportState, Part

# Longer than one part takes: whoever was at it until then is gone.
LEFT = timedelta(minutes=2)
# How long a preview may wait for its answer, and an import that is done is remembered.
_FORGOTTEN = timedelta(days=1)


def begin(house: House, name: str) -> Import:
    """A file that is going to be read."""
    now = house.now()
    begun = Import(
        id=secrets.token_hex(5),
        name=name,
        state=ImportState.READING,
        begun_at=now,
        moved_at=now,
    )
    house.store.begin_import(house.tenant, begun)
    return begun


def lay_by(house: House, begun: Import, number: int, part: Part) -> bool:
    """False when the import was forgotten meanwhile."""
    return house.store.put_part(house.tenant, begun.id, number, part, house.now())


def want(house: House, begun: Import) -> bool:
    """All of it has been read: from now on it comes in, whatever happens."""
    return _move(house, begun.id, ImportState.READING, ImportState.WHOLE)


def drop(house: House, begun: Import) -> None:
    house.store.drop_import(house.tenant, begun.id)


def carry_on(
    house: House, import_id: str, progress: Callable[[int], None] = lambda _: None
) -> Import | None:
    """Record every part that is left; `progress` hears of each how many rows it told."""
    while found := house.store.next_part(house.tenant, import_id):
        number, part = found
        _bring_in(house, import_id, number, part)
        progress(len(part.failures) + len(part.people))
    if _move(house, import_id, ImportState.WHOLE, ImportState.DONE):
        heard(house, Source.CSV)
    return house.store.import_of(house.tenant, import_id)


def _bring_in(house: House, import_id: str, number: int, part: Part) -> None:
    recorded = Recorded()
    if part.failures or part.successes:
        recorded = record(house, Batch(failures=part.failures, successes=part.successes))
    for one in part.left:
        house.store.left_lists(house.tenant, one.address, one.left_at)
    changed = house.store.put_people(house.tenant, part.people) if part.people else 0
    # A delivery stands beside the failure of its row, and is counted with it.
    new = len(recorded.new_failures)
    house.store.part_recorded(
        house.tenant,
        import_id,
        number,
        house.now(),
        new=new,
        repeated=len(part.failures) - new + len(part.people) - changed,
        people=changed,
    )


def _move(house: House, import_id: str, expected: ImportState, state: ImportState) -> bool:
    return house.store.move_import(house.tenant, import_id, expected, state, house.now())


def cut_short(house: House) -> list[Import]:
    """Those that are wanted and not yet in."""
    return house.store.imports(house.tenant, ImportState.WHOLE)


def due(house: House) -> list[Import]:
    """Those that nobody is at any more."""
    return [one for one in cut_short(house) if house.now() - one.moved_at >= LEFT]


def forget(house: House) -> None:
    """Files that were never answered for, and what is remembered of those that are in."""
    for state in (ImportState.READING, ImportState.DONE):
        for one in house.store.imports(house.tenant, state):
            if house.now() - one.moved_at >= _FORGOTTEN:
                drop(house, one)
