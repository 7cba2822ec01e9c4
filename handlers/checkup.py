"""What the installation's state shows that an operator should mend or know of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from handlers.coverage import State
from handlers.gaps import POLLED
from handlers.ports import REDIRECTED
from handlers.status import Status
from storage.failures import Source

# So long without a first word, a source is likelier not connected than quiet.
_NEVER_HEARD = timedelta(hours=24)
# A reading is due every few minutes, and after trouble within a day.
_NOT_READ = timedelta(hours=1)
# A full inbox is read in a minute.
_NOT_TAKEN_UP = timedelta(minutes=10)
_DIGEST_LATE = timedelta(hours=26)
_LITTLE_SPACE = 1024**3
# The setting that names the address of what we ask.
_ADDRESSES = {
    Source.SENDGRID_LISTS: "NOTIFY_ERRORS_SENDGRID_API_URL",
    Source.SENDGRID_LOGS: "NOTIFY_ERRORS_SENDGRID_API_URL",
    Source.HOST_FEED: "NOTIFY_ERRORS_HOST_FEED_URL",
}


class Grade(IntEnum):
    """How much it matters; also the command's exit status."""

    WARNING = 1
    ERROR = 2


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`word` finds its sentences: what, why it matters, the mend."""

    word: str
    grade: Grade
    source: Source | None = None
    slots: Mapping[str, object] = field(default_factory=dict)


def findings(state: Status) -> list[Finding]:
    """The gravest first."""
    found = [
        *_sources(state),
        *_gaps(state),
        *_inbox(state),
        *_quarantine(state),
        *_messages(state),
    ]
    free = state.health.free
    if free is not None and free < _LITTLE_SPACE:
        found.append(_finding("little_space", Grade.ERROR, free=free // 1024**2))
    if not state.health.search_indexed:
        found.append(_finding("search_not_indexed", Grade.WARNING))
    return sorted(found, key=lambda one: -one.grade)


def _finding(word: str, grade: Grade, source: Source | None = None, **slots: object) -> Finding:
    return Finding(word=word, grade=grade, source=source, slots=slots)


def _sources(state: Status) -> Iterator[Finding]:
    if not state.coverage.states:
        yield _finding("no_source", Grade.ERROR)
    for one in state.coverage.states:
        yield from _source(state, one)


def _source(state: Status, one: State) -> Iterator[Finding]:
    if one.down_since:
        yield _finding("down", Grade.ERROR, one.source, since=one.down_since)
    if one.trouble == REDIRECTED and one.source in _ADDRESSES:
        yield _finding(REDIRECTED, Grade.ERROR, one.source, setting=_ADDRESSES[one.source])
    elif one.trouble:
        yield _finding("trouble", Grade.ERROR, one.source, trouble=one.trouble)
    elif one.source in POLLED and one.last and state.at - one.last > _NOT_READ:
        yield _finding("not_read", Grade.WARNING, one.source, last=one.last)
    # A file is brought when somebody brings it.
    if one.last is None and one.source is not Source.CSV and state.at - one.since > _NEVER_HEARD:
        yield _finding("never_heard", Grade.WARNING, one.source, since=one.since)


def _gaps(state: Status) -> Iterator[Finding]:
    if state.coverage.open:
        yield _finding("gaps", Grade.WARNING, count=len(state.coverage.open))


def _inbox(state: Status) -> Iterator[Finding]:
    inbox = state.coverage.inbox
    if inbox.oldest and state.at - inbox.oldest > _NOT_TAKEN_UP:
        yield _finding("inbox", Grade.ERROR, count=inbox.count, since=inbox.oldest)


def _quarantine(state: Status) -> Iterator[Finding]:
    if state.lost:
        yield _finding("lost", Grade.ERROR, count=state.lost)
    if state.filled.count:
        yield _finding("set_aside", Grade.WARNING, count=state.filled.count)


def _messages(state: Status) -> Iterator[Finding]:
    if state.unsure:
        yield _finding("unsure", Grade.WARNING, count=state.unsure)
    if not state.digests:
        yield _finding("no_digest", Grade.WARNING)
    for one in state.digests:
        if one.covered_until and state.at - one.covered_until > _DIGEST_LATE:
            yield _finding("digest_late", Grade.WARNING, place=one.channel, last=one.covered_until)
