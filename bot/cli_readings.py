"""The commands about why something failed: explain, classify, reclassify, corrections, audit.

Vendors' libraries are imported inside the commands, as in `bot/cli.py`.
"""

# ruff: noqa: PLC0415 - so that `--help` answers at once

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.config import PREFIX, ConfigError, load

if TYPE_CHECKING:
    from bot.rulebook import Rulebook
    from handlers.house import House
    from storage.corrections import Correction

# `--dry-run` says with it that there is something to change.
WOULD_CHANGE = 3
_LONGEST_PASTE = 64 * 1024
# Whoever works in the operator's shell is known to it alone.
_SHELL = "shell"


@contextmanager
def plainly() -> Iterator[None]:
    """A wrong setting is one line, not a traceback."""
    try:
        yield
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


_own_rules = click.option(
    "--rules",
    "rules_file",
    type=click.Path(path_type=Path),
    envvar=f"{PREFIX}RULES_FILE",
    help="Rules of your own, in front of the built-in ones.",
)


def _rulebook(own: Path | None) -> Rulebook:
    from bot.rulebook import load_rulebook

    try:
        return load_rulebook(own)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def installed() -> Iterator[House]:
    """The house that the settings describe, beside a running `serve`."""
    with plainly():
        settings = load()
        from bot.shell import installation

        with installation(settings) as house:
            yield house


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("text", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each refusal.")
@click.option(
    "--locale",
    type=click.Choice(["ja", "en"]),
    envvar=f"{PREFIX}LOCALE",
    default="ja",
    show_default=True,
)
@_own_rules
def explain(text: tuple[str, ...], locale: str, rules_file: Path | None, *, as_json: bool) -> None:
    """Say why something failed, by the rules alone; nothing is stored.

    TEXT: a mail server's reply, a delivery report (RFC 3464), a SendGrid event or
    list element, an answer of LINE WORKS, or a word of ours; - reads standard input.
    """
    from bot.explaining import explain as said
    from bot.explaining import explain_json

    pasted = " ".join(text)
    if text == ("-",):
        pasted = sys.stdin.buffer.read(_LONGEST_PASTE).decode(errors="replace")
    if not pasted.strip():
        raise click.UsageError("TEXT is empty; paste what is to be explained")
    book = _rulebook(rules_file)
    if as_json:
        click.echo("\n".join(explain_json(pasted, book)))
    else:
        click.echo("\n\n".join(said(pasted, locale, book)))


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help="One JSON object a line, in and out.")
@_own_rules
def classify(file: BinaryIO, rules_file: Path | None, *, jsonl: bool) -> None:
    """Read causes from many texts: no settings, no database, as much memory as one line.

    FILE (or standard input) has lines {"id", "text", "status", "code"}; each is
    answered by {"id", "cause", "permanence", "confidence", "rule"} in its place, or
    by {"id", "error"}. The exit status is 1 if there was an error.
    """
    if not jsonl:
        raise click.UsageError("say --jsonl: lines of JSON are the only form there is")
    from bot.classifying import classified

    known = _rulebook(rules_file).causes
    out = sys.stdout.buffer
    every = True
    for answer, understood in classified(file, known):
        out.write(answer + b"\n")
        # Whoever waits for the answer to one line gets it.
        out.flush()
        every = every and understood
    sys.exit(0 if every else 1)


@click.group()
def rules() -> None:
    """The rules by which refusals are read."""


@rules.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path), envvar=f"{PREFIX}RULES_FILE"
)
def check(file: Path | None) -> None:
    """Find rules that can never win, contradict, overlap without order, or lack examples.

    FILE: your own rules, checked together with the built-in ones.
    """
    book = _rulebook(file)
    from bot.rulebook import findings

    found = findings(book, file)
    for finding in found:
        click.echo(finding)
    if found:
        raise click.exceptions.Exit(1)
    known = len(book.causes.rules) + len(book.answers)
    click.echo(f"{known} rules, version {book.causes.version}: nothing to mend")


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--all", "every", is_flag=True, help="Also what the present rules have read.")
@click.option("--examples", type=click.IntRange(0, 100), default=3, show_default=True)
@click.option("--clear", is_flag=True, help="Show the examples' addresses whole.")
def reclassify(examples: int, *, dry_run: bool, every: bool, clear: bool) -> None:
    """Read stored failures again by the present rules; corrections keep their word.

    Works in short batches beside a running `serve`, and goes on where it was
    stopped. The last line sums up. With --dry-run the exit status is 3 if
    something would change.
    """
    from bot import reclassifying

    with plainly():
        found, version = reclassifying.run(load(), dry_run=dry_run, every=every, examples=examples)
    for line in reclassifying.lines(found, clear=clear):
        click.echo(line)
    click.echo(reclassifying.summary(found, version, dry_run=dry_run))
    sys.exit(WOULD_CHANGE if dry_run and found.changed else 0)


@click.group()
def corrections() -> None:
    """What people corrected: list, propose as rules, undo."""


@corrections.command("list")
def list_corrections() -> None:
    """Every correction, the newest first."""
    with installed() as house:
        for one in house.store.corrections(house.tenant):
            click.echo(_line(one))


def _line(one: Correction) -> str:
    at = one.made_at.isoformat(timespec="seconds")
    return (
        f"{one.id}  {one.state}  {one.cause} {one.permanence}  {one.relabelled} re-labelled  "
        f"{one.author}  {at}  {one.words}"
    )


@corrections.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def propose(ids: tuple[str, ...]) -> None:
    """Print corrections as rules, for the file of an operator's own rules.

    Without an ID: all that stand.
    """
    from handlers.proposing import proposal
    from storage.corrections import STANDING

    with installed() as house:
        found = house.store.corrections(house.tenant, STANDING)
    unknown = sorted(set(ids) - {one.id for one in found})
    if unknown:
        raise click.ClickException(f"{unknown[0]}: no correction that stands; see corrections list")
    click.echo("\n\n".join(proposal(one) for one in found if not ids or one.id in ids))


@corrections.command()
@click.argument("correction_id", metavar="ID")
def undo(correction_id: str) -> None:
    """Take a correction back; a running `serve` reads the past again by the rules."""
    from handlers.corrections import undo as take_back
    from storage.corrections import CorrectionState

    with installed() as house:
        undone = take_back(house, correction_id, _SHELL)
    if undone is None:
        raise click.ClickException(f"{correction_id}: no such correction; see corrections list")
    if undone.state is CorrectionState.REPLACED:
        raise click.ClickException(f"{correction_id}: a later correction took its place; undo that")
    click.echo(_line(undone))


@click.group()
def audit() -> None:
    """Who did what."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def list_acts(limit: int) -> None:
    """The acts, the newest first: when, who, what, about which correction."""
    with installed() as house:
        for one in house.store.audited(house.tenant, limit):
            click.echo(f"{one.at.isoformat(timespec='seconds')}  {one.who}  {one.act}  {one.about}")


COMMANDS = (rules, explain, classify, reclassify, corrections, audit)
