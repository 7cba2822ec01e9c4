"""What the vendors' protocols know, as the table that the handlers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from bot import dsn
from bot.host import feed
from bot.host.push import Rules
from bot.lineworks import pasted as line_works
from bot.lineworks.rules import Rule, built_in
from bot.sendgrid import lists, logs, posts
from bot.sendgrid import pasted as sendgrid
from handlers.ports import Vocabulary
from storage.failures import Failure, Source

# The host is told at once what it pushed wrongly; a file is refused whole, and the relay has no words.
_READ_AGAIN = {
    Source.SENDGRID_EVENTS: posts.again,
    Source.SENDGRID_LISTS: lists.again,
    Source.SENDGRID_LOGS: logs.again,
}
_TELL_EVENTS = frozenset({Source.SENDGRID_EVENTS, Source.SENDGRID_LOGS})


def vocabulary(answers: Sequence[Rule] | None = None, host: Rules | None = None) -> Vocabulary:
    """`answers` sort LINE WORKS' refusals, instead of the built-in rows.

    Without `host`, lines of the host's feed stay in quarantine.
    """
    rules = built_in() if answers is None else answers
    return Vocabulary(
        # An event has a code of its own too: LINE WORKS' answers are looked for behind it.
        pasted=(sendgrid.pasted, partial(line_works.pasted, rules), dsn.pasted),
        hints_of=_hints_of,
        kind_of=partial(line_works.kind_of, rules),
        version=line_works.version(rules),
        read_again=_READ_AGAIN
        | ({Source.HOST_FEED: partial(feed.again, rules=host)} if host else {}),
    )


def _hints_of(failure: Failure) -> Mapping[str, str]:
    return sendgrid.hints_of(failure) if failure.source in _TELL_EVENTS else {}
