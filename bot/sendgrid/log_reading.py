"""The port to SendGrid's Email Logs: windows of failing messages, one address, one message."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from bot.sendgrid import logs
from bot.sendgrid.client import FORBIDDEN, TIMEOUT, Api
from handlers.causes import RuleSet
from handlers.ports import Clock, Logged, NotAvailableError, VendorError
from storage.failures import Batch, Failure, SetAside

_OF_ONE_ADDRESS = 10


class SendGridLogs:
    """`url` is the host alone, without `/v3`. An account that may not read: NotAvailableError."""

    def __init__(
        self,
        *,
        key: str,
        url: str,
        clock: Clock,
        rules: RuleSet | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        # A client of its own: after its first body the package sends a header more.
        self._api = Api(key, url, timeout)
        self._clock = clock
        self._rules = rules

    def failing(
        self, since: datetime, until: datetime
    ) -> Iterator[tuple[tuple[Logged, ...], tuple[SetAside, ...]]]:
        """A full answer may have left some out: its window is asked again in halves."""
        windows = [(math.floor(since.timestamp()), math.ceil(until.timestamp()))]
        too_many = False
        while windows:
            begin, end = windows.pop()
            found = self._asked(logs.between(_at(begin), _at(end)), logs.LIMIT)
            full = found.size >= logs.LIMIT
            if full and end - begin > 1:
                half = (begin + end) // 2
                windows += [(half, end), (begin, half)]
                continue
            too_many = too_many or full
            yield found.rows, found.set_aside
        if too_many:
            raise VendorError("more_in_a_second_than_can_be_asked", permanent=True)

    def about(self, address: str, since: datetime, until: datetime) -> tuple[Logged, ...]:
        return self._asked(logs.to(address, since, until), _OF_ONE_ADDRESS).rows

    def told(self, one: Logged) -> Batch:
        """Of a message that is another's, or too old, only what sums it up."""
        body = None
        try:
            body = self._api.get("logs", one.message).body
        except VendorError as error:
            if error.word != FORBIDDEN:
                raise
        return logs.told(one, body, self._clock.now(), self._rules)

    def message_of(self, failure: Failure) -> str:
        return logs.message_of(failure)

    def _asked(self, query: str, limit: int) -> logs.Found:
        try:
            answer = self._api.search("logs", body={"query": query, "limit": limit})
        except VendorError as error:
            if error.word != FORBIDDEN:
                raise
            raise NotAvailableError from None
        if answer.absent:
            raise NotAvailableError
        return logs.found(answer.body)


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
