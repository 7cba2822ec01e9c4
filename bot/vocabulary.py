"""What the vendors' protocols know, as the table that the handlers are given."""

from __future__ import annotations

from collections.abc import Mapping

from bot import dsn
from bot.lineworks import pasted as line_works
from bot.sendgrid import pasted as sendgrid
from handlers.ports import Vocabulary
from storage.failures import Failure, Source


def vocabulary() -> Vocabulary:
    return Vocabulary(
        # An event has a code of its own too: LINE WORKS' answers are looked for behind it.
        pasted=(sendgrid.pasted, line_works.pasted, dsn.pasted),
        hints_of=_hints_of,
        kind_of=line_works.kind_of,
        version=line_works.version(),
    )


def _hints_of(failure: Failure) -> Mapping[str, str]:
    return sendgrid.hints_of(failure) if failure.source is Source.SENDGRID_EVENTS else {}
