"""`notify-errors demo`: the bot among stand-ins, a week of failures, a page to play in."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from starlette.applications import Starlette

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.fill import fill
from sandbox.lineworks import LineWorks, people
from sandbox.page import Page
from sandbox.play import main_job, newest_digest
from sandbox.process import BotDiedError
from sandbox.sendgrid import DELETE_KEY, HOST_KEY, READ_KEY, SendGrid
from sandbox.serving import serving
from sandbox.slack import Slack, seed
from sandbox.stage import NotSeenError, Stage, stage
from sandbox.week import plan

_PORT = 8026
_WATCH_SECONDS = 1.0
_INTERRUPTED = 130


@dataclass(frozen=True)
class Alone:
    """One stand-in, what is told about it, and what it has to know of where it listens."""

    app: Starlette
    told: dict[str, str]
    listens: Callable[[str], None] = lambda _: None


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Play the main job, print a transcript, and end.")
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep every HTTP exchange in DIR/slack.jsonl, sendgrid.jsonl and lineworks.jsonl.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Let the bot's SQLite file be FILE, a new one, and leave it there.",
)
@click.option("--port", default=_PORT, show_default=True, help="Of the page, or the next free one.")
@click.pass_context
def demo(
    context: click.Context, *, once: bool, record: Path | None, keep: Path | None, port: int
) -> None:
    """Play the whole job in a browser, without any account; Ctrl-C ends it.

    Starts stand-ins for Slack, SendGrid and LINE WORKS on loopback ports, the bot as a process of
    its own and a page to play in, and fills a week of failures through HTTP.

    For developing against one vendor, its stand-in starts alone: `notify-errors demo slack`,
    `sendgrid` or `lineworks`, each with --port. It prints where it listens and its secrets, which
    are public, and keeps its state in memory; `GET /_control/state` shows it.
    """
    if context.invoked_subcommand:
        return
    if keep and keep.exists():
        raise click.UsageError(f"--keep: {keep} exists; name a new file")
    week = plan()
    try:
        with _ending(_INTERRUPTED if once else 0), stage(week.starts, record) as house:
            if keep:
                house.settings["DATABASE_URL"] = f"sqlite:///{keep.absolute()}"
            click.echo("1週間分の通知を送っています… Sending a week of notifications ...", err=True)
            fill(house, week)
            if once:
                main_job(house, week, click.echo)
            else:
                _serve(house, port)
    except (BotDiedError, NotSeenError, LookupError) as error:
        raise click.ClickException(str(error)) from None


@contextlib.contextmanager
def _ending(status: int = 0) -> Iterator[None]:
    """Ctrl-C and SIGTERM alike unwind everything that was started, and exit with `status`."""

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, ended)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\n終了しました。 Ended.", err=True)
        raise SystemExit(status) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _serve(house: Stage, port: int) -> None:
    """Show the newest digest and the page until somebody ends it."""
    page = Page(
        slack=house.slack_app,
        lineworks=house.line_works_app,
        sendgrid=house.sendgrid_app,
        clock=house.clock,
        calls=house.calls,
        host=house.host,
    )
    click.echo(str(newest_digest(house)))
    with serving(page.app(), port) as url:
        _say_where(url, port)
        while house.bot and house.bot.alive():
            threading.Event().wait(_WATCH_SECONDS)
        raise BotDiedError(house.bot.last_words() if house.bot else "")


def _say_where(url: str, port: int) -> None:
    if not url.endswith(f":{port}"):
        click.echo(
            f"\nポート {port} は使用中です。 Port {port} is taken: the next free one is used."
        )
    click.echo(f"\nブラウザーで開いてください / Open in a browser: {url}\nCtrl-C で終了します。")


def _alone(name: str, explained: str, start: Callable[[Clock, Calls], Alone]) -> None:
    @demo.command(name, help=explained)
    @click.option("--port", default=0, help="Where it listens; any free port without it.")
    def run(port: int) -> None:
        clock = Clock()
        alone = start(clock, Calls(clock))
        app = Starlette(routes=[*alone.app.routes, *clock.routes()])
        with _ending(), serving(app, port) as url:
            alone.listens(url)
            for label, value in {"listens on": url, **alone.told}.items():
                click.echo(f"{label}: {value}")
            threading.Event().wait()


def _slack(clock: Clock, calls: Calls) -> Alone:
    slack = Slack(clock, calls)
    told = {"bot token": seed.BOT_TOKEN, "signing secret": seed.SIGNING_SECRET}
    return Alone(slack.app(), told, lambda url: setattr(slack, "base_url", url))


def _sendgrid(clock: Clock, calls: Calls) -> Alone:
    sendgrid = SendGrid(clock, calls)
    told = {"key that reads": READ_KEY, "key that deletes": DELETE_KEY, "key that sends": HOST_KEY}
    return Alone(sendgrid.app(), told | {"webhook public key": sendgrid.public_key})


def _line_works(clock: Clock, calls: Calls) -> Alone:
    line_works = LineWorks(clock, calls)
    told = {
        "client id": people.CLIENT_ID,
        "client secret": people.CLIENT_SECRET,
        "service account": people.SERVICE_ACCOUNT,
        "bot id and secret": " ".join(map(str, (people.CHAT_BOT, people.BOTS[people.CHAT_BOT][1]))),
        "private key": f"\n{line_works.private_key}",
    }
    return Alone(line_works.app(), told)


_CONTROLS = "Levers are under /_control (GET /_control/state shows all), the clock is at /clock."
_alone("slack", f"Slack's Web API at /api/. {_CONTROLS}", _slack)
_alone("sendgrid", f"SendGrid's v3 API and Event Webhook. {_CONTROLS}", _sendgrid)
_alone("lineworks", f"LINE WORKS at /v1.0, its tokens at /oauth2/v2.0. {_CONTROLS}", _line_works)
