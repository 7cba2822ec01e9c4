"""The daily digest: due by stored times, claimed before it leaves, composed from cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handlers.alarming import alarm
from handlers.house import House, chat_of, connected_at
from handlers.ports import VendorError
from handlers.show.digests import message
from handlers.summary import compose
from handlers.telling import locale_in
from storage.digests import Posting, PostState

# Later than this is said to be late.
PUNCTUAL = timedelta(minutes=15)
_DAY = timedelta(days=1)
_TRY_AGAIN = timedelta(minutes=2)


def due(house: House) -> list[str]:
    """The channels whose digest of today has its time and is not claimed yet."""
    now = house.now()
    scheduled = _scheduled(house, now)
    connected = connected_at(house)
    if now < scheduled or (connected and scheduled < connected):
        return []
    found = []
    for channel in house.policy.digest_channels:
        last = house.store.last_posting(house.tenant, channel)
        if last is None or last.day < scheduled.date() or _may_try_again(last, now):
            found.append(channel)
    return found


def _may_try_again(last: Posting, now: datetime) -> bool:
    return last.state is PostState.WAITING and now - last.claimed_at >= _TRY_AGAIN


def _scheduled(house: House, now: datetime) -> datetime:
    """Today's time in the installation's zone; the ledger's key is that local day."""
    local = now.astimezone(house.zone)
    return datetime.combine(local.date(), house.policy.digest_at, house.zone)


def post(house: House, channel: str) -> Posting | None:
    """Compose, claim, post, settle. None when somebody else has claimed it."""
    posting = _next_posting(house, channel)
    # A write that waits while this is composed belongs to the next one, whenever it began.
    house.store.draw_line(house.tenant, posting.until)
    digest = compose(house, posting.since, posting.until, late=posting.late, learnt=True)
    last = house.store.last_posting(house.tenant, channel)
    doubt = last is not None and last.state is PostState.UNANSWERED
    worded = message(house, replace(digest, after_doubt=doubt), locale_in(house, channel))
    # Claimed last: what fails on our side before it leaves is tried again.
    if not house.store.claim_posting(house.tenant, posting):
        return None
    try:
        ref = chat_of(house, channel).post(channel, worded)
    except VendorError as error:
        return _not_posted(house, posting, error)
    house.store.settle_posting(house.tenant, channel, posting.day, PostState.POSTED, ref)
    return replace(posting, state=PostState.POSTED, ref=ref)


def _next_posting(house: House, channel: str) -> Posting:
    """From where the last posted digest ended; an unposted one leaves its gap to this one."""
    now = house.now()
    scheduled = _scheduled(house, now)
    covered = house.store.covered_until(house.tenant, channel)
    since = covered or max(connected_at(house) or now - _DAY, now - 7 * _DAY)
    return Posting(
        channel=channel,
        day=scheduled.date(),
        since=since,
        until=now,
        state=PostState.CLAIMED,
        claimed_at=now,
        late=now - scheduled > PUNCTUAL,
    )


def _not_posted(house: House, posting: Posting, error: VendorError) -> Posting:
    """Tried again when it certainly is not there; told to the admins otherwise."""
    state = PostState.UNANSWERED if error.unanswered else PostState.REFUSED
    if not error.unanswered and not error.permanent:
        state = PostState.WAITING
    house.store.settle_posting(house.tenant, posting.channel, posting.day, state, "")
    if state is not PostState.WAITING:
        _tell_admins(house, posting, state, error.word)
    return replace(posting, state=state)


def _tell_admins(house: House, posting: Posting, state: PostState, word: str) -> None:
    """Elsewhere than in a channel that cannot be posted to."""
    alarm(
        house,
        f"digest_{state}",
        posting.claimed_at,
        but=posting.channel if state is PostState.REFUSED else "",
        place=posting.channel,
        day=f"{posting.day}",
        word=word,
    )


def post_again(house: House, channel: str, day: str) -> Posting | None:
    """A person has looked and it is not there. None when that digest may not be posted any more."""
    last = house.store.last_posting(house.tenant, channel)
    if last is None or f"{last.day}" != day:
        return None
    if house.store.reopen_posting(house.tenant, channel, last.day):
        house.wake()
        return replace(last, state=PostState.WAITING)
    return last if last.state is not PostState.UNANSWERED else None


def settle_after_crash(house: House) -> int:
    """A digest that was leaving when the process died may be there: said, never repeated."""
    claimed = house.store.postings(house.tenant, PostState.CLAIMED)
    for posting in claimed:
        house.store.settle_posting(
            house.tenant, posting.channel, posting.day, PostState.UNANSWERED, ""
        )
        _tell_admins(house, posting, PostState.UNANSWERED, "restarted")
    return len(claimed)
