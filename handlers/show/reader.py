"""Whom a message is for: language, zone, and what they may read where they read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.offers import is_private
from handlers.privacy import masked, without_addresses
from handlers.wording import day, say, when
from storage.cases import Case
from storage.failures import DroppedBy, Kind


@dataclass(frozen=True, kw_only=True)
class Reader:
    """`clear`: nobody else reads along, so addresses are not masked."""

    locale: str
    zone: ZoneInfo
    now: datetime  # a moment of another year is told with it
    clear: bool = False
    for_approvers: bool = False
    may_ask: bool = False

    def say(self, key: str, /, **slots: object) -> str:
        return say(key, self.locale, **slots)

    def when(self, moment: datetime) -> str:
        return when(moment, self.locale, self.zone, now=self.now)

    def at(self, moment: datetime) -> str:
        """The time alone where it is the reader's present day."""
        return self.until(self.now, moment)

    def until(self, since: datetime, moment: datetime) -> str:
        """The time alone where it is the day of `since`."""
        local = moment.astimezone(self.zone)
        same = local.date() == since.astimezone(self.zone).date()
        return f"{local:%H:%M}" if same else self.when(moment)

    def day(self, date_: date) -> str:
        return day(date_, self.locale, now=self.now.astimezone(self.zone).date())

    def address(self, recipient: str) -> str:
        return recipient if self.clear else masked(recipient)

    def words(self, text: str) -> str:
        """Somebody else's words, as far as this reader may see them."""
        return text if self.clear else without_addresses(text)

    def kind(self, kind: Kind, dropped_by: DroppedBy | None) -> str:
        """The error type's name; that somebody complained or opted out is for approvers."""
        if is_private(kind, dropped_by) and not self.for_approvers:
            return self.say("kind.stopped_by_recipient")
        return self.say(f"kind.dropped.{dropped_by}" if dropped_by else f"kind.{kind}")

    def hides(self, case: Case) -> bool:
        """Whether kind, cause and words of this case are not for this reader."""
        return is_private(case.kind, case.dropped_by) and not self.for_approvers
