"""Our own account, tried once after every start: a wrong one is known before it is needed."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bot.lineworks.errors import LineWorksError
from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.tasks import Unit
from storage.failures import Kind

log = structlog.get_logger()

_ALARMS = {Kind.MISSING_SCOPE: "own_scope_missing"}
_OTHERWISE = "own_account_refused"


class Trial:
    """`sign_in` raises LineWorksError. Trouble that passes is only logged: every call tries anew."""

    def __init__(self, house: House, sign_in: Callable[[], object]) -> None:
        self._house = house
        self._sign_in = sign_in
        self._tried = False

    def due(self) -> list[Unit]:
        return [] if self._tried else [Unit("own_account", "own_account", self._try)]

    def _try(self) -> None:
        self._tried = True
        try:
            self._sign_in()
        except LineWorksError as error:
            log.warning("own_account", word=error.word)
            if error.permanent:
                now = self._house.now()
                word = _ALARMS.get(error.kind, _OTHERWISE)
                day = start_of_tokyo_day(now).date()
                alarm(self._house, word, now, once=f"{day}", word=error.word)
