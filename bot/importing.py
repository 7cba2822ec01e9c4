"""`import`: a file read, shown, and brought in whole or not at all, beside a running `serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.config import Settings
from bot.imports.reading import Findings, layout_of, read
from bot.imports.values import Given
from bot.lineworks import errors
from bot.rulebook import load_rulebook
from bot.shell import installation
from handlers import imports
from handlers.house import House, connected_at
from storage.imports import Import, Part

# Hears how far it is, of how much.
Progress = Callable[[int], None]


class ForgottenError(Exception):
    """The preview waited so long for its answer that what was read has been thrown away."""


class Session:
    """One command's work in the house: read, then bring in or drop."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self._answers = load_rulebook(settings.rules_file).answers
        self._begun: Import | None = None
        self._parts = 0

    @property
    def given(self) -> Given:
        now = self._house.now()
        return Given(
            zone=self._house.zone,
            now=now,
            connected_at=connected_at(self._house) or now,
            rules=self._house.rules,
            judge=partial(errors.judged, self._answers),
        )

    def cut_short(self) -> list[Import]:
        return imports.cut_short(self._house)

    def carry_on(self, one: Import, progress: Progress) -> Import | None:
        return imports.carry_on(self._house, one.id, progress)

    def read(
        self, path: Path, *, wanted: str, encoding: str, dry_run: bool, progress: Progress
    ) -> Findings:
        """Read and, but for a dry run, lay every part by. FileError."""
        layout = layout_of(path, wanted=wanted, encoding=encoding)
        if dry_run:
            return read(path, layout, self.given, lambda _: None, progress)
        self._begun = imports.begin(self._house, path.name)
        return read(path, layout, self.given, self._lay_by, progress)

    def _lay_by(self, part: Part) -> None:
        assert self._begun  # noqa: S101 - `read` has begun it
        if not imports.lay_by(self._house, self._begun, self._parts, part):
            raise ForgottenError
        self._parts += 1

    def bring_in(self, progress: Progress) -> Import:
        """All of it; from here on it comes in even if this process dies."""
        begun, self._begun = self._begun, None
        if begun is None or not imports.want(self._house, begun):
            raise ForgottenError
        return imports.carry_on(self._house, begun.id, progress) or begun

    def drop(self) -> None:
        """What was read and is not wanted; harmless where there is nothing."""
        if self._begun:
            imports.drop(self._house, self._begun)


@contextmanager
def session(settings: Settings) -> Iterator[Session]:
    """What is not brought in when the block ends is dropped. Raises ConfigError."""
    with installation(settings) as house:
        opened = Session(house, settings)
        try:
            yield opened
        finally:
            opened.drop()
