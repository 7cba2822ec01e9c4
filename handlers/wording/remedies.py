"""What to do about a failure: the fields of remedies.toml, the most specific first."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from handlers.wording.catalogue import REMEDIES, Table, read
from handlers.wording.times import language

_LOOK = "look."


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """`first` stands alone in digests; `steps` are in order."""

    meaning: str
    first: str
    steps: tuple[str, ...]
    next: str
    offer_why: str


def remedy(
    medium: str,
    kind: str,
    dropped_by: str | None,
    cause: str | None,
    locale: str,
    *,
    deadline: str = "",
    for_approvers: bool = False,
    looked: bool = False,
) -> Remedy:
    """The remedy, from the entry of kind and cause down to the kind's own.

    `deadline` is a moment in words (`when(..., zoned=True)`): until when a
    deferral is decided, a limit lifted, a resend begun. Spam reports and
    opt-outs are named `for_approvers` only. Who has `looked` at others already is
    not asked to. Raises KeyError for an unknown kind.
    """
    key = ".".join(str(part) for part in (medium, kind, dropped_by) if part)
    hidden = _entry(key).get("hidden")
    fields = ChainMap(*_layers(key if for_approvers or not hidden else hidden, cause or ""))
    spoken = language(locale)
    following = fields["next_by"] if deadline and "next_by" in fields else fields["next"]
    return Remedy(
        meaning=fields["meaning"][spoken],
        first=fields["first"][spoken],
        steps=tuple(_steps(fields["steps"][spoken], spoken, looked=looked)),
        next=following[spoken].format(deadline=deadline),
        offer_why=fields["offer_why"][spoken],
    )


def _steps(steps: Sequence[str], spoken: str, *, looked: bool) -> Iterator[str]:
    for step in steps:
        if not step.startswith(_LOOK):
            yield step
        elif not looked:
            yield _remedies()["look"][step.removeprefix(_LOOK)][spoken]


def _layers(key: str, cause: str) -> Iterator[Table]:
    """The entries to ask, the most specific first."""
    for entry in (_entry(key).get(cause), _entry(key)):
        if entry is not None:
            yield entry
            if "like" in entry:
                yield from _layers(entry["like"], cause)


def _entry(key: str) -> Table:
    table = _remedies()
    for part in key.split("."):
        if part not in table:
            raise KeyError(f"no remedy for {key!r}")
        table = table[part]
    return table


@cache
def _remedies() -> Table:
    return read(REMEDIES)
