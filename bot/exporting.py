"""`export`: the CSV files in the operator's shell, beside a running `serve`."""

from __future__ import annotations

from pathlib import Path

from bot.clock import WallClock
from bot.config import ConfigError, Settings
from bot.wiring import opened
from handlers.commands import period_of
from handlers.exports import Words, write
from handlers.periods import BadPeriodError
from storage.failures import Medium
from storage.store import CaseQuery


def export(settings: Settings, text: str, folder: Path, *, raw: bool) -> list[tuple[Path, int]]:
    """Path and number of cases of each file; raises ConfigError for a period that is none."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with opened(settings, WallClock(), lambda: None) as house:
        try:
            period = period_of(house, text)
        except BadPeriodError:
            raise ConfigError(
                f"{text!r} is no period: use today, yesterday, week or 2026-11-20..2026-11-22"
            ) from None
        words = Words(house, settings.locale, raw=raw, for_approvers=True)
        for medium in Medium:
            path = folder / f"{medium}.csv"
            query = CaseQuery(since=period.since, until=period.until, medium=medium)
            # The mark is for Excel; machines would read it as part of the first name.
            encoding = "utf-8" if raw else "utf-8-sig"
            with path.open("w", encoding=encoding, newline="") as file:
                written.append((path, write(words, medium, query, file)))
    return written
