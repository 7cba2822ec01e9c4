"""One body that is answered 500 again and again: the message, or an outage? No I/O.

Some bodies are answered 500 for good: in 2026-08 an integrator of LINE WORKS' webhook
got past it only by taking links and mentions out of the text. How often is enough is
published nowhere; five is our own number.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.lineworks.relayed import Relayed
from storage.failures import Kind

ENOUGH = 5
_ERROR = 500
_TROUBLE = frozenset({Kind.PROVIDER_DOWN, Kind.UNANSWERED})
# Beyond these the oldest are forgotten: an outage fails every body there is.
_BODIES = 200
_TELLINGS = 1000

# Recipient and source id: what finds a stored failure again.
Told: TypeAlias = tuple[str, str]


@dataclass(kw_only=True)
class _Run:
    """500s for one body with nothing else for it in between."""

    others_pass: bool | None  # how the last other body fared; None: there was none
    count: int = 0
    recipients: set[str] = field(default_factory=set)
    told: deque[Told] = field(default_factory=lambda: deque(maxlen=_TELLINGS))

    def refused(self) -> bool:
        """While others fail it is an outage; where none was tried, a broadcast proves nothing."""
        passes = len(self.recipients) == 1 if self.others_pass is None else self.others_pass
        return passes and self.count >= ENOUGH


@dataclass(kw_only=True)
class _Bot:
    """Its failing bodies, the one that failed last at the end; `fails`: the last call did."""

    runs: OrderedDict[str, _Run] = field(default_factory=OrderedDict)
    fails: bool = False


class Bodies:
    """In memory: a restart counts anew. For one thread."""

    def __init__(self) -> None:
        self._bots: dict[tuple[str, str], _Bot] = {}

    def judge(
        self, tenant: str, relayed: Relayed, told: Told, status: int, kind: Kind | None
    ) -> Sequence[Told] | None:
        """None: it is as it was read. Else the message is refused, and so were those of before.

        `kind` as read from the answer, None for an acceptance.
        """
        bot = self._bots.setdefault((tenant, relayed.bot_id), _Bot())
        failing = status == _ERROR and kind is Kind.PROVIDER_DOWN
        found = _failed(bot, relayed, told) if failing else None
        if not failing:
            bot.runs.pop(relayed.digest, None)
        if kind is None or kind in _TROUBLE:
            bot.fails = kind is not None
            for digest, run in bot.runs.items():
                if digest != relayed.digest:
                    run.others_pass = kind is None
        return found


def _failed(bot: _Bot, relayed: Relayed, told: Told) -> Sequence[Told] | None:
    # With no run of its own, it was another body that failed last.
    run = bot.runs.setdefault(relayed.digest, _Run(others_pass=False if bot.fails else None))
    bot.runs.move_to_end(relayed.digest)
    if len(bot.runs) > _BODIES:
        bot.runs.popitem(last=False)
    run.count += 1
    run.recipients.add(relayed.recipient)
    if not run.refused():
        run.told.append(told)
        return None
    before = tuple(dict.fromkeys(run.told))
    run.told.clear()
    return before
