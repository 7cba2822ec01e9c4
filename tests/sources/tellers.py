"""Each source as something that tells of happenings, by its own way in, to a real store."""

from __future__ import annotations

import base64
import csv
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot import endpoints
from bot.host import feed, push
from bot.imports.reading import layout_of
from bot.imports.reading import read as read_file
from bot.imports.values import Given
from bot.lineworks import errors
from bot.lineworks.backlog import Seen, Teller
from bot.lineworks.kept import cipher, resendable
from bot.lineworks.relayed import read
from bot.lineworks.rules import built_in
from bot.sendgrid import kinds, lists, logs
from bot.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, load_keys
from bot.sendgrid.walking import walk
from handlers import feeds, imports, intake, mail_logs, polls
from handlers.house import connected_at
from storage.coverage import Coverage
from storage.failures import Medium, Source
from storage.lists import ListName

KEYS = ("A" * 43 + "=",)
REFUSED = "550 5.1.1 no such person here"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Somebody was not reached. `broken`: what tells of it cannot be understood."""

    who: str = "taro@example.jp"
    at: datetime
    broken: bool = False

    @property
    def message(self):
        """One notification, by the name that all who tell of it know."""
        return f"{self.who.casefold().partition('@')[0]}{int(self.at.timestamp())}".rjust(22, "0")


class Events:
    """The Event Webhook: signed posts."""

    medium, dates = Medium.EMAIL, True

    def __init__(self, house):
        key = ec.generate_private_key(ec.SECP256R1())
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        keys = load_keys([base64.b64encode(spki).decode()])
        self._key, self._endpoint = key, endpoints.sendgrid_events(house, keys)

    def tell(self, happenings: Sequence[Happening]) -> None:
        body = json.dumps([event(one) for one in happenings]).encode() + b"\r\n"
        stamp = str(int(time.time()))
        signed = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        headers = {SIGNATURE_HEADER: base64.b64encode(signed).decode(), TIMESTAMP_HEADER: stamp}
        told = self._endpoint(body, {name.lower(): value for name, value in headers.items()})
        assert told.status == 204


def event(one: Happening) -> dict:
    if one.broken:
        return {"event": "bounce", "email": one.who, "timestamp": "some day"}
    return {
        "event": "bounce",
        "type": "bounce",
        "email": one.who,
        "status": "5.1.1",
        "reason": REFUSED,
        "timestamp": int(one.at.timestamp()),
        "sg_message_id": f"{one.message}.recvd-1.0",
        "sg_event_id": f"e{time.monotonic_ns()}",  # changes with every telling
    }


class Lists:
    """The bounce list, walked."""

    medium, dates = Medium.EMAIL, True

    def __init__(self, house):
        self._elements: list[object] = []
        self._house = replace(house, lists=SimpleNamespace(pages=self._pages))

    def _pages(self, name, _since, _until):
        held = self._elements if name is ListName.BOUNCES else []
        return walk(name, lambda offset: held[offset : offset + 500])

    def tell(self, happenings: Sequence[Happening]) -> None:
        self._elements = [
            {"email": None}
            if one.broken
            else {
                "email": one.who,
                "created": int(one.at.timestamp()),
                "reason": REFUSED,
                "status": "5.1.1",
            }
            for one in happenings
        ]
        assert polls.poll(self._house, partial(lists.failure, rules=self._house.rules))


class Logs:
    """The Email Logs, as the vendor would answer: rows by when they were made, then events."""

    medium, dates = Medium.EMAIL, True

    def __init__(self, house):
        self._told: list[Happening] = []
        port = SimpleNamespace(
            failing=self._failing,
            about=lambda *_: (),
            told=self._events,
            message_of=logs.message_of,
        )
        sources = {name: way for name, way in house.sources.items() if "events" not in name}
        self._house = replace(house, logs=port, sources=sources)

    def _made(self, one: Happening) -> datetime:
        """A mail is made before it fails, and long enough ago to be seen."""
        return min(one.at, self._house.now() - timedelta(hours=1))

    def _row(self, one: Happening) -> dict:
        made = self._made(one).astimezone(UTC)
        return {
            "sg_message_id": "" if one.broken else f"{one.message}.recvd-1.0",
            "to_email": one.who,
            "status": "bounced",
            "reason": REFUSED,
            "sg_message_id_created_at": f"{made:%Y-%m-%dT%H:%M:%SZ}",
        }

    def _failing(self, since, until):
        rows = [self._row(one) for one in self._told if since <= self._made(one) < until]
        found = logs.found({"messages": rows})
        yield found.rows, found.set_aside

    def _events(self, row):
        told = next(one for one in self._told if one.message == row.message.partition(".")[0])
        return logs.told(row, {"events": [event(told)]}, self._house.now(), self._house.rules)

    def tell(self, happenings: Sequence[Happening]) -> None:
        self._told = list(happenings)
        assert mail_logs.read(self._house)


class Relay:
    """Calls to LINE WORKS that pass through; the clock is ours, so none comes from the future."""

    medium, dates = Medium.LINE_WORKS, False

    def __init__(self, house):
        self._teller = Teller(
            take=lambda _, batch: intake.relayed(house, batch),
            successes=lambda *_: 0,
            limited=lambda _, since: intake.limited(house, since),
            rejected=lambda _, told: intake.rejected(house, told),
            deadline=lambda at: at + timedelta(days=3),
            cipher=cipher(KEYS),
        )

    def tell(self, happenings: Sequence[Happening]) -> None:
        for one in happenings:
            path = f"/v1.0/bots/7/users/{one.who}/messages"
            relayed = read("POST", path, [("X-Notify-Id", one.message)], b'{"content":{}}')
            body = b"\xff{" if one.broken else b'{"code":"USER_NOT_EXIST","description":"no such"}'
            status = 404 if not one.broken else 599
            self._teller.tell(
                Seen(tenant="t", at=one.at, relayed=relayed, status=status, body=body)
            )


def rules_of(house) -> push.Rules:
    return push.Rules(
        causes=house.rules,
        classify={
            Medium.EMAIL: kinds.judged,
            Medium.LINE_WORKS: partial(errors.judged, built_in()),
        },
        seal=None,
        resendable=resendable,
        deadline=lambda at: at + timedelta(days=3),
    )


def element(one: Happening, medium: Medium) -> dict:
    by_mail = medium is Medium.EMAIL
    return {
        "id": one.message,
        "medium": str(medium),
        "recipient": one.who,
        "occurred_at": "some day" if one.broken else one.at.isoformat(),
        "status": "5.1.1" if by_mail else "404",
        "code": "550" if by_mail else "USER_NOT_EXIST",
        "text": REFUSED if by_mail else "no such",
    }


class Push:
    """`POST /failures` by the host."""

    dates = True

    def __init__(self, house, medium=Medium.EMAIL):
        self.medium = medium
        self._endpoint = endpoints.failures(house, ["token"], rules_of(house))

    def tell(self, happenings: Sequence[Happening]) -> None:
        body = json.dumps([element(one, self.medium) for one in happenings]).encode()
        headers = {"authorization": "Bearer token", "content-type": "application/json"}
        assert self._endpoint(body, headers).status in {200, 207, 400}


class Feed:
    """The host's feed: a page for every telling."""

    medium, dates = Medium.EMAIL, True
    id = "feed"

    def __init__(self, house):
        self._pages: list[list[Happening]] = []
        # It has been read for as long as the installation is there.
        known = [one.source for one in house.store.coverage(house.tenant)]
        if Source.HOST_FEED not in known:
            since = connected_at(house)
            house.store.cover(house.tenant, Coverage(source=Source.HOST_FEED, since=since))
        self._house = replace(house, feed=self)

    def page(self, cursor):
        told = int(cursor or 0)
        if told >= len(self._pages):
            return None
        lines = [json.dumps(element(one, self.medium)) for one in self._pages[told]]
        raw = "\n".join([*lines, json.dumps({"cursor": str(told + 1)})]).encode()
        return feed.page(raw, self._house.now(), rules_of(self._house))

    def tell(self, happenings: Sequence[Happening]) -> None:
        self._pages.append(list(happenings))
        assert feeds.read(self._house)


class File:
    """A file of another system's failures, whose rows that cannot be understood are left out."""

    medium, dates = Medium.EMAIL, True

    def __init__(self, house):
        self._house = house

    def tell(self, happenings: Sequence[Happening]) -> None:
        rows = [
            ["some day" if one.broken else one.at.isoformat(), one.who, "hard bounce", REFUSED]
            for one in happenings
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mail.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([["日時", "宛先", "エラー", "詳細"], *rows])
            self._bring_in(path)

    def _bring_in(self, path: Path) -> None:
        house = self._house
        given = Given(
            zone=house.zone,
            now=house.now(),
            connected_at=connected_at(house),
            rules=house.rules,
            judge=partial(errors.judged, built_in()),
        )
        begun, parts = imports.begin(house, path.name), []
        read_file(path, layout_of(path), given, parts.append)
        for number, part in enumerate(parts):
            imports.lay_by(house, begun, number, part)
        imports.want(house, begun)
        imports.carry_on(house, begun.id)


# Who tells of happenings for which row of the table of sources.
TELLERS = {
    Source.SENDGRID_EVENTS: Events,
    Source.SENDGRID_LISTS: Lists,
    Source.SENDGRID_LOGS: Logs,
    Source.LINEWORKS_RELAY: Relay,
    Source.HOST_PUSH: Push,
    Source.HOST_FEED: Feed,
    Source.CSV: File,
}
