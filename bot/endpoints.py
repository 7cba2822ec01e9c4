"""What arrives by HTTP, verified, understood and handed to intake; one function a route."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from bot.host import people, push
from bot.host.wire import PushError, authorised, reply
from bot.sendgrid import signature
from bot.sendgrid.posts import telling
from bot.web import Answer, Endpoint
from handlers.house import House
from handlers.inbox import take_in
from handlers.intake import heard, record
from storage.failures import Batch, Recorded, Source

log = structlog.get_logger()


_SIGNED = signature.SIGNATURE_HEADER.lower()
_STAMPED = signature.TIMESTAMP_HEADER.lower()


def said(status: int, **words: object) -> Answer:
    """A JSON answer."""
    body = json.dumps(words, ensure_ascii=False).encode()
    return Answer(status=status, body=body, headers={"content-type": "application/json"})


def counted(batch: Batch, recorded: Recorded) -> dict[str, int]:
    """For a log line: elements = new + repeated + set_aside + ignored."""
    return {
        "elements": batch.elements,
        "new": recorded.new,
        "repeated": recorded.repeated,
        "set_aside": recorded.set_aside,
        "ignored": recorded.ignored,
    }


def sendgrid_events(house: House, keys: Sequence[EllipticCurvePublicKey]) -> Endpoint:
    """The Event Webhook: 2xx only after the durable write; a bad signature stores nothing.

    A signed post that nobody can read is set aside and answered with 2xx all the
    same: SendGrid would repeat it for a day, no better, and then drop it.
    """

    def endpoint(body: bytes, headers: Mapping[str, str]) -> Answer:
        signed, at = headers.get(_SIGNED, ""), headers.get(_STAMPED, "")
        if not signed or not at:
            return said(401, error="the post is not signed: enable the signed Event Webhook")
        if not signature.verify(body, signed, at, keys):
            return said(403, error="the signature does not fit: compare the public key")
        source = Source.SENDGRID_EVENTS
        read = partial(telling, body, house.now(), house.rules)
        became = take_in(house, source, body, read)
        if became is None:
            log.info("sendgrid_events", waits=len(body))
        else:
            heard(house, source)
            told, recorded = became
            log.info("sendgrid_events", **counted(told.batch, recorded))
        return Answer(status=204)

    return endpoint


def failures(house: House, tokens: Sequence[str], rules: push.Rules) -> Endpoint:
    """`POST /failures`: hosts that would rather tell us themselves."""

    def take(body: bytes) -> Answer:
        pushed = push.parse(body, house.now(), rules)
        recorded = record(house, pushed.batch)
        heard(house, Source.HOST_PUSH)
        log.info("host_push", **counted(pushed.batch, recorded))
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
        # Its case means nothing, and parameters may follow (RFC 9110, 8.3.1).
        told = headers.get("content-type", "").partition(";")[0]
        if told.strip().lower() != "application/json":
            return said(415, error="send it as Content-Type: application/json")
        try:
            return take(body)
        except PushError as error:
            return said(error.status, **error.words())

    return endpoint
