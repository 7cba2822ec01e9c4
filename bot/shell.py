"""What commands share that work on an installation's store, beside a running `serve`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.config import PREFIX, ConfigError, Settings
from bot.wiring import opened, ticking
from handlers.house import House
from storage.opening import StoreUrlError
from storage.store import StorageBusyError


@contextmanager
def installation(settings: Settings) -> Iterator[House]:
    """The house; trouble with its store becomes a ConfigError that names the setting."""
    try:
        with ticking(settings) as clock, opened(settings, clock, lambda: None) as house:
            yield house
    except (StoreUrlError, StorageBusyError) as error:
        raise ConfigError(f"{PREFIX}DATABASE_URL: {error}") from None
