"""`notify-errors ...`: each command a few lines: parse, call, print.

Vendors' libraries are imported inside the commands that need them, so that
`--version` and `--help` answer at once.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import click

from bot import cli_readings, cli_running, cli_storage
from bot.cli_import import bring_in
from bot.cli_readings import plainly
from bot.config import load


class Commands(click.Group):
    """Our commands, and those that other installed parts offer under our name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        offered = entry_points(group="notify_errors.commands").names
        return sorted({*super().list_commands(ctx), *offered})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found:
            return found
        for offered in entry_points(group="notify_errors.commands", name=cmd_name):
            loaded: click.Command = offered.load()
            return loaded
        return None


@click.group(cls=Commands)
@click.version_option(package_name="notify-errors", prog_name="notify-errors")
def main() -> None:
    """Says in chat who did not get a notification, why, and what to do."""


for _command in (*cli_readings.COMMANDS, *cli_running.COMMANDS, *cli_storage.COMMANDS, bring_in):
    main.add_command(_command)


@main.command()
def serve() -> None:
    """Run the bot: its web endpoints and everything that is due."""
    with plainly():
        settings = load()
        from bot.serving import serve as run  # noqa: PLC0415 - vendors' libraries load here only

        run(settings)


@main.command()
@click.argument("period", default="today")
@click.option("--output", "folder", type=click.Path(file_okay=False), required=True)
@click.option("--raw", is_flag=True, help="Machine names and ISO times instead of words.")
def export(period: str, folder: str, *, raw: bool) -> None:
    """Write email.csv and line_works.csv, one row per case, addresses in clear, history too.

    PERIOD: today, yesterday, week, 2026-11-20, 11/20 or 2026-11-20..2026-11-22.
    """
    with plainly():
        settings = load()
        from bot.exporting import export as write  # noqa: PLC0415 - loads the storage here only

        for path, count in write(settings, period, Path(folder), raw=raw):
            click.echo(f"{path}: {count}")
