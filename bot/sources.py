"""The table of all sources: when each is connected, what it can tell, how it comes to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot import endpoints
from bot.config import Settings, naming
from bot.host import push
from bot.lineworks import errors
from bot.lineworks.kept import cipher, resendable
from bot.rulebook import rulebook_of
from bot.sendgrid import kinds, lists
from bot.sendgrid.signature import load_keys
from bot.web import Endpoint
from handlers import feeds, intake, mail_logs, polls, reconciling
from handlers.calendars import third_sending_day
from handlers.house import House
from handlers.polls import Polled
from handlers.ports import Covers
from storage.failures import KINDS, Kind, Medium, Source

Routes = Mapping[str, Endpoint]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One source. `tells`: the kinds that it can name, by medium.

    `routes`: where it speaks to us, by path. `polled`: how it is read, for one that is
    asked. The relay has neither, for it stands in the web server itself
    (see `bot.relaying`), and a file has neither, for somebody brings it (see `bot.importing`).
    """

    source: Source
    connected: Callable[[Settings], object]
    tells: Mapping[Medium, frozenset[Kind]]
    covers: Covers
    routes: Callable[[Settings, House], Routes] = lambda *_: {}
    polled: Callable[[House], tuple[Polled, ...]] = lambda _: ()


def connected(settings: Settings) -> tuple[Row, ...]:
    return tuple(row for row in SOURCES if row.connected(settings))


def covered(settings: Settings) -> dict[Source, Covers]:
    """What can be known of how far each connected source reaches."""
    return {row.source: row.covers for row in connected(settings)}


def routes(settings: Settings, house: House) -> dict[str, Endpoint]:
    """Path -> endpoint of every connected source that speaks to us."""
    found = [row.routes(settings, house) for row in connected(settings)]
    return {path: endpoint for one in found for path, endpoint in one.items()}


def polled(settings: Settings, house: House) -> tuple[Polled, ...]:
    """The readings of every connected source that is asked."""
    return tuple(one for row in connected(settings) for one in row.polled(house))


def pushed(settings: Settings) -> list[Source]:
    """The connected sources that speak to us."""
    return [row.source for row in connected(settings) if row.covers is Covers.UP]


def listen(settings: Settings, house: House) -> None:
    """From this start on we are up for those that speak to us."""
    for source in pushed(settings):
        intake.listen(house, source)


def deadline(house: House, at: datetime) -> datetime:
    """Until when a message is of use whose host names no end."""
    policy = house.policy
    closes = policy.sending_window[1]
    return third_sending_day(at, closes, house.zone, policy.company_holidays)


def _events(settings: Settings, house: House) -> Routes:
    assert settings.sendgrid  # noqa: S101 - its row is connected
    with naming("SENDGRID_WEBHOOK_PUBLIC_KEY"):
        keys = load_keys(settings.sendgrid.webhook_public_keys)
    return {"/sendgrid/events": endpoints.sendgrid_events(house, keys)}


def _push(settings: Settings, house: House) -> Routes:
    tokens = settings.push_tokens
    return {
        "/failures": endpoints.failures(house, tokens, push_rules(settings, house)),
        "/people": endpoints.persons(house, tokens),
    }


def push_rules(settings: Settings, house: House) -> push.Rules:
    """How the host's own telling is sorted, and how its messages are kept."""
    return push.Rules(
        causes=house.rules,
        classify={
            Medium.EMAIL: kinds.judged,
            Medium.LINE_WORKS: partial(errors.judged, rulebook_of(settings).answers),
        },
        seal=cipher(settings.payload_keys).encrypt if settings.payload_keys else None,
        resendable=resendable,
        deadline=partial(deadline, house),
    )


def _webhook(settings: Settings) -> object:
    return settings.sendgrid and settings.sendgrid.webhook_public_keys


def _logs(_: House) -> tuple[Polled, ...]:
    return (
        Polled(source=Source.SENDGRID_LOGS, name="logs", due=mail_logs.due, read=mail_logs.read),
    )


def _lists(house: House) -> tuple[Polled, ...]:
    as_failure = partial(lists.failure, rules=house.rules)
    return (
        Polled(
            source=Source.SENDGRID_LISTS,
            name="poll",
            due=polls.due,
            read=partial(polls.poll, as_failure=as_failure),
        ),
        Polled(
            source=Source.SENDGRID_LISTS,
            name="reconcile",
            due=reconciling.due,
            read=partial(reconciling.read, as_failure=as_failure),
        ),
    )


SOURCES: tuple[Row, ...] = (
    Row(
        source=Source.SENDGRID_EVENTS,
        connected=_webhook,
        tells={Medium.EMAIL: KINDS[Medium.EMAIL]},
        covers=Covers.UP,
        routes=_events,
    ),
    Row(
        source=Source.SENDGRID_LISTS,
        connected=lambda settings: settings.sendgrid,
        tells={Medium.EMAIL: frozenset(kinds.KIND_OF_LIST.values())},
        covers=Covers.READ,
        polled=_lists,
    ),
    Row(
        source=Source.SENDGRID_LOGS,
        connected=lambda settings: settings.sendgrid and settings.sendgrid.logs,
        tells={Medium.EMAIL: KINDS[Medium.EMAIL]},
        covers=Covers.READ,
        polled=_logs,
    ),
    Row(
        source=Source.LINEWORKS_RELAY,
        connected=lambda settings: settings.relay_keys,
        tells={Medium.LINE_WORKS: KINDS[Medium.LINE_WORKS]},
        covers=Covers.UP,
    ),
    Row(
        source=Source.HOST_PUSH,
        connected=lambda settings: settings.push_tokens,
        tells=KINDS,
        covers=Covers.UP,
        routes=_push,
    ),
    Row(
        source=Source.HOST_FEED,
        connected=lambda settings: settings.host_feed,
        tells=KINDS,
        covers=Covers.READ,
        polled=lambda _: (
            Polled(source=Source.HOST_FEED, name="feed", due=feeds.due, read=feeds.read),
        ),
    ),
    Row(
        source=Source.CSV,
        connected=lambda _: True,
        tells=KINDS,
        covers=Covers.NOTHING,
    ),
)
