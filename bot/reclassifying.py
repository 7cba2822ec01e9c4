"""`reclassify`: the past read again by the present rules, beside a running `serve`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config import Settings
from bot.progress import progress
from bot.shell import installation
from handlers.privacy import masked, without_addresses
from handlers.rereading import Findings, reclassify
from storage.failures import Failure

_LONGEST_EXAMPLE = 100


def run(
    settings: Settings,
    *,
    dry_run: bool,
    every: bool,
    examples: int,
) -> tuple[Findings, str]:
    """What was found, and the version of the rules. Raises ConfigError."""
    with (
        installation(settings) as house,
        progress("reclassify", house.store.last_failure()) as reach,
    ):
        found = reclassify(
            house,
            dry_run=dry_run,
            every=every,
            examples=examples,
            progress=lambda found: reach(found.reached),
        )
        return found, house.rules.version


def lines(found: Findings, *, clear: bool) -> Iterator[str]:
    """Each change with its count and examples, the most frequent first."""
    for change, count in found.counts.most_common():
        yield f"{change.medium}: {change.before} -> {change.after}: {count}"
        for failure in found.examples.get(change, ()):
            yield f"    {_example(failure, clear=clear)}"


def _example(failure: Failure, *, clear: bool) -> str:
    words = " ".join(failure.provider_text.split())
    if clear:
        return f"{failure.recipient}  {words[:_LONGEST_EXAMPLE]}"
    return f"{masked(failure.recipient)}  {without_addresses(words)[:_LONGEST_EXAMPLE]}"


def summary(found: Findings, version: str, *, dry_run: bool) -> str:
    """One line for scripts."""
    done = "would_change" if dry_run else "changed"
    return f"reclassify: read={found.read} {done}={found.changed} left={found.left} rules={version}"
