"""A post of the Event Webhook as the handlers take it, now or out of quarantine. No I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.sendgrid import events
from bot.sendgrid.events import AccountAlarm
from bot.sendgrid.kinds import AccountChange
from handlers.causes import RuleSet
from handlers.ports import AccountNews, Telling
from storage.failures import Batch, SetAside, Source


def telling(raw_body: bytes, now: datetime, rules: RuleSet) -> Telling:
    """Understand one verified post; what is no array of events is set aside whole."""
    source = Source.SENDGRID_EVENTS
    try:
        parsed = events.parse(raw_body, now, rules=rules)
    except ValueError as error:
        aside = SetAside(source=source, body=raw_body, reason=str(error), whole=True)
        return Telling(batch=Batch(set_aside=(aside,)))
    ignored = parsed.ignored + len(parsed.alarms)
    return Telling(
        batch=replace(parsed.batch, source=source, ignored=ignored),
        news=tuple(map(_news, parsed.alarms)),
    )


def again(aside: SetAside, now: datetime, rules: RuleSet) -> Telling:
    """An element alone is read as a post of one."""
    return telling(aside.body if aside.whole else b"[%b]" % aside.body, now, rules)


def _news(one: AccountAlarm) -> AccountNews:
    daily = one.change is AccountChange.OVER_QUOTA
    return AccountNews(alarm=one.change, word=one.word, at=one.occurred_at, daily=daily)
