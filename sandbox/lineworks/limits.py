"""The plan's rate per API operation and minute, and the daily cap of the Tokyo day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from sandbox.lineworks.answers import refusal
from sandbox.wire import Meter

_TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`cap` is counted per bot: whether the vendor adds bots up is published nowhere."""

    rate: int = 240
    cap: int = 20_000
    cap_answer: str = "cap_documented_pair"


class Limits:
    """Both run on the sandbox's clock, so that turning it opens them again."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._minutes = Meter()
        self.spent: Counter[tuple[int, str]] = Counter()

    def count(self, operation: str, now: datetime) -> dict[str, str]:
        """The rate headers, in the vendor's spelling; raises its 429 beyond the rate."""
        used, ends = self._minutes.count(operation, now.timestamp())
        headers = {
            "rateLimit-ssed": str(min(used, self.plan.rate)),
            "rateLimit-limit": str(self.plan.rate),
            "rateLimit-remaining": str(max(0, self.plan.rate - used)),
            "rateLimit-reset": str(ends - int(now.timestamp())),
        }
        if used > self.plan.rate:
            refused = refusal("too_frequent")
            spell(refused.response, headers)
            raise refused
        return headers

    def spend(self, bot: int, now: datetime) -> None:
        day = now.astimezone(_TOKYO).date().isoformat()
        if self.spent[bot, day] >= self.plan.cap:
            raise refusal(self.plan.cap_answer)
        self.spent[bot, day] += 1


def spell(response: Response, headers: dict[str, str]) -> None:
    """Add headers in their own case, which Starlette would lower."""
    response.raw_headers += [(name.encode(), value.encode()) for name, value in headers.items()]
