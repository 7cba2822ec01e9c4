"""`notify-errors import FILE`.

Vendors' libraries are imported inside the command, as in `bot/cli.py`.
"""

# ruff: noqa: PLC0415 - so that `--help` answers at once

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli_readings import plainly
from bot.config import load
from bot.progress import progress

if TYPE_CHECKING:
    from bot.importing import Session
    from bot.imports.reading import Findings

# Nothing was brought in: rows were not understood, or somebody said no.
NOT_IN = 1
# Nothing was brought in: there is no such file, or nobody can tell what it is.
NO_FILE = 2


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "wanted", metavar="KIND", default="", help="What it is: see docs/hosts.md.")
@click.option("--encoding", default="", help="Such as utf-8, cp932, utf-16; found out by itself.")
@click.option("--dry-run", is_flag=True, help="Show what would be brought in; store nothing.")
@click.option("--leave-out", is_flag=True, help="Bring in the rest where rows are not understood.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def bring_in(
    file: Path, wanted: str, encoding: str, *, dry_run: bool, leave_out: bool, yes: bool
) -> None:
    """Bring in a CSV file: our own export, another system's list, SendGrid's, or people.

    Shows what it was taken for and every row that is not understood, then asks.
    All of it comes in or nothing does; a second time, everything is a repetition.
    The exit status is 0 when all is in (or would be), 1 when nothing is because rows
    were not understood or you said no, 2 when the file cannot be read.
    """
    with plainly():
        settings = load()
        from bot.importing import ForgottenError, session
        from bot.imports.text import FileError

        _known(wanted, encoding)
        with session(settings) as work:
            try:
                _bring_in(work, file, wanted, encoding, (dry_run, leave_out, yes))
            except FileError as error:
                click.echo(f"Error: {file.name} {error}", err=True)
                sys.exit(NO_FILE)
            except ForgottenError:
                click.echo("Error: the answer came too late; import it again", err=True)
                sys.exit(NOT_IN)


def _known(wanted: str, encoding: str) -> None:
    from bot.imports.forms import NAMES
    from bot.imports.text import encoding_named

    if wanted and wanted not in NAMES:
        raise click.UsageError(f"--as {wanted}: use one of {', '.join(NAMES)}")
    try:
        encoding_named(encoding or "utf-8")
    except LookupError:
        raise click.UsageError(
            f"--encoding {encoding}: there is no such encoding of text; use utf-8, cp932 or the like"
        ) from None


def _bring_in(
    work: Session, file: Path, wanted: str, encoding: str, flags: tuple[bool, bool, bool]
) -> None:
    from bot.imports import preview

    dry_run, leave_out, yes = flags
    if not dry_run:
        _finish(work)
    with progress("reading", file.stat().st_size) as reach:
        found = work.read(file, wanted=wanted, encoding=encoding, dry_run=dry_run, progress=reach)
    for line in preview.lines(file.name, found, work.given):
        click.echo(line)
    _refused(found, leave_out=leave_out)
    if dry_run:
        click.echo("dry run: nothing was stored")
        return
    count = found.rows - found.bad
    if not yes and not click.confirm(f"bring in {count:,} rows?"):
        click.echo("nothing was brought in")
        sys.exit(NOT_IN)
    with progress("bringing in", count) as reach:
        done = work.bring_in(_summed(reach))
    click.echo(
        f"import: new={done.new} repeated={done.repeated} people={done.people} left_out={found.bad}"
    )


def _refused(found: Findings, *, leave_out: bool) -> None:
    if found.rows == 0:
        click.echo("there is no row below the headers: nothing was brought in")
        sys.exit(NOT_IN)
    if found.bad == found.rows or (found.bad and not leave_out):
        click.echo("nothing was brought in: mend these rows, or say --leave-out")
        sys.exit(NOT_IN)


def _finish(work: Session) -> None:
    """A file that was wanted and cut short comes first."""
    for one in work.cut_short():
        click.echo(f"{one.name}: was cut short, goes on")
        done = work.carry_on(one, lambda _: None)
        if done:
            click.echo(f"import: new={done.new} repeated={done.repeated} people={done.people}")


def _summed(reach: Callable[[int], None]) -> Callable[[int], None]:
    """Hears how many more are done, and tells how many there are."""
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        reach(done)

    return more
