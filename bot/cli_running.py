"""The commands of whoever looks after a running bot: status, doctor, poll, quarantine.

Vendors' libraries are imported inside the commands, as in `bot/cli.py`.
"""

# ruff: noqa: PLC0415 - so that `--help` answers at once

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.cli_readings import installed
from bot.progress import progress
from handlers.privacy import without_addresses

if TYPE_CHECKING:
    from handlers.house import House
    from handlers.quarantine import Retried
    from storage.quarantine import Quarantined

_NUMBER = click.IntRange(1, 2**63 - 1)  # as far as both engines count


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, sizes in bytes.")
def status(*, as_json: bool) -> None:
    """Say how far every source was read, what waits, and what the answers stand on."""
    from bot import reporting

    with installed() as house:
        if as_json:
            click.echo(json.dumps(reporting.told(house), ensure_ascii=False))
        else:
            click.echo("\n\n".join(reporting.shown(house)))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A list of findings.")
def doctor(*, as_json: bool) -> None:
    """Say what should be mended: storage, sources, gaps, quarantine, digests.

    Asks nobody outside. Each finding says what it is, why it matters and what to do.
    The exit status is 0 if all is sound, 1 for something to look at, 2 for something to mend.
    """
    from bot.doctor import examine

    with installed() as house:
        examined = examine(house)
    told = json.dumps(examined.told(), ensure_ascii=False) if as_json else examined.shown()
    click.echo(told)
    sys.exit(examined.grade)


@click.command()
@click.option("--once", is_flag=True, help="Read everything now, and end.")
def poll(*, once: bool) -> None:
    """Read what can be asked, beside a running `serve`, which goes on as before.

    One line for each list of the provider, for its logs where the webhook is silent, and
    for the host's feed: what it had, and what of it was new. The exit status is 1 if one
    could not be read.
    """
    if not once:
        raise click.UsageError("say --once: `serve` polls by itself, again and again")
    from bot import polling

    with installed() as house:
        found = polling.poll(house)
    for line in polling.lines(found):
        click.echo(line)
    sys.exit(1 if any(one.trouble for one in found) else 0)


@click.group()
def quarantine() -> None:
    """What could not be understood: list, show, retry, drop."""


@quarantine.command("list")
def list_quarantined() -> None:
    """The oldest first: number, when, source, how long, how often, why; nobody's address."""
    from handlers.quarantine import each

    with installed() as house:
        for one in each(house):
            click.echo(_line(one))


def _line(one: Quarantined) -> str:
    at = one.told_at.isoformat(timespec="seconds")
    length = f"{one.size} bytes" + (f", cut at {len(one.body)}" if one.cut else "")
    what = "post" if one.whole else "element"
    why = without_addresses(one.reason)
    return f"{one.number}  {at}  {one.source}  {what}  {length}  {one.times}x  {why}"


@quarantine.command()
@click.argument("number", metavar="ID", type=_NUMBER)
def show(number: int) -> None:
    """Write the body as it came to standard output, and what is known of it to standard error."""
    with installed() as house:
        one = _found(house, number)
    click.echo(_line(one), err=True)
    sys.stdout.buffer.write(one.body)
    sys.stdout.buffer.flush()


@quarantine.command()
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=_NUMBER)
@click.option("--all", "every", is_flag=True, help="Everything that lies there.")
@click.option(
    "--corrected",
    type=click.File("rb"),
    help="Read this in the place of the body of the one ID; - is standard input.",
)
def retry(numbers: tuple[int, ...], corrected: BinaryIO | None, *, every: bool) -> None:
    """Read it again by what is known now; what is understood is stored and leaves.

    It is stored as new posts are, once, however often it is tried and whenever it
    is stopped. The last line sums up. The exit status is 1 if something stays.
    """
    if every == bool(numbers) or (corrected and len(numbers) != 1):
        raise click.UsageError("name IDs, or say --all; --corrected goes with one ID")
    with installed() as house:
        done = _retried(house, numbers, corrected.read() if corrected else None)
    left = [one for one in done if one.reason]
    counts = {
        name: sum(getattr(one.recorded, name) for one in done)
        for name in ("new", "repeated", "set_aside", "ignored")
    }
    told = " ".join(f"{name}={count}" for name, count in counts.items())
    click.echo(f"quarantine retry: read={len(done)} left={len(left)} {told}")
    sys.exit(1 if left else 0)


@quarantine.command()
@click.argument("numbers", metavar="ID...", nargs=-1, required=True, type=_NUMBER)
def drop(numbers: tuple[int, ...]) -> None:
    """Let go of what nobody needs; counted as lost. It goes by itself as RETENTION_DAYS says."""
    with installed() as house:
        gone = [one for one in numbers if house.store.drop_quarantined(house.tenant, one)]
    click.echo(f"quarantine drop: dropped={len(gone)} missing={len(numbers) - len(gone)}")
    sys.exit(1 if len(gone) < len(numbers) else 0)


def _retried(house: House, numbers: tuple[int, ...], corrected: bytes | None) -> list[Retried]:
    from handlers import quarantine as handlers

    length = len(numbers) or house.store.quarantine_filled(house.tenant).count
    asked = (_found(house, number) for number in numbers) if numbers else handlers.each(house)
    done = []
    with progress("quarantine retry", length) as reach:
        for one in asked:
            done.append(handlers.retry(house, one, corrected))
            reach(len(done))
            if done[-1].reason:
                click.echo(f"{one.number}: {without_addresses(done[-1].reason)}")
    return done


def _found(house: House, number: int) -> Quarantined:
    from handlers.quarantine import numbered

    found = numbered(house, number)
    if found is None:
        raise click.ClickException(f"{number}: nothing lies there; see quarantine list")
    return found


COMMANDS = (status, doctor, poll, quarantine)
