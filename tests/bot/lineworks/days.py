"""One installation over a day: what is relayed at which second, and restarts in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.lineworks.backlog import Seen, Teller
from bot.lineworks.relayed import read
from handlers import intake
from storage.failures import Medium, Source

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
RATE = b'{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'


class Day:
    def __init__(self, house, sealing, start=NOON):
        self.house, self.sealing, self.start = house, sealing, start
        self.restart()

    def restart(self, **more):
        house = self.house
        self.teller = Teller(
            take=lambda _, batch: intake.relayed(house, batch),
            successes=lambda _, since: house.store.successes_since(
                house.tenant, Source.LINEWORKS_RELAY, since
            ),
            limited=lambda _, since: intake.limited(house, since),
            rejected=lambda _, told: intake.rejected(house, told),
            deadline=lambda at: at + timedelta(days=3),
            cipher=self.sealing,
            **more,
        )

    def relays(self, second, status=429, body=RATE, *, to="taro", text="a", name=""):
        at = self.start + timedelta(seconds=second)
        self.house.clock.moment = at
        headers = (("X-Notify-Id", name),) if name else ()
        one = read("POST", f"/v1.0/bots/7/users/{to}/messages", headers, text.encode())
        reset = (("rateLimit-reset", "60"),)
        self.teller.tell(
            Seen(tenant="t", at=at, relayed=one, status=status, headers=reset, body=body)
        )

    def kinds(self, to="taro"):
        """Of the recipient's failures, the oldest first."""
        found = self.house.store.failures("t", Medium.LINE_WORKS, to)
        return [one.kind for one in reversed(found)]
