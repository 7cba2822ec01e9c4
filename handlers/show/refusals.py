"""Why an act was not done, in the words of what became of it meanwhile."""

from __future__ import annotations

from handlers.conversation import Message
from handlers.house import House
from handlers.requests import RefusedError
from handlers.show.helping import plain
from handlers.show.reader import Reader
from handlers.show.told import outcome
from handlers.telling import name_of
from storage.requests import Request, RequestState

_STALE = {
    RequestState.APPROVED: "stale.approved",
    RequestState.CARRYING: "stale.approved",
    RequestState.DECLINED: "stale.declined",
    RequestState.WITHDRAWN: "stale.withdrawn",
    RequestState.EXPIRED: "stale.expired",
    RequestState.DONE: "stale.approved_and_done",
}


def message(house: House, refusal: RefusedError, reader: Reader) -> Message:
    if refusal.word == "stale" and refusal.request:
        return plain(_stale(house, refusal.request, reader))
    return plain(reader.say(refusal.word))


def _stale(house: House, request: Request, reader: Reader) -> str:
    undecided = request.state is RequestState.DONE and not request.decided_by
    return reader.say(
        "stale.done_undecided" if undecided else _STALE[request.state],
        who=name_of(house, request.decided_by) if request.decided_by else "",
        at=reader.when(request.decided_at or house.now()),
        reason=reader.words(request.reason),
        outcome=outcome(house, request, reader) if request.outcome else "",
    )
