"""The composition root: the only module that sees every part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from starlette.applications import Starlette

from bot import endpoints, http
from bot.clock import TurnedClock, WallClock
from bot.config import PREFIX, ConfigError, LineWorks, Settings
from bot.engines.embedded import Embedded
from bot.host import push
from bot.lineworks import errors
from bot.lineworks.api import Api
from bot.lineworks.auth import Account, Tokens
from bot.lineworks.backlog import Backlog, Teller
from bot.lineworks.client import LineWorksChat, LineWorksSender
from bot.lineworks.drafts import StoredDrafts
from bot.lineworks.kept import cipher, resendable
from bot.lineworks.receiving import Callbacks, Crew
from bot.lineworks.relay import Relay
from bot.lineworks.rules import Rule
from bot.lineworks.starting import Trial
from bot.lineworks.talk import Talk
from bot.rulebook import Rulebook, load_rulebook
from bot.sendgrid import kinds, lists
from bot.sendgrid.signature import load_keys
from bot.sendgrid.suppressions import SendGridLists
from bot.slack.client import SlackChat
from bot.slack.listeners import bolt_app, handle
from bot.vocabulary import vocabulary
from bot.web import Answer, Endpoint, application
from handlers import desk, intake, tasks
from handlers.calendars import third_sending_day
from handlers.conversation import Command, Filled, Form, Message, Mistakes, Press
from handlers.house import House, Policy
from handlers.ports import Chat, Clock
from handlers.pulse import Pulse
from storage.failures import Medium, Source
from storage.opening import open_store

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
        for source in _pushed(settings):
            intake.listen(house, source)
        pulse = Pulse(house, _pushed(settings))
        stack.callback(pulse.stop)
        house = replace(house, up=pulse.up)
        tasks.take_up(house)
        relay = stack.enter_context(_relay(settings, house, pulse.missed))
        found = _endpoints(settings, house, pool)
        if settings.line_works:
            found["/lineworks/callback"] = _callbacks(settings.line_works, house, stack)
        trial = _trial(house)
        engines.append(
            Embedded(
                lambda: [
                    *pulse.due(),
                    *trial(),
                    *tasks.due(house, partial(lists.failure, rules=house.rules)),
                ]
            )
        )
        engines[0].start()
        stack.callback(engines[0].stop)
        yield application(found, house.store.ready, relay)


@contextmanager
def opened(settings: Settings, clock: Clock, wake: Callable[[], None]) -> Iterator[House]:
    """The house alone: all that a command line needs beside a running `serve`."""
    with ExitStack() as stack:
        store = open_store(settings.database_url)
        stack.callback(store.close)
        rulebook = _rulebook(settings)
        api = _api(settings, rulebook.answers, stack)
        yield House(
            tenant=TENANT,
            store=store,
            clock=clock,
            zone=settings.zone,
            locale=settings.locale,
            policy=_policy(settings),
            chats=_chats(settings, api),
            lists=_lists(settings, clock),
            sender=LineWorksSender(api, cipher(settings.payload_keys))
            if api and settings.payload_keys
            else None,
            wake=wake,
            rules=rulebook.causes,
            vocabulary=vocabulary(rulebook.answers),
        )


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


@contextmanager
def _naming(setting: str) -> Iterator[None]:
    """A key that only its own library can judge is refused under its setting's name."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{PREFIX}{setting} {error}") from None


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
    with _naming("LINEWORKS_PRIVATE_KEY"):
        tokens = Tokens(account, connected.auth_url, client, rules=rules)
    return Api(settings.line_works_api_url, tokens, client, rules)


def _rulebook(settings: Settings) -> Rulebook:
    """The operator's rules in front of ours."""
    with _naming("RULES_FILE"):
        return load_rulebook(settings.rules_file)


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
    )


def _pushed(settings: Settings) -> list[Source]:
    """The sources that speak to us, as far as they are connected."""
    connected = {
        Source.SENDGRID_EVENTS: settings.sendgrid,
        Source.LINEWORKS_RELAY: settings.relay_keys,
        Source.HOST_PUSH: settings.push_tokens,
    }
    return [source for source, given in connected.items() if given]


@contextmanager
def _relay(
    settings: Settings, house: House, missed: Callable[[Source, datetime], None]
) -> Iterator[Relay | None]:
    """What the relay sees is stored behind its back, so that it never stands in the way."""
    if not settings.relay_keys:
        yield None
        return
    teller = Teller(
        take=lambda _, batch: intake.relayed(house, batch),
        successes=lambda _, since: house.store.successes_since(
            house.tenant, Source.LINEWORKS_RELAY, since
        ),
        limited=lambda _, since: intake.limited(house, since),
        rejected=lambda _, told: intake.rejected(house, told),
        deadline=partial(_deadline, house),
        cipher=cipher(settings.payload_keys),
        rules=_rulebook(settings).answers,
        cap=settings.line_works_daily_cap,
    )
    backlog = Backlog(teller.tell, lambda _, at: missed(Source.LINEWORKS_RELAY, at))
    try:
        yield Relay(
            url=settings.line_works_api_url,
            tenants=dict.fromkeys(settings.relay_keys, TENANT),
            tell=backlog.put,
            now=house.now,
        )
    finally:
        backlog.close()


def _endpoints(settings: Settings, house: House, pool: ThreadPoolExecutor) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    if settings.slack:
        found["/slack/events"] = _slack(settings.slack.signing_secret, house, pool)
    if settings.sendgrid:
        with _naming("SENDGRID_WEBHOOK_PUBLIC_KEY"):
            keys = load_keys(settings.sendgrid.webhook_public_keys)
        found["/sendgrid/events"] = endpoints.sendgrid_events(house, keys)
    if settings.push_tokens:
        rules = _push_rules(settings, house)
        found["/failures"] = endpoints.failures(house, settings.push_tokens, rules)
        found["/people"] = endpoints.persons(house, settings.push_tokens)
    return found


def _push_rules(settings: Settings, house: House) -> push.Rules:
    """How the host's own telling is sorted, and how its messages are kept."""
    return push.Rules(
        causes=house.rules,
        classify={
            Medium.EMAIL: kinds.judged,
            Medium.LINE_WORKS: partial(errors.judged, _rulebook(settings).answers),
        },
        seal=cipher(settings.payload_keys).encrypt if settings.payload_keys else None,
        resendable=resendable,
        deadline=partial(_deadline, house),
    )


def _deadline(house: House, at: datetime) -> datetime:
    """Until when a message is of use whose host names no end."""
    policy = house.policy
    closes = policy.sending_window[1]
    return third_sending_day(at, closes, house.zone, policy.company_holidays)


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
