"""The kinds of files that are known: what each must have, and how a row of it is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from bot.imports import failure_rows, people_rows, sendgrid_rows, values
from bot.imports.failure_rows import Row, Told
from bot.imports.headers import columns_of, exported, plain
from bot.imports.text import FileError
from bot.imports.values import Given
from storage.failures import Medium
from storage.lists import ListName

Reader: TypeAlias = Callable[[Row, Given], Told]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One kind of file.

    `needs`: of each set at least one column. `named`: parts of file names that
    speak for it where the columns do not decide. `raw`: cells stand as they are.
    `speaks_for`: a column that decides between forms that fit as well.
    """

    name: str
    says: str
    needs: tuple[frozenset[str], ...]
    read: Reader
    named: tuple[str, ...] = ()
    speaks_for: str = ""
    raw: bool = False


def _of(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split("|")) for group in groups)


def _export(medium: Medium, says: str, *, raw: bool) -> Form:
    column = "line_works_id" if medium is Medium.LINE_WORKS else "recipient"
    return Form(
        name=f"export-{medium}".replace("_", "-"),
        says=says,
        needs=_of("occurred_at", column, "kind", "state", "times_seen"),
        read=partial(failure_rows.ours, medium=medium),
        raw=raw,
    )


_FAILED = "kind|cause|provider_text"
_LISTED = "SendGrid's dashboard export of "
EXPORTS = {
    Medium.EMAIL: "our own export of e-mail failures",
    Medium.LINE_WORKS: "our own export of LINE WORKS failures",
}
FORMS = (
    *(_export(medium, says, raw=False) for medium, says in EXPORTS.items()),
    Form(
        name="screen-email",
        says="a list of e-mail failures of another system",
        needs=_of("occurred_at", "recipient|email", _FAILED),
        read=partial(failure_rows.others, medium=Medium.EMAIL),
        named=("メール", "mail"),
        speaks_for="email",
    ),
    Form(
        name="screen-line-works",
        says="a list of LINE WORKS failures of another system",
        needs=_of("occurred_at", "line_works_id|recipient", _FAILED),
        read=partial(failure_rows.others, medium=Medium.LINE_WORKS),
        named=("lineworks",),
        speaks_for="line_works_id",
    ),
    Form(
        name="sendgrid-bounces",
        says=_LISTED + "bounces",
        needs=_of("email", "created", "reason", "status"),
        read=partial(sendgrid_rows.listed, name=ListName.BOUNCES),
        named=("bounce",),
    ),
    Form(
        name="sendgrid-blocks",
        says=_LISTED + "blocks",
        needs=_of("email", "created", "reason", "status"),
        read=partial(sendgrid_rows.listed, name=ListName.BLOCKS),
        named=("block",),
    ),
    Form(
        name="sendgrid-invalid",
        says=_LISTED + "invalid emails",
        needs=_of("email", "created", "reason"),
        read=partial(sendgrid_rows.listed, name=ListName.INVALID_EMAILS),
    ),
    Form(
        name="sendgrid-spam-reports",
        says=_LISTED + "spam reports",
        needs=_of("email", "created", "ip"),
        read=partial(sendgrid_rows.listed, name=ListName.SPAM_REPORTS),
    ),
    Form(
        name="sendgrid-groups",
        says=_LISTED + "group unsubscribes",
        needs=_of("email", "created", "group"),
        read=partial(sendgrid_rows.listed, name=ListName.GROUPS),
    ),
    Form(
        name="sendgrid-unsubscribes",
        says=_LISTED + "global unsubscribes",
        needs=_of("email", "created"),
        read=partial(sendgrid_rows.listed, name=ListName.UNSUBSCRIBES),
    ),
    Form(
        name="sendgrid-activity",
        says=_LISTED + "the e-mail activity",
        needs=_of("email", "processed", "event|status", "message_id|subject_or_tag|event"),
        read=sendgrid_rows.activity,
    ),
    Form(
        name="people",
        says="a list of people",
        needs=_of("person|id", "email|recipient|line_works_id|no_address"),
        read=people_rows.person,
    ),
)
NAMES = tuple(form.name for form in FORMS)


def fitting(headers: Sequence[str], wanted: str = "") -> list[Form]:
    """The forms that these headers fit best; `wanted` needs no more than one known column."""
    columns = set(columns_of(headers)) - {""}
    medium, raw = exported(headers)
    if medium and wanted in {"", f"export-{medium}".replace("_", "-")}:
        return [_export(medium, EXPORTS[medium], raw=raw)]
    if wanted:
        return [one for one in FORMS if one.name == wanted and columns]
    fits = [one for one in FORMS if all(group & columns for group in one.needs)]
    weight = {one.name: len(one.needs) + (one.speaks_for in columns) for one in fits}
    return [one for one in fits if weight[one.name] == max(weight.values())]


def chosen(fits: Sequence[Form], file_name: str, rows: Collection[Row]) -> tuple[Form, str]:
    """One of those that fit, and what decided; FileError where nothing does."""
    if len(fits) == 1:
        return fits[0], "its columns"
    said = plain(file_name)
    named = [one for one in fits if any(plain(part) in said for part in one.named)]
    if len(named) == 1:
        return named[0], "its name"
    spoken = {
        medium
        for medium in Medium
        for row in rows
        if values.said_kind("\n".join(row.values()), medium)
    }
    told = [one for one in fits if one.name.removeprefix("screen-") in _names(spoken)]
    if len(told) == 1:
        return told[0], "the words in its first rows"
    could = " or ".join(f"--as {one.name}" for one in fits)
    raise FileError(f"may be {len(fits)} things: say {could}")


def _names(media: Collection[Medium]) -> set[str]:
    return {str(medium).replace("_", "-") for medium in media}
