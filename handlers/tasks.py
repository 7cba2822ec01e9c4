"""What is due follows from stored rows and times; whoever wakes us only asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from handlers import (
    digests,
    imports,
    inbox,
    mail_logs,
    moments,
    notices,
    outages,
    relabelling,
    removals,
    requests,
    resends,
    retention,
    upkeep,
)
from handlers.house import House
from handlers.periods import LONGEST
from handlers.polls import Polled
from storage.requests import Action, RequestState

_NOTICES_A_TICK = 20
# A delivery's fingerprint must outlive the longest retry and every resend's deadline.
_FINGERPRINTS_LIVE = timedelta(days=10)
# How long a button under an explanation can be pressed.
_WORDINGS_LIVE = timedelta(days=1)
_HOUSEKEEPING = timedelta(minutes=10)
_EVERY = 10_000

_CARRY_OUT = {Action.REMOVE: removals.carry_out, Action.RESEND: resends.carry_out}


@dataclass(frozen=True)
class Unit:
    """Work under a key of its own. `name` is fit for a log line: it names no person."""

    key: str
    name: str
    run: Callable[[], object]


def due(house: House, polled: Sequence[Polled]) -> list[Unit]:
    """Everything that is due at this moment; `polled` is how the connected sources are read."""
    if moments.ahead(house):
        # Before anybody reads on from there, or tells of it.
        return [Unit("moments", "moments", partial(_take_back, house))]
    units = [
        Unit(f"digest:{channel}", "digest", partial(digests.post, house, channel))
        for channel in digests.due(house)
    ]
    if inbox.waits(house):
        units.append(Unit("inbox", "inbox", partial(inbox.read, house)))
    units += _notices(house)
    units += _requests(house)
    units += [
        Unit(f"correction:{one.id}", "re-label", partial(relabelling.carry_on, house, one.id))
        for one in relabelling.due(house)
    ]
    units += [
        Unit(one.name, one.name, partial(one.read, house)) for one in polled if one.due(house)
    ]
    units += [
        Unit(f"import:{one.id}", "import", partial(imports.carry_on, house, one.id))
        for one in imports.due(house)
    ]
    if resends.due(house):
        units.append(Unit("resends", "resends", partial(resends.send_due, house)))
    if outages.due(house):
        units.append(Unit("outages", "outages", partial(outages.look, house)))
    if retention.due(house):
        units.append(Unit("retention", "retention", partial(retention.forget, house)))
    if _housekeeping_due(house):
        units.append(Unit("housekeeping", "housekeeping", partial(keep_house, house)))
    return units


def _take_back(house: House) -> None:
    moments.take_back(house)
    mail_logs.take_up(house)
    house.wake()


def _notices(house: House) -> list[Unit]:
    """The oldest of each place: what is told in one place is told in its order."""
    waiting = house.store.due_notices(house.tenant, house.now(), _NOTICES_A_TICK)
    first = {one.place: one for one in reversed(waiting)}
    return [
        Unit(f"notice:{one.place}", f"notice {one.topic}", partial(notices.deliver, house, one))
        for one in first.values()
    ]


def _requests(house: House) -> list[Unit]:
    approved = house.store.requests(house.tenant, [RequestState.APPROVED], _EVERY)
    return [
        Unit(
            f"request:{one.id}",
            f"carry out {one.action}",
            partial(_CARRY_OUT[one.action], house, one),
        )
        for one in approved
        if one.retry_at is None or one.retry_at <= house.now()
    ]


def _housekeeping_due(house: House) -> bool:
    kept = moments.noted(house, "housekept_at")
    return kept is None or house.now() - kept >= _HOUSEKEEPING


def keep_house(house: House) -> None:
    """What nobody asks for: expiry, ended watches, loose ends, forgetting what has served."""
    moments.note(house, "housekept_at", house.now())
    requests.expire(house)
    removals.end_watches(house)
    removals.take_up_again(house, lapsed=True)
    resends.finish(house)
    upkeep.look(house)
    house.store.forget_fingerprints(house.tenant, house.now() - _FINGERPRINTS_LIVE)
    if house.policy.keep.bodies:
        house.store.forget_kept(house.tenant, house.now() - house.policy.keep.bodies)
    house.store.forget_wordings(house.tenant, house.now() - _WORDINGS_LIVE)
    house.store.forget_coverage(house.tenant, house.now() - LONGEST)
    imports.forget(house)


def take_up(house: House) -> None:
    """At every start: since when we look, and what the last process left half done."""
    if house.store.fact(house.tenant, "connected_at") is None:
        house.store.put_fact(house.tenant, "connected_at", house.now().isoformat())
    moments.take_back(house)
    mail_logs.take_up(house)
    removals.take_up_again(house)
    resends.settle_after_crash(house)
    resends.finish(house)
    digests.settle_after_crash(house)
    notices.settle_after_crash(house)
