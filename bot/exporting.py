"""`export`: the CSV files in the operator's shell, beside a running `serve`."""

from __future__ import annotations

from pathlib import Path

from bot.config import ConfigError, Settings
from bot.progress import progress
from bot.shell import installation
from handlers.commands import period_of
from handlers.exports import Words, write
from handlers.house import House
from handlers.periods import BadPeriodError
from handlers.wording import say
from storage.failures import Medium
from storage.views import CaseQuery


def export(settings: Settings, text: str, folder: Path, *, raw: bool) -> list[tuple[Path, int]]:
    """Path and number of cases of each file; raises ConfigError where that cannot be done."""
    try:
        with installation(settings) as house:
            return _written(house, settings.locale, text, folder, raw=raw)
    except BadPeriodError as error:
        # As in the chat, whose commands have a prefix in Slack.
        words = say(f"bad.{error.word}", settings.locale, typed=text, prefix="", **error.slots)
        raise ConfigError(words) from None
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror}; name a folder to write to") from None


def _written(
    house: House, locale: str, text: str, folder: Path, *, raw: bool
) -> list[tuple[Path, int]]:
    period = period_of(house, text)
    folder.mkdir(parents=True, exist_ok=True)
    words = Words(house, locale, raw=raw, for_approvers=True)
    written = []
    for medium in Medium:
        path = folder / f"{medium}.csv"
        # Whole, so that it can be brought into another installation: history too.
        query = CaseQuery(since=period.since, until=period.until, medium=medium, fresh=False)
        # The mark is for Excel; machines would read it as part of the first name.
        encoding = "utf-8" if raw else "utf-8-sig"
        length = sum(group.count for group in house.store.groups(house.tenant, query))
        with (
            path.open("w", encoding=encoding, newline="") as file,
            progress(path.name, length) as reach,
        ):
            written.append((path, write(words, medium, query, file, reach)))
    return written
