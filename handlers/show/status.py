"""How far everything has been read, what waits, and what the answers stand on."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.conversation import Heading, Message, Note, Text
from handlers.show.coverage import status_text
from handlers.show.reader import Reader
from handlers.status import Status
from storage.quarantine import MOST, Tally


def message(state: Status, reader: Reader) -> Message:
    return Message(
        summary=reader.say("status.summary"),
        elements=(
            Heading(reader.say("status.heading")),
            Text(status_text(state.coverage, reader)),
            Text("\n".join(_waiting(state, reader))),
            Note("\n".join(_digest(state, reader))),
            Note("\n".join(_standing_on(state, reader))),
        ),
    )


def _waiting(state: Status, reader: Reader) -> Iterator[str]:
    yield reader.say("status.pending", count=state.under_way)
    oldest = state.filled.oldest
    if oldest:
        since = reader.when(oldest)
        yield reader.say("status.set_aside", count=state.filled.count, most=MOST, since=since)
    if state.lost:
        yield reader.say("status.lost", count=state.lost)
    if state.unsure:
        yield reader.say("status.unanswered", count=state.unsure)


def _digest(state: Status, reader: Reader) -> Iterator[str]:
    if not state.digests:
        yield reader.say("status.digest_none")
        return
    first = state.digests[0]
    yield reader.say("status.digest_next", at=reader.when(first.following))
    if first.covered_until:
        yield reader.say("status.digest_last", at=reader.when(first.covered_until))


def _standing_on(state: Status, reader: Reader) -> Iterator[str]:
    yield from (_tally(one, reader) for one in state.tallies)
    yield reader.say("status.versions", rules=state.rules, schema=state.health.schema)
    yield _kept(state, reader)


def _kept(state: Status, reader: Reader) -> str:
    """Until when things are kept, and what went last night."""
    keep = state.keep.failures
    if keep is None:
        return reader.say("status.kept_for_ever")
    failures, recipients = (state.forgotten.get(name, 0) for name in ("failures", "recipients"))
    return reader.say("status.kept", days=keep.days, failures=failures, recipients=recipients)


def _tally(one: Tally, reader: Reader) -> str:
    return reader.say(
        "status.tally",
        source=reader.say(f"source.{one.source}"),
        elements=one.elements,
        new=one.new,
        repeated=one.repeated,
        set_aside=one.set_aside,
        ignored=one.ignored + one.lost,
    )
