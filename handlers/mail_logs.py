"""The provider's own log of each mail: read where no webhook tells us, and to mend its gaps.

Messages are listed by when they were made, and may fail up to three days later;
an event shows late. So every reading goes back that far, leaves the last while
out, and asks for the events of those alone that are not known yet. Which those are
the storage remembers by message and state: nothing else about what was stored says that
a message was asked for, and each reading must come further than the one before.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import mending
from handlers.alarming import alarm
from handlers.house import House, connected_at
from handlers.mending import Walk
from handlers.moments import awaited, believed, note, noted, wait
from handlers.ports import Logged, MailLogs, NotAvailableError, VendorError
from storage.cases import DEFERRAL_LOST, CaseState
from storage.coverage import Coverage
from storage.failures import Batch, Failure, Kind, Medium, Source, Success
from storage.spans import Span
from storage.views import CaseQuery

# So long without a verified post, the webhook may not reach us.
SILENT_FOR = timedelta(hours=1)
# How late an event shows is not documented: only what is older counts as read.
SETTLES = timedelta(minutes=30)
PAUSE = timedelta(minutes=15)
ASK_AGAIN = timedelta(days=1)
KEPT = timedelta(days=30)
# Of one reading; the next one goes on from there.
MOST_MESSAGES = 500
_SOON = timedelta(minutes=1)
_MOST_ADDRESSES = 50
# Of a recipient, beside as many as are listed: what is not among them is asked for once.
_MORE = 50
_HOUR = timedelta(hours=1)

_PART = (Source.SENDGRID_LOGS, "")
_SINCE, _UNTIL, _READ_TO, _AT = "logs_since", "logs_until", "logs_read_to", "logs_at"


def take_up(house: House) -> None:
    """At a start, or when the logs were taken back: what is owed is known only now.

    Whether the webhook was silent is known only until it speaks again.

    And nobody listened while we were down, however short that was.
    """
    if house.logs is None:
        return
    unread = mending.begin(house, _PART).unread
    if unread:
        _owe(house, unread[0].since)
    if _silent(house):
        _owe(house)


def due(house: House) -> bool:
    """Whether there is something to read that nobody has told, or may not have."""
    at = awaited(house, _AT)
    if house.logs is None or (at and house.now() < at):
        return False
    return noted(house, _SINCE) is not None or _silent(house)


def read(house: House) -> bool:
    """One reading, from where the webhook fell silent; false when it did not come to its end."""
    assert house.logs is not None  # noqa: S101 - `due` has seen to it
    since, until = _owed(house), house.now() - SETTLES
    wait(house, _AT, house.now() + PAUSE)
    try:
        whole = _read(house, house.logs, since, until)
    except NotAvailableError as error:
        _not_available(house, since, error)
        return False
    except VendorError as error:
        wait(house, _AT, house.now() + _pause(error))
        _cover(house, since, trouble=error.word)
        return False
    if whole:
        note(house, _READ_TO, until)
        _cover(house, since, until)
        _settle(house, until)
    else:
        wait(house, _AT, house.now() + _SOON)
    return whole


def _pause(error: VendorError) -> timedelta:
    if error.permanent:
        return ASK_AGAIN
    return max(_SOON, timedelta(seconds=error.retry_after)) if error.retry_after else PAUSE


def _last_heard(house: House) -> datetime | None:
    """The webhook's last verified post, or since when it is awaited; None where there is none."""
    if Source.SENDGRID_EVENTS not in house.sources:
        return None
    known = house.store.coverage(house.tenant)
    events = [one for one in known if one.source is Source.SENDGRID_EVENTS]
    told = (events[0].until, events[0].since) if events else ()
    return next((at for at in told if believed(house, at)), house.now())


def _silent(house: House) -> bool:
    heard = _last_heard(house)
    return heard is None or house.now() - heard >= SILENT_FOR


def _owe(house: House, down_since: datetime | None = None) -> datetime:
    """From when on nobody told us; kept until it is read."""
    since = noted(house, _SINCE)
    if since is None:
        heard = _last_heard(house) or connected_at(house) or house.now()
        since = min(heard, down_since or heard)
        note(house, _SINCE, since)
    return since


def _owed(house: House) -> datetime:
    """To the end of the hour in which the webhook is found to speak again: hours are counted."""
    since = _owe(house)
    if _silent(house):
        note(house, _UNTIL, None)
    elif noted(house, _UNTIL, ahead=_HOUR) is None:
        note(house, _UNTIL, _hour(house.now()) + _HOUR)
    return since


def _settle(house: House, read_to: datetime) -> None:
    until = noted(house, _UNTIL, ahead=_HOUR)
    if until and read_to >= until:
        for fact in (_SINCE, _UNTIL, _READ_TO):
            note(house, fact, None)


def _read(house: House, logs: MailLogs, since: datetime, until: datetime) -> bool:
    read_to = noted(house, _READ_TO) or since
    walk = mending.begin(house, _PART)
    oldest = min([read_to, *(one.since for one in walk.unread)])
    begin = max(oldest - DEFERRAL_LOST, house.now() - KEPT)
    if begin >= until:
        return True
    left = MOST_MESSAGES
    waiting: set[str] = set()
    for rows, odd in logs.failing(begin, until):
        waiting |= {one.recipient for one in rows if one.kind is Kind.DEFERRED}
        known, unknown = _sorted(house, logs, _not_asked_for(house, rows), _hour(since))
        _keep(house, walk, Batch(failures=tuple(known), set_aside=odd))
        _fetch(house, logs, walk, unknown[:left])
        if len(unknown) > left:
            return False
        left -= len(unknown)
    for address in _undecided(house, waiting):
        _keep(house, walk, *(logs.told(one) for one in _arrived(logs, address, begin, until)))
    # Of what was made longer ago than is kept, nothing is claimed.
    if (known_from := max(oldest, begin + DEFERRAL_LOST)) < until:
        mending.end(house, walk, Span(known_from, until))
    return True


def _fetch(house: House, logs: MailLogs, walk: Walk, rows: Iterable[Logged]) -> None:
    """What was told before a rate limit is kept, or no reading would ever get past it."""
    batches, asked = [], []
    try:
        for one in rows:
            batch = logs.told(one)
            batches.append(batch)
            asked.append(_names(one, house.now())[not _ended(one, batch)])
    finally:
        _keep(house, walk, *batches)
        house.store.remember(house.tenant, Source.SENDGRID_LOGS, asked, house.now())


def _ended(one: Logged, batch: Batch) -> bool:
    """The end that the row sums up may show later than the row does."""
    kinds = {failure.kind for failure in batch.failures}
    return one.kind is Kind.DEFERRED or kinds != {Kind.DEFERRED}


def _names(one: Logged, now: datetime) -> tuple[str, str]:
    """What is remembered of a message in its state: that it was asked for, or in this hour."""
    state = f"{one.message}\n{one.recipient}\n{one.kind}"
    told = (state, f"{state}\n{_hour(now).isoformat()}")
    ever, lately = (hashlib.sha256(text.encode()).hexdigest()[:40] for text in told)
    return ever, lately


def _not_asked_for(house: House, rows: Sequence[Logged]) -> list[Logged]:
    names = {one: _names(one, house.now()) for one in rows}
    every = [name for both in names.values() for name in both]
    asked = house.store.remembered(house.tenant, Source.SENDGRID_LOGS, every)
    return [one for one in rows if asked.isdisjoint(names[one])]


def _sorted(
    house: House, logs: MailLogs, rows: Sequence[Logged], counted_from: datetime
) -> tuple[list[Failure], list[Logged]]:
    """What others have told, as the logs tell it, and what nobody has.

    Hours are counted per source, so in those that the logs count they tell everything.
    """
    stored = _stored(house, rows)
    known, unknown = [], []
    for one in rows:
        same = [two for two in stored[one.recipient] if logs.message_of(two) == one.message]
        if not any(failure.kind is one.kind for failure in same):
            unknown.append(one)
            continue
        logged = {failure.source_id for failure in same if failure.source is Source.SENDGRID_LOGS}
        known += [
            replace(failure, source=Source.SENDGRID_LOGS)
            for failure in same
            if failure.source_id not in logged and failure.occurred_at >= counted_from
        ]
    return known, unknown


def _stored(house: House, rows: Iterable[Logged]) -> dict[str, list[Failure]]:
    """By recipient, each looked up once."""
    listed = Counter(one.recipient for one in rows)
    return {
        name: house.store.failures(house.tenant, Medium.EMAIL, name, count + _MORE)
        for name, count in listed.items()
    }


def _keep(house: House, walk: Walk, *batches: Batch) -> None:
    began = connected_at(house) or house.now()
    failures = [
        replace(failure, history=failure.occurred_at < began)
        for batch in batches
        for failure in batch.failures
    ]
    successes: list[Success] = [one for batch in batches for one in batch.successes]
    odd = [one for batch in batches for one in batch.set_aside]
    if failures or successes or odd:
        mending.record(
            house,
            walk,
            Batch(failures=tuple(failures), successes=tuple(successes), set_aside=tuple(odd)),
        )


def _undecided(house: House, waiting: set[str]) -> list[str]:
    """Of whom an arrival would be news: no failing message is listed for it any more."""
    query = CaseQuery(
        medium=Medium.EMAIL,
        kinds=(Kind.DEFERRED, Kind.SOFT_BOUNCE),
        state=CaseState.OPEN,
        since=house.now() - DEFERRAL_LOST,
        limit=_MOST_ADDRESSES,
    )
    watched = [request.subject for request in house.store.watched(house.tenant)]
    cases = [case.recipient for case in house.store.cases(house.tenant, query)]
    return [one for one in dict.fromkeys([*watched, *cases]) if one not in waiting]


def _arrived(logs: MailLogs, address: str, since: datetime, until: datetime) -> list[Logged]:
    """An address that cannot be asked for stays undecided."""
    try:
        return [one for one in logs.about(address, since, until) if one.kind is None]
    except NotAvailableError:
        raise
    except VendorError as error:
        if error.permanent:
            return []
        raise


def _not_available(house: House, since: datetime, error: VendorError) -> None:
    """Said once; asked again every day, for a plan or a key may change."""
    at = house.now()
    wait(house, _AT, at + ASK_AGAIN)
    _cover(house, since, trouble=error.word)
    alarm(house, "logs_not_available", at, once="ever")


def _cover(house: House, since: datetime, until: datetime | None = None, trouble: str = "") -> None:
    """Read without a gap from the first reading on that goes on where the last one ended."""
    known = house.store.coverage(house.tenant)
    before = next((one for one in known if one.source is Source.SENDGRID_LOGS), None)
    reached = believed(house, before.until) if before else None
    if before and reached and reached >= since:
        since = before.since
    if before and until is None:
        since, until = before.since, reached
    covered = Coverage(source=Source.SENDGRID_LOGS, since=since, until=until, trouble=trouble)
    house.store.cover(house.tenant, covered)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
