"""The customer's own pages, offered where a remedy names them."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.house import Policy
from handlers.show.reader import Reader
from handlers.situations import Situation
from handlers.wording import Remedy
from storage.failures import Mender

# Named in remedies by their label.
_SETTINGS = ("user_settings", "notification_settings", "external_settings")
_FOR = {
    "it_guide": frozenset({Mender.RECIPIENT_IT}),
    "runbook": frozenset({Mender.SUPPORT, Mender.SENDER}),
}


def links(policy: Policy, found: Remedy, known: Situation, reader: Reader) -> list[str]:
    """`label: value`, one a line; only what is set, and what this remedy speaks of."""
    return list(_lines(policy, found, known, reader))


def _lines(policy: Policy, found: Remedy, known: Situation, reader: Reader) -> Iterator[str]:
    said = "\n".join((found.meaning, found.first, *found.steps, found.next)).casefold()
    domain = reader.say("fact.sender_domain")
    if policy.sender_domain and domain.casefold() in said:
        yield reader.say("link.line", label=domain, value=policy.sender_domain)
    for page in (*_SETTINGS, *_FOR):
        label = reader.say(f"link.{page}")
        wanted = known.mender in _FOR[page] if page in _FOR else label.casefold() in said
        if wanted and page in policy.links:
            yield reader.say("link.line", label=label, value=policy.links[page])
