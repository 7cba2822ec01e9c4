"""Where a bot that is killed keeps what it was told: a file, or a database of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click


@contextmanager
def _file(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'crash.db'}"


@contextmanager
def _database(_: Path) -> Iterator[str]:
    """Of a server of its own, since it may have to be stopped while it is busy."""
    from tests.postgres import binaries, running  # noqa: PLC0415 - a file needs no driver

    if binaries() is None:
        raise click.ClickException("no PostgreSQL here: apt-get install postgresql")
    with running() as server:
        yield server.empty_database("TEMPLATE template0 ENCODING 'UTF8'")


# The URL of an empty store, gone when it is left, by what `--storage` may name.
STORES: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": _file,
    "postgres": _database,
}
storage_option = click.option(
    "--storage", type=click.Choice(list(STORES)), default="sqlite", show_default=True
)
