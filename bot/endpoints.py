"""What arrives by HTTP, verified, understood and handed to intake; one function a route."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from bot.host import people, push
from bot.host.wire import PushError, authorised, reply
from bot.sendgrid import events, signature
from bot.sendgrid.kinds import AccountChange
from bot.web import Answer, Endpoint
from handlers.alarming import alarm
from handlers.calendars import start_of_tokyo_day
from handlers.house import House
from handlers.intake import heard, record
from storage.failures import Source

log = structlog.get_logger()


_SIGNED = signature.SIGNATURE_HEADER.lower()
_STAMPED = signature.TIMESTAMP_HEADER.lower()


def said(status: int, **words: object) -> Answer:
    """A JSON answer."""
    body = json.dumps(words, ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers={"content-type": "application/json"})


def _once(one: events.AccountAlarm) -> str:
    """A used-up plan is told with every mail, and told on once a day, as intake does."""
    used_up = one.change is AccountChange.OVER_QUOTA
    return f"{start_of_tokyo_day(one.occurred_at).date()}" if used_up else ""


def sendgrid_events(house: House, keys: Sequence[EllipticCurvePublicKey]) -> Endpoint:
    """The Event Webhook: 2xx only after the durable write; a bad signature stores nothing."""

    def endpoint(body: bytes, headers: Mapping[str, str]) -> Answer:
        signed, at = headers.get(_SIGNED, ""), headers.get(_STAMPED, "")
        if not signed or not at:
            return said(401, error="the post is not signed: enable the signed Event Webhook")
        if not signature.verify(body, signed, at, keys):
            return said(403, error="the signature does not fit: compare the public key")
        try:
            parsed = events.parse(body, house.now(), rules=house.rules)
        except ValueError as error:
            return said(400, error=str(error))
        recorded = record(house, parsed.batch)
        for one in parsed.alarms:
            alarm(house, one.change, one.occurred_at, once=_once(one), word=one.word)
        heard(house, Source.SENDGRID_EVENTS)
        log.info(
            "sendgrid_events",
            new=recorded.new,
            repeated=recorded.repeated,
            set_aside=recorded.set_aside,
            ignored=parsed.ignored,
        )
        return Answer(status=204)

    return endpoint


def failures(house: House, tokens: Sequence[str], rules: push.Rules) -> Endpoint:
    """`POST /failures`: hosts that would rather tell us themselves."""

    def take(body: bytes) -> Answer:
        pushed = push.parse(body, house.now(), rules)
        recorded = record(house, pushed.batch)
        heard(house, Source.HOST_PUSH)
        again = push.known_before(pushed, recorded)
        told = house.store.told_before(house.tenant, Source.HOST_PUSH, again)
        status, words = reply(push.settled(pushed, recorded, told))
        return said(status, **words)

    return _of_host(tokens, take)


def persons(house: House, tokens: Sequence[str]) -> Endpoint:
    """`POST /people`: who is behind an address and an id."""

    def take(body: bytes) -> Answer:
        pushed = people.parse(body)
        house.store.put_people(house.tenant, pushed.people)
        status, words = reply(pushed.verdicts)
        return said(status, **words)

    return _of_host(tokens, take)


def _of_host(tokens: Sequence[str], take: Callable[[bytes], Answer]) -> Endpoint:
    """Only with a token; a body that cannot be read says what is wrong and the mend."""

    def endpoint(body: bytes, headers: Mapping[str, str]) -> Answer:
        if not authorised(headers.get("authorization", ""), tokens):
            return said(401, error="send Authorization: Bearer with the push token")
        if not headers.get("content-type", "").startswith("application/json"):
            return said(415, error="send it as Content-Type: application/json")
        try:
            return take(body)
        except PushError as error:
            return said(error.status, **error.words())

    return endpoint
