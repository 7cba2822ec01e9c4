"""`explain` in the operator's shell: for people, and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.lineworks.render import block
from bot.rulebook import Rulebook
from bot.vocabulary import vocabulary
from handlers.conversation import Buttons
from handlers.explaining import Explained, explained
from handlers.show import explaining
from handlers.show.reader import Reader


def explain(text: str, locale: str, book: Rulebook) -> Iterator[str]:
    """What the chat would say, block by block."""
    reader = Reader(
        locale=locale,
        zone=ZoneInfo("UTC"),
        now=datetime.now(UTC),
        clear=True,
        for_approvers=True,
    )
    message = explaining.message(_found(text, book), reader, str, kept=False)
    return (block(one) for one in message.elements if not isinstance(one, Buttons))


def explain_json(text: str, book: Rulebook) -> Iterator[str]:
    """One line of JSON for each refusal."""
    return (json.dumps(_told(one), ensure_ascii=False) for one in _found(text, book))


def _found(text: str, book: Rulebook) -> tuple[Explained, ...]:
    """By the rules alone: corrections are an installation's own."""
    return explained(text, vocabulary(book.answers), book.causes, {})


def _told(one: Explained) -> dict[str, Any]:
    pasted, reading = one.pasted, one.reading
    facts = {name: _plain(value) for name, value in asdict(one.facts).items() if value}
    return {
        "medium": pasted.medium,
        "recipient": pasted.recipient,
        "failed": pasted.failed,
        "kind": pasted.kind,
        "dropped_by": pasted.dropped_by,
        "cause": reading.cause if one.has_cause else None,
        "permanence": reading.permanence if one.has_cause else None,
        "confidence": reading.confidence,
        "mender": one.mender,
        "waiting_helps": one.waiting_helps,
        "rule": one.rule.name if one.rule else pasted.rule,
        "source": one.rule.source if one.rule else pasted.source,
        "evidence": pasted.evidence,
        "facts": facts | dict(pasted.facts),
        "text": pasted.text,
    }


def _plain(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value
