"""Posts that had to be refused with 503: told to the admins as soon as they can be taken again.

Whoever posted tells it again, so nothing is lost yet; but nobody looks at our log. Known
to this process alone: what was refused before a restart stands in the log only.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.house import House
from handlers.tasks import Unit

# Without another refusal for so long, it is over.
_QUIET = timedelta(minutes=2)
# What goes on for so long is told while it does, if it lets us.
_LONG = timedelta(minutes=10)
# Who heard of it looks: what comes after is told with the next.
_PAUSE = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
# So long SendGrid tells again, by its pages on the Event Webhook; then it gives up.
_GIVES_UP = timedelta(hours=24)


@dataclass(frozen=True)
class _Stretch:
    since: datetime
    until: datetime
    count: int


class Refusals:
    """The refusals of this process that nobody has been told of."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._turn = threading.Lock()
        self._untold: _Stretch | None = None
        self._told_at: datetime | None = None

    def refused(self) -> None:
        """One more, just now."""
        now = self._house.now()
        with self._turn:
            known = self._untold or _Stretch(now, now, 0)
            # A clock may be turned back.
            until = max(known.until, now)
            self._untold = _Stretch(known.since, until, known.count + 1)

    def due(self) -> list[Unit]:
        now, told = self._house.now(), self._untold
        if told is None or (self._told_at and self._told_at <= now < self._told_at + _PAUSE):
            return []
        over = _over(told, now) or now - told.since >= _LONG
        return [Unit("refusals", "refusals", self.tell)] if over else []

    def tell(self) -> None:
        """Raises StorageBusyError; it is tried again then, with what has come to it."""
        told, now = self._untold, self._house.now()
        if told is None:
            return
        minutes = -(-(told.until - told.since) // _MINUTE) or 1
        word = "posts_refused" if _over(told, now) else "posts_refused_still"
        if told.until - told.since >= _GIVES_UP:
            word = "posts_lost"
        alarm(self._house, word, told.since, count=str(told.count), length=str(minutes))
        with self._turn:
            self._told_at = now
            self._untold = None if self._untold == told else _rest(self._untold, told)


def _over(told: _Stretch, now: datetime) -> bool:
    return now - told.until >= _QUIET


def _rest(known: _Stretch | None, told: _Stretch) -> _Stretch | None:
    """What was refused while the others were being told, which is a moment."""
    return known and _Stretch(known.until, known.until, known.count - told.count)
