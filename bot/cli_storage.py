"""The commands about the store as a whole: backup, restore, move, migrate.

Vendors' libraries are imported inside the commands, as in `bot/cli.py`.
"""

# ruff: noqa: PLC0415 - so that `--help` answers at once

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli_readings import plainly
from bot.config import load
from bot.progress import progress

if TYPE_CHECKING:
    from storage.whole.restoring import Lost

# Nothing was changed: something is in the way, or somebody said no.
NOT_DONE = 1
_PARTS = 1000
_NOTHING = ("nothing would be lost",)

_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@contextmanager
def _carefully() -> Iterator[None]:
    from bot.keeping import NotDoneError, plain

    with plainly():
        try:
            with plain():
                yield
        except NotDoneError as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], object]]:
    """Of work whose length is known only once it has begun."""
    with progress(label, _PARTS) as reach:
        yield lambda done, whole: reach(done * _PARTS // max(whole, 1))


@click.command()
@_file
@click.option("--replace", is_flag=True, help="Write over a file of that name.")
def backup(file: Path, *, replace: bool) -> None:
    """Write everything into FILE, beside a running `serve`, from one moment.

    A file in SQLite's format, of PostgreSQL too, with its SHA-256 beside it. It stands under
    its name only when it is whole, was checked and is on the disk. It holds addresses in
    clear, and nothing in it can be read by others on this machine.
    """
    with _carefully():
        from bot.keeping import back_up

        settings = load()
        with _bar("backup") as tell:
            digest = back_up(settings, file, tell, replace=replace)
    click.echo(f"backup: {file} ({file.stat().st_size} bytes, sha256 {digest})")


@click.command()
@_file
@click.option(
    "--replace", is_flag=True, help="Put it in the place of a store that holds something."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, *, replace: bool, yes: bool) -> None:
    """Put a backup in the store's place, while no `serve` works on it.

    First says what would be lost. A SQLite file that was there is kept under another name.
    What may have been posted or sent since the backup is not posted or sent again: it counts
    as unanswered, and a person decides. The time until the restart shows as a gap.
    """
    with _carefully():
        from bot.keeping import planned
        from bot.keeping import restore as carry_out

        settings = load()
        with planned(settings, file) as plan:
            for line in _losses(plan.lost) if plan.lost or not plan.used else _NOTHING:
                click.echo(line)
            if plan.used and not replace:
                click.echo("Error: the store holds something; say --replace", err=True)
                sys.exit(NOT_DONE)
            if not (yes or click.confirm("Restore?")):
                sys.exit(NOT_DONE)
            with _bar("restore") as tell:
                kept = carry_out(settings, plan, tell)
    click.echo(f"restored from {file}" + (f"; the store that was there is {kept}" if kept else ""))
    click.echo("Start `notify-errors serve`; look at `notify-errors doctor`.")


def _losses(lost: tuple[Lost, ...]) -> Iterator[str]:
    for one in lost:
        newest = f", the newest of {one.newest.isoformat(timespec='seconds')}" if one.newest else ""
        yield f"lost: {one.count} {one.kind}{newest}"


@click.command()
@click.option("--to", "url", required=True, help="postgresql://USER@HOST/DATABASE, an empty one.")
def move(url: str) -> None:
    """Move a SQLite store to PostgreSQL, beside a running `serve`.

    Rows are copied while intake goes on, then what came in meanwhile, until little is left.
    For the last of it writes wait, or are asked to come again; both sides are compared, and
    only then the file takes no more writes: restart `serve` with the new DATABASE_URL.
    Senders tell again what they could not tell in between. Broken off before that, nothing
    has changed; broken off after it, neither takes writes. Run it again: it begins anew, or
    ends what was all but done. Until it has, nothing else works on the database.
    Keep a password out of the command line: PGPASSFILE or PGPASSWORD has it.
    """
    with _carefully():
        from bot.keeping import move as carry_out

        settings = load()
        with _bar("move") as tell:
            moved = carry_out(settings, url, tell)
    if moved.before:
        click.echo(f"moved by an earlier try: {moved.rows} rows; both sides are equal")
    else:
        changes = f"{moved.changes} changes meanwhile"
        click.echo(f"moved: {moved.rows} rows, {changes}; both sides are equal")
    click.echo("Restart `notify-errors serve` with the new NOTIFY_ERRORS_DATABASE_URL.")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what is pending; change nothing.")
def migrate(*, dry_run: bool) -> None:
    """Bring the store's schema up to date, as every start does by itself.

    A SQLite file's steps are tried on a copy first. The exit status is 3 if, with --dry-run,
    something is pending.
    """
    with _carefully():
        from bot.keeping import migrated
        from storage.opening import pending_steps

        settings = load()
        steps = pending_steps(settings.database_url)
        if steps and not dry_run:
            migrated(settings)
    for step in steps:
        click.echo(f"{'pending' if dry_run else 'done'}: {step}")
    if not steps:
        click.echo("nothing is pending")
    sys.exit(3 if steps and dry_run else 0)


COMMANDS = (backup, restore, move, migrate)
