"""The CSV files: one per medium, one row per case, in the reader's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TextIO

from handlers.house import House
from handlers.offers import is_private
from handlers.situations import entry_by_address
from handlers.wording import remedy, say
from storage.cases import Case
from storage.failures import Medium, fold_recipient
from storage.lists import RECIPIENTS_WILL, Membership
from storage.requests import Action, Request, RequestState
from storage.views import CaseQuery

# Excel takes a cell that begins so for a formula; a Japanese one full-width signs as well.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EVERY = 1_000_000

COLUMNS: dict[Medium, tuple[str, ...]] = {
    Medium.EMAIL: (
        "occurred_at",
        "person",
        "recipient",
        "kind",
        "cause",
        "permanence",
        "provider_text",
        "status",
        "list",
        "subject_or_tag",
        "times_seen",
        "state",
        "request",
        "remedy",
    ),
    Medium.LINE_WORKS: (
        "occurred_at",
        "person",
        "line_works_id",
        "kind",
        "provider_code",
        "provider_text",
        "bot_id",
        "times_seen",
        "state",
        "resend",
        "remedy",
    ),
}


class Words:
    """How a value is written: the reader's words, or the machine's with `--raw`."""

    def __init__(self, house: House, locale: str, *, raw: bool, for_approvers: bool) -> None:
        self.house, self.locale = house, locale
        self.raw, self.for_approvers = raw, for_approvers

    def say(self, area: str, word: str) -> str:
        if not word:
            return ""
        return word if self.raw else say(f"{area}.{word}", self.locale)

    def moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.house.zone)
        return local.isoformat() if self.raw else local.strftime("%Y-%m-%d %H:%M:%S")

    @cached_property
    def removals(self) -> dict[str, str]:
        """The newest request's state by address; read once, for there are few of many cases."""
        asked = self._requests(Action.REMOVE)
        return {fold_recipient(one.subject): one.state for one in asked}

    @cached_property
    def resends(self) -> dict[str, str]:
        """What became of a kept message, by its id."""
        rows = (
            row
            for one in self._requests(Action.RESEND)
            for row in self.house.store.resends(self.house.tenant, one.id)
        )
        return {row.kept_id: row.state for row in rows}

    def _requests(self, action: Action) -> list[Request]:
        """The oldest first."""
        found = self.house.store.requests(self.house.tenant, tuple(RequestState), _EVERY)
        return [one for one in found if one.action is action]

    def hidden(self, case: Case) -> bool:
        """Complaints and opt-outs are named to approvers only."""
        return is_private(case.kind, case.dropped_by) and not self.for_approvers


Cell = Callable[[Words, Case], str]


def _kind(words: Words, case: Case) -> str:
    if words.hidden(case):
        return words.say("kind", "stopped_by_recipient")
    if case.dropped_by:
        key = f"dropped.{case.dropped_by}"
        return key if words.raw else say(f"kind.{key}", words.locale)
    return words.say("kind", case.kind)


def _person(words: Words, case: Case) -> str:
    person = words.house.store.person_of(words.house.tenant, case.medium, case.recipient)
    return person.name if person else ""


def _list(words: Words, case: Case) -> str:
    membership: Membership = words.house.store.membership(words.house.tenant, case.recipient)
    names = {entry.name for entry in membership.entries}
    shown = {
        "stopped_by_recipient" if name in RECIPIENTS_WILL and not words.for_approvers else name
        for name in names
    }
    return " ".join(words.say("list", name) for name in sorted(shown))


def _removal(words: Words, case: Case) -> str:
    return words.say("request_state", words.removals.get(fold_recipient(case.recipient), ""))


def _resend(words: Words, case: Case) -> str:
    return words.say("resend_state", words.resends.get(case.kept_message, ""))


def _remedy(words: Words, case: Case) -> str:
    if words.raw:
        return ""
    return remedy(
        case.medium,
        case.kind,
        case.dropped_by,
        entry_by_address(case),
        words.locale,
        for_approvers=words.for_approvers,
    ).first


CELLS: dict[str, Cell] = {
    "occurred_at": lambda words, case: words.moment(case.last_seen),
    "person": _person,
    "recipient": lambda _, case: case.recipient,
    "line_works_id": lambda _, case: case.recipient,
    "kind": _kind,
    "cause": lambda words, case: "" if words.hidden(case) else words.say("cause", case.cause),
    "permanence": lambda words, case: words.say("permanence", case.permanence),
    "provider_text": lambda words, case: "" if words.hidden(case) else case.provider_text,
    "provider_code": lambda _, case: case.status,
    "status": lambda _, case: case.status,
    "list": _list,
    "subject_or_tag": lambda _, case: case.tag,
    "bot_id": lambda _, case: case.bot_id,
    "times_seen": lambda _, case: str(case.times_seen),
    "state": lambda words, case: words.say("state", case.state),
    "request": _removal,
    "resend": _resend,
    "remedy": _remedy,
}


def rows(words: Words, medium: Medium, cases: Iterable[Case]) -> Iterator[list[str]]:
    """The header, then one row per case."""
    columns = COLUMNS[medium]
    yield [words.say("column", column) for column in columns]
    for case in cases:
        yield [CELLS[column](words, case) for column in columns]


def write(
    words: Words,
    medium: Medium,
    query: CaseQuery,
    file: TextIO,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write one file; returns the number of cases. `--raw` keeps cells as they are."""
    writer = csv.writer(file)
    cases = words.house.store.each_case(words.house.tenant, query)
    lines = 0
    for row in rows(words, medium, cases):
        writer.writerow(row if words.raw else [_safe(cell) for cell in row])
        progress(lines)
        lines += 1
    return lines - 1


def content(words: Words, medium: Medium, query: CaseQuery) -> tuple[bytes, int]:
    """A whole file as it opens in a Japanese Excel: UTF-8 with its mark."""
    file = io.StringIO(newline="")
    count = write(words, medium, query, file)
    return file.getvalue().encode("utf-8-sig"), count


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
