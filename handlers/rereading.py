"""Reads stored failures again: with the rules, the table of answers and the corrections of now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from handlers import causes
from handlers.corrections import Standing, correctable, heard, standing
from handlers.house import House
from storage.failures import Failure, Kind, Medium, Reading
from storage.rereading import Reread

# One short transaction each: intake waits a few milliseconds for its turn.
BATCH = 500

# What only their day or their neighbours told: an answer alone says less, and takes nothing back.
_GRADED = frozenset(
    {
        (Kind.DAILY_CAP, Kind.TOO_FREQUENT),
        (Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED),
        (Kind.DAILY_CAP_SUSPECTED, Kind.TOO_FREQUENT),
        (Kind.MESSAGE_REJECTED, Kind.PROVIDER_DOWN),
    }
)


def read_again(house: House, number: int, failure: Failure, known: Standing) -> Reread:
    """What the row `number` would be read as if it were told now."""
    kind = _kind(house, failure)
    return Reread(
        number=number, failure=failure, kind=kind, reading=_reading(house, failure, known)
    )


def _kind(house: House, failure: Failure) -> Kind:
    """An e-mail's kind follows from fields that do not change."""
    if failure.medium is not Medium.LINE_WORKS:
        return failure.kind
    kind = house.vocabulary.kind_of(failure)
    return failure.kind if (failure.kind, kind) in _GRADED else kind


def _reading(house: House, failure: Failure, known: Standing) -> Reading:
    if not correctable(failure.medium, failure.kind):
        return replace(failure.reading, rule_set=_version(house, failure.medium))
    version = house.rules.version
    return heard(known, failure.provider_text, failure.recipient, version) or causes.read(
        failure.provider_text,
        failure.smtp_code,
        failure.status,
        house.vocabulary.hints_of(failure),
        house.rules,
    )


def _version(house: House, medium: Medium) -> str:
    return house.rules.version if medium is Medium.EMAIL else house.vocabulary.version


@dataclass(frozen=True, kw_only=True)
class Change:
    """From one answer to another: causes of mail, kinds of LINE WORKS."""

    medium: Medium
    before: str
    after: str


@dataclass(kw_only=True)
class Findings:
    """What a walk has come upon so far. `left` rows had changed while they were read.

    `reached` is the number of the last row that it looked at.
    """

    read: int = 0
    reached: int = 0
    left: int = 0
    counts: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, list[Failure]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return self.counts.total()


def reclassify(
    house: House,
    *,
    dry_run: bool,
    every: bool,
    examples: int,
    progress: Callable[[Findings], None],
) -> Findings:
    """Read again what other rules have read, or every failure; store it unless `dry_run`.

    What was read is marked with the present rules: killed half-way, a second run
    goes on where the first one ended.
    """
    found = Findings()
    for rows in _batches(house, every=every):
        # Anew for each batch: whoever corrects meanwhile is heard.
        known = standing(house)
        rereads = [read_again(house, *row, known) for row in rows]
        fresh = [one for one in rereads if _differs(one)]
        if not dry_run:
            found.left += len(fresh) - house.store.reread(house.tenant, fresh)
        _note(found, rereads, examples)
        found.reached = max((number for number, _ in rows), default=found.reached)
        progress(found)
    return found


def _batches(house: House, *, every: bool) -> Iterator[list[tuple[int, Failure]]]:
    but = () if every else (house.rules.version, house.vocabulary.version)
    # Whatever comes in from now on was read by whoever took it in: no race with intake.
    after, last = 0, house.store.last_failure()
    while rows := house.store.failures_after(house.tenant, after, BATCH, but):
        yield [row for row in rows if row[0] <= last]
        after = rows[-1][0]
        if after >= last:
            return


def _differs(one: Reread) -> bool:
    return one.reading != one.failure.reading or one.kind is not one.failure.kind


def _note(found: Findings, rereads: list[Reread], examples: int) -> None:
    found.read += len(rereads)
    for one in rereads:
        if one.moves:
            change = _change(one)
            found.counts[change] += 1
            shown = found.examples.setdefault(change, [])
            if len(shown) < examples:
                shown.append(one.failure)


def _change(one: Reread) -> Change:
    """A cause that stays has changed its permanence."""
    failure, before, after = one.failure, one.failure.reading, one.reading
    if failure.medium is Medium.LINE_WORKS:
        return Change(medium=failure.medium, before=failure.kind, after=one.kind)
    if before.cause is not after.cause:
        return Change(medium=failure.medium, before=before.cause, after=after.cause)
    return Change(
        medium=failure.medium,
        before=f"{before.cause} ({before.permanence})",
        after=f"{after.cause} ({after.permanence})",
    )
