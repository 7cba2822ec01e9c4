"""What the vendors' protocols know, as the table that the handlers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bot import dsn
from bot.lineworks import pasted as line_works
from bot.lineworks.rules import Rule, built_in
from bot.sendgrid import pasted as sendgrid
from bot.sendgrid import posts
from handlers.ports import Vocabulary
from storage.failures import Failure, Source

_TELL_EVENTS = frozenset({Source.SENDGRID_EVENTS, Source.SENDGRID_LOGS})


def vocabulary(answers: Sequence[Rule] | None = None) -> Vocabulary:
    """`answers` sort LINE WORKS' refusals, instead of the built-in rows."""
    rules = built_in() if answers is None else answers
    return Vocabulary(
        # An event has a code of its own too: LINE WORKS' answers are looked for behind it.
        pasted=(sendgrid.pasted, partial(line_works.pasted, rules), dsn.pasted),
        hints_of=_hints_of,
        kind_of=partial(line_works.kind_of, rules),
        version=line_works.version(rules),
        read_again={Source.SENDGRID_EVENTS: posts.again},
    )


def _hints_of(failure: Failure) -> Mapping[str, str]:
    return sendgrid.hints_of(failure) if failure.source in _TELL_EVENTS else {}
