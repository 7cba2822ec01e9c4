"""Warns the admins while there is still time: once the disk is full, nothing can be told."""

from __future__ import annotations

from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House

_MIB = 1024 * 1024
# A day of ten thousand failures in ten minutes writes a tenth of it.
LEAST_FREE = 256 * _MIB
# Four times what is merged by itself: somebody has been reading for very long.
MOST_BEHIND = 512 * _MIB  # a burst alone may leave half of it for a while


def look(house: House) -> None:
    """Once a day each: the disk fills, or what is stored is not merged."""
    now = house.now()
    health = house.store.health()
    words = {
        "disk_filling": (health.free is not None and health.free < LEAST_FREE, health.free or 0),
        "storage_behind": (health.behind > MOST_BEHIND, health.behind),
    }
    for word, (true, size) in words.items():
        if true:
            once = f"{start_of_tokyo_day(now).date()}"
            alarm(house, word, now, once=once, count=f"{size // _MIB}")
