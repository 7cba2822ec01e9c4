"""How the host speaks to us: who may, what a field must be, what each element is answered."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any, TypeVar

ACCEPTED, REPEATED, ERROR = "accepted", "repeated", "error"

_T = TypeVar("_T")
_SKEW = timedelta(hours=1)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_LONGEST = 500
# Of one body: so many are stored in well under a second.
MOST_ELEMENTS = 5000


class PushError(ValueError):
    """What is wrong with which field (empty: with the body), and what to do instead."""

    def __init__(self, error: str, *, field: str = "", mend: str, limit: int = 0) -> None:
        super().__init__(error)
        self.field = field
        self.mend = mend
        self.limit = limit  # where there is too much of it

    @property
    def status(self) -> HTTPStatus:
        too_much = self.limit and not self.field
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_much else HTTPStatus.BAD_REQUEST

    def words(self) -> dict[str, str | int]:
        told = {"error": str(self), "field": self.field, "mend": self.mend}
        return told | ({"limit": self.limit} if self.limit else {})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one element is told. `note`: what could not be done although it was accepted."""

    index: int
    id: str = ""
    state: str = ACCEPTED
    note: str = ""
    error: PushError | None = None

    def words(self) -> dict[str, Any]:
        told = {"index": self.index, "id": self.id, "state": self.state, "note": self.note}
        told |= self.error.words() if self.error else {}
        return {name: value for name, value in told.items() if value != ""}


def authorised(header: str, tokens: Sequence[str]) -> bool:
    """Whether an `Authorization` header bears one of the tokens; takes as long either way."""
    scheme, _, told = header.strip().partition(" ")
    offered = told.strip().encode(errors="replace")
    fits = [hmac.compare_digest(offered, token.encode()) for token in tokens if token]
    return scheme.casefold() == "bearer" and any(fits)


def reply(verdicts: Sequence[Verdict]) -> tuple[int, dict[str, Any]]:
    """HTTP status and JSON: 200 when all went well, 400 when nothing did, 207 in between."""
    states = [verdict.state for verdict in verdicts]
    count = {state: states.count(state) for state in (ACCEPTED, REPEATED, ERROR)}
    status = HTTPStatus.MULTI_STATUS
    if not count[ERROR]:
        status = HTTPStatus.OK
    elif count[ERROR] == len(states):
        status = HTTPStatus.BAD_REQUEST
    told = [verdict.words() for verdict in verdicts]
    return status, {**count, "elements": told}


def elements(raw_body: bytes) -> list[Any]:
    """One object or an array of them; PushError for any other body."""
    mend = "send one JSON object or an array of them, in UTF-8"
    try:
        told = decoded(raw_body)
    except ValueError:
        raise PushError("the body is not JSON", mend=mend) from None
    if not isinstance(told, list | dict):
        raise PushError("the body is neither an object nor an array", mend=mend)
    if isinstance(told, list) and len(told) > MOST_ELEMENTS:
        mend = f"send at most {MOST_ELEMENTS:,} at once"
        raise PushError(f"there are {len(told):,} elements", mend=mend, limit=MOST_ELEMENTS)
    return told if isinstance(told, list) else [told]


def decoded(raw: bytes) -> Any:
    """JSON by the letter: ValueError for NaN and for what is nested too deep.

    A number too long to be one is taken as it is written.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST else digits


def each(
    told: Sequence[Any], read: Callable[[Fields], tuple[_T, str]], names: Collection[str]
) -> Iterator[tuple[Verdict, _T | None]]:
    """Every element with its verdict. `read` gives a value and a note; `names` are the fields."""
    for index, element in enumerate(told):
        shown = _plain(str(element.get("id", ""))) if isinstance(element, dict) else ""
        try:
            value, note = read(Fields(element, names))
        except PushError as error:
            yield Verdict(index=index, id=shown, state=ERROR, error=error), None
        else:
            yield Verdict(index=index, id=shown, note=note), value


class Fields:
    """One element's fields; every reader raises PushError with the field's name and the mend."""

    def __init__(self, element: Any, names: Collection[str]) -> None:
        if not isinstance(element, dict):
            raise PushError("the element is no object", mend="send an object with named fields")
        for name in element:
            if name not in names:
                close = get_close_matches(name, names, 1) or sorted(names)
                mend = "use " + ", ".join(close)
                raise PushError("there is no such field", field=_plain(name), mend=mend)
        self.told: Mapping[str, Any] = element

    def text(self, name: str, longest: int = _LONGEST) -> str:
        """Empty where it is missing. Numbers are taken as they are written."""
        value = self.told.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise PushError("is no text", field=name, mend="send a string")
        text = _storable(str(value))
        if len(text) > longest:
            mend = f"send at most {longest} characters"
            raise PushError(f"is {len(text)} characters long", field=name, mend=mend)
        return text

    def needed(self, name: str, mend: str) -> str:
        text = self.text(name)
        if not text:
            raise PushError("is missing", field=name, mend=mend)
        return text

    def choice(self, name: str, allowed: Collection[str], usual: str = "") -> str:
        text = self.text(name) or usual
        if text not in allowed:
            error = "is not a name that we know" if text else "is missing"
            raise PushError(error, field=name, mend="use " + ", ".join(sorted(allowed)))
        return text

    def flag(self, name: str) -> bool:
        value = self.told.get(name, False)
        if not isinstance(value, bool):
            raise PushError("is neither true nor false", field=name, mend="send true or false")
        return value

    def moment(self, name: str) -> datetime | None:
        """ISO 8601 with a zone; None where it is missing."""
        text = self.text(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.tzinfo is None:
            mend = "send ISO 8601 with its zone, such as 2026-11-23T09:00:00+09:00"
            raise PushError("is no time with a zone", field=name, mend=mend)
        if moment < _EARLIEST:
            mend = f"send a time since {_EARLIEST.year}, such as 2026-11-23T09:00:00+09:00"
            raise PushError("lies too far back", field=name, mend=mend)
        # The last hours of the year 9999 are the year 10000 elsewhere.
        return min(moment, _LATEST).astimezone(UTC)

    def past(self, name: str, now: datetime) -> datetime:
        moment = self.moment(name)
        if moment is None or moment > now + _SKEW:
            error = "lies in the future" if moment else "is missing"
            mend = "send when it happened, such as 2026-11-23T09:00:00+09:00"
            raise PushError(error, field=name, mend=mend)
        return moment


def _storable(text: str) -> str:
    """Without NULs and halves of surrogate pairs, which no database keeps, or blanks around."""
    return text.replace("\0", "").encode(errors="replace").decode().strip()


def _plain(text: str) -> str:
    return _storable(text)[:_LONGEST]
