"""The composition root: the only module that sees every part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from starlette.applications import Starlette

from bot import http, sources
from bot.clock import TurnedClock, WallClock
from bot.config import LineWorks, Settings, naming
from bot.engines.embedded import Embedded
from bot.host.asking import Feed
from bot.host.push import Rules
from bot.lineworks.api import Api
from bot.lineworks.auth import Account, Tokens
from bot.lineworks.client import LineWorksChat, LineWorksSender
from bot.lineworks.drafts import StoredDrafts
from bot.lineworks.kept import cipher
from bot.lineworks.receiving import Callbacks, Crew
from bot.lineworks.rules import Rule
from bot.lineworks.starting import Trial
from bot.lineworks.talk import Talk
from bot.relaying import relaying
from bot.rulebook import Rulebook, rulebook_of
from bot.sendgrid.log_reading import SendGridLogs
from bot.sendgrid.suppressions import SendGridLists
from bot.slack.client import SlackChat
from bot.slack.listeners import bolt_app, handle
from bot.vocabulary import vocabulary
from bot.web import Answer, Endpoint, application
from handlers import desk, tasks
from handlers.conversation import Command, Filled, Form, Message, Mistakes, Press
from handlers.house import House, Policy
from handlers.ports import Chat, Clock
from handlers.pulse import Pulse
from handlers.refusals import Refusals
from storage.opening import open_store, turn_at

# One customer; a second one only needs a second name.
TENANT = "default"
_POOL = 8


@dataclass(frozen=True)
class Desk:
    """The handlers' desk, as both chat products ask for it."""

    house: House

    def command(self, command: Command) -> Message:
        return desk.command(self.house, command)

    def press(self, press: Press) -> Message | Form | None:
        return desk.press(self.house, press)

    def fill(self, filled: Filled) -> Message | Mistakes | None:
        return desk.fill(self.house, filled)

    def too_late(self, person: str) -> Message:
        return desk.too_late(self.house, person)

    def trouble(self, person: str) -> tuple[Message, str]:
        return desk.trouble(self.house, person)


@contextmanager
def running(settings: Settings) -> Iterator[Starlette]:
    """Everything that `serve` needs, started; stopped in the opposite order."""
    with ExitStack() as stack:
        engines: list[Embedded] = []

        def wake() -> None:
            for engine in engines:
                engine.wake()

        clock = stack.enter_context(ticking(settings, wake))
        house = stack.enter_context(opened(settings, clock, wake))
        pool = stack.enter_context(ThreadPoolExecutor(_POOL, thread_name_prefix="answers"))
        sources.listen(settings, house)
        pulse = Pulse(house, sources.pushed(settings))
        stack.callback(pulse.stop)
        house = replace(house, up=pulse.up)
        tasks.take_up(house)
        relay = stack.enter_context(relaying(settings, house, pulse.missed))
        found = sources.routes(settings, house)
        refusals, told_to_us = Refusals(house), frozenset(found)

        def refused(path: str) -> None:
            if path in told_to_us:
                refusals.refused()

        if settings.slack:
            found["/slack/events"] = _slack(settings.slack.signing_secret, house, pool)
        if settings.line_works:
            found["/lineworks/callback"] = _callbacks(settings.line_works, house, stack)
        trial = _trial(house)
        polled = sources.polled(settings, house)
        engines.append(
            Embedded(lambda: [*pulse.due(), *refusals.due(), *trial(), *tasks.due(house, polled)])
        )
        engines[0].start()
        stack.callback(engines[0].stop)
        yield application(found, house.store.ready, relay, refused)


@contextmanager
def opened(settings: Settings, clock: Clock, wake: Callable[[], None]) -> Iterator[House]:
    """The house alone: all that a command line needs beside a running `serve`."""
    with ExitStack() as stack:
        store = open_store(settings.database_url)
        stack.callback(store.close)
        rulebook = rulebook_of(settings)
        api = _api(settings, rulebook.answers, stack)
        house = House(
            tenant=TENANT,
            store=store,
            clock=clock,
            zone=settings.zone,
            locale=settings.locale,
            policy=_policy(settings),
            chats=_chats(settings, api),
            sources=sources.covered(settings),
            lists=_lists(settings, clock),
            logs=_logs(settings, clock, rulebook),
            sender=LineWorksSender(api, cipher(settings.payload_keys))
            if api and settings.payload_keys
            else None,
            wake=wake,
            rules=rulebook.causes,
        )
        host = sources.push_rules(settings, house)
        yield replace(
            house,
            feed=_feed(settings, house, host, stack),
            vocabulary=vocabulary(rulebook.answers, host),
        )


def _feed(settings: Settings, house: House, rules: Rules, stack: ExitStack) -> Feed | None:
    """The host's own records, asked for."""
    connected = settings.host_feed
    if connected is None:
        return None
    client = stack.enter_context(http.client())
    return Feed(connected.url, connected.token, client, house.clock, rules)


def _policy(settings: Settings) -> Policy:
    return Policy(
        admins=settings.admins,
        approvers=settings.approvers,
        same_person=settings.same_person,
        digest_channels=settings.digest_channels,
        digest_at=settings.digest_at,
        admin_channel=settings.admin_channel,
        approval_channel=settings.approval_channel,
        sending_window=settings.sending_window,
        company_holidays=settings.company_holidays,
        # For runs longer than half an hour LINE WORKS asks for half the plan's rate.
        resends_per_minute=settings.line_works_rate_per_minute / 2,
        poll_seconds=settings.sendgrid.poll_seconds if settings.sendgrid else 0,
        support_contact=settings.support_contact,
        service_name=settings.service_name,
        sender_domain=settings.sender_domain,
        sender_ips=settings.sender_ips,
        links=settings.links,
        domain_fails_at=settings.domain_fails_at,
        keep=settings.keep,
    )


@contextmanager
def ticking(settings: Settings, wake: Callable[[], None] = lambda: None) -> Iterator[Clock]:
    """The wall's clock, or the one that CLOCK_URL turns; then `wake` is called at a jump."""
    if not settings.clock_url:
        yield WallClock()
        return
    clock = TurnedClock(settings.clock_url)
    clock.follow(wake)
    try:
        yield clock
    finally:
        clock.stop()


def _api(settings: Settings, rules: Sequence[Rule], stack: ExitStack) -> Api | None:
    """LINE WORKS with our own service account: as a chat, and for resends."""
    connected = settings.line_works
    if connected is None:
        return None
    client = stack.enter_context(http.client())
    account = Account(
        client_id=connected.client_id,
        client_secret=connected.client_secret,
        service_account=connected.service_account,
        private_key=connected.private_key,
    )
    with naming("LINEWORKS_PRIVATE_KEY"):
        tokens = Tokens(account, connected.auth_url, client, rules=rules)
    return Api(settings.line_works_api_url, tokens, client, rules)


def _chats(settings: Settings, api: Api | None) -> dict[str, Chat]:
    chats: dict[str, Chat] = {}
    if settings.slack:
        chats["slack"] = SlackChat(
            settings.slack.bot_token,
            base_url=settings.slack.api_url,
            locale=settings.locale,
            zone=settings.zone,
        )
    if settings.line_works and api:
        bot_id = settings.line_works.bot_id
        chats["lineworks"] = LineWorksChat(api, bot_id, settings.locale, settings.zone)
    return chats


def _lists(settings: Settings, clock: Clock) -> SendGridLists | None:
    connected = settings.sendgrid
    if connected is None:
        return None
    return SendGridLists(
        read_key=connected.api_key,
        delete_key=connected.delete_api_key,
        url=connected.api_url,
        clock=clock,
        turns=partial(turn_at, settings.database_url),
    )


def _logs(settings: Settings, clock: Clock, rulebook: Rulebook) -> SendGridLogs | None:
    connected = settings.sendgrid
    if connected is None or not connected.logs:
        return None
    return SendGridLogs(
        key=connected.api_key, url=connected.api_url, clock=clock, rules=rulebook.causes
    )


def _trial(house: House) -> Callable[[], list[tasks.Unit]]:
    chat = house.chats.get("lineworks")
    return Trial(house, chat.sign_in).due if isinstance(chat, LineWorksChat) else list


def _callbacks(connected: LineWorks, house: House, stack: ExitStack) -> Endpoint:
    """LINE WORKS as a chat: taken at once, answered behind it."""
    chat = house.chats["lineworks"]
    assert isinstance(chat, LineWorksChat)  # noqa: S101 - _chats made it
    crew = Crew(
        Talk(
            chat, Desk(house), StoredDrafts(store=house.store, tenant=house.tenant, now=house.now)
        ).hear
    )
    stack.callback(crew.close)
    callbacks = Callbacks(connected.bot_id, connected.bot_secrets, crew)

    def endpoint(body: bytes, headers: Mapping[str, str]) -> Answer:
        status, content = callbacks.receive(body, headers)
        return Answer(status=status, body=content)

    return endpoint


def _slack(signing_secret: str, house: House, pool: ThreadPoolExecutor) -> Endpoint:
    chat = house.chats["slack"]
    assert isinstance(chat, SlackChat)  # noqa: S101 - _chats made it
    app = bolt_app(signing_secret, chat, Desk(house), pool)

    def endpoint(body: bytes, headers: Mapping[str, str]) -> Answer:
        status, answered, content = handle(app, body, headers)
        return Answer(status=status, body=content, headers=answered)

    return endpoint
