"""What a file was taken for, in the words of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from bot.imports.failure_rows import Fact, Told
from bot.imports.reading import Findings, Layout, Trouble
from bot.imports.values import Given
from storage.failures import Success
from storage.imports import Left
from storage.people import Person

_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons"}
_LONGEST = 60


def lines(name: str, found: Findings, given: Given) -> Iterator[str]:
    """The file, its rows as they were understood, and those that were not."""
    yield from _taken_for(name, found.layout, given)
    yield f"  rows: {found.rows:,}{_counted(found)}"
    if found.history:
        yield f"  older than this installation, so no news: {found.history:,}"
    if found.first:
        yield "first rows:"
    for line, told in found.first:
        yield f"  line {line:,}: {_said(told, given)}"
    yield from _troubles(found)


def _taken_for(name: str, layout: Layout, given: Given) -> Iterator[str]:
    yield f"{name}: {layout.form.says} ({layout.form.name}), by {layout.decided}"
    cells = _DELIMITERS[layout.delimiter]
    yield f"  {layout.encoding}, cells between {cells}, headers in line {layout.header.line}"
    pairs = zip(layout.header.cells, layout.columns, strict=True)
    used = [f"{header.strip()} = {column}" for header, column in pairs if column]
    strange = [
        header.strip()
        for header, column in zip(layout.header.cells, layout.columns, strict=True)
        if not column and header.strip()
    ]
    yield f"  columns: {', '.join(used)}"
    if strange:
        yield f"  not known, left out: {', '.join(strange)}"
    yield f"  times without a zone: {'UTC' if 'sendgrid' in layout.form.name else given.zone}"


def _counted(found: Findings) -> str:
    counts = [f"{kind} {count:,}" for kind, count in found.kinds.most_common()]
    for word, count in (
        ("people", found.people),
        ("delivered", found.delivered),
        ("tell of no failure", found.ignored),
        ("not understood", found.bad),
    ):
        counts += [f"{word} {count:,}"] if count else []
    return ": " + ", ".join(counts) if counts else ""


def _said(told: Told, given: Given) -> str:
    return " + ".join(_one(one, given) for one in told) or "no failure"


def _one(one: Fact, given: Given) -> str:
    if isinstance(one, Person):
        told = [one.id, one.name, "no address" if one.no_address else one.email, one.line_works_id]
        return "  ".join(filter(None, [*told, one.tag]))
    if isinstance(one, Left):
        return "gone from the lists"
    at = one.occurred_at.astimezone(given.zone).isoformat(sep=" ", timespec="seconds")
    if isinstance(one, Success):
        return f"delivered  {one.recipient}  {at}"
    kind = f"{one.kind}.{one.dropped_by}" if one.dropped_by else str(one.kind)
    words = " ".join(one.provider_text.split())[:_LONGEST]
    return f"{kind}  {one.recipient}  {at}  {one.reading.cause}  {words}".rstrip()


def _troubles(found: Findings) -> Iterator[str]:
    if found.bad:
        yield f"not understood: {found.bad:,}"
    for trouble in found.troubles:
        yield f"  {_place(trouble)}: {trouble.reason}"
    if found.bad > len(found.troubles):
        yield f"  and {found.bad - len(found.troubles):,} more"


def _place(trouble: Trouble) -> str:
    if trouble.end == trouble.line:
        return f"line {trouble.line:,}"
    return f"lines {trouble.line:,} to {trouble.end:,}"
