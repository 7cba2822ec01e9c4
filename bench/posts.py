"""Posts as SendGrid signs and sends them: made before the clock runs, the same for everybody."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER
from handlers.causes import built_in

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
DAYS = 90
# Of ten failures, so many concern somebody who has failed before.
KNOWN = 0.6
_DELIVERED = 0.9  # of the ordinary mix
_RECOVERS = 0.05  # of what is delivered, so much reaches somebody who has failed before
_WELL = 100_000_000  # numbers of people who never failed begin there
_WELL_PEOPLE = 100_000
_DAY = 86_400


@dataclass(frozen=True)
class Post:
    body: bytes
    headers: dict[str, str]


def address(number: int) -> str:
    """The recipient of this number, whom every bench knows by it."""
    return f"user{number}.{_FAMILY[number % len(_FAMILY)]}@{domain(number)}"


def domain(number: int) -> str:
    return f"{_HOSTS[number * 7919 % len(_HOSTS)]}.example.{_ENDS[number % len(_ENDS)]}"


_FAMILY = ("sato", "suzuki", "takahashi", "tanaka", "ito", "watanabe", "yamamoto", "nakamura")
FAMILIES = json.dumps(_FAMILY)
_HOSTS = tuple(f"shop{number}" for number in range(400))
_ENDS = ("co.jp", "jp", "com", "ne.jp")


@dataclass
class Sender:
    """Signs as SendGrid does. `strangers` are numbered from there upwards."""

    strangers: int
    chance: random.Random
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def beside(cls, recipients: int, seed: int = 1) -> Sender:
        return cls(
            recipients,
            random.Random(seed),
            ec.derive_private_key(seed + 1, ec.SECP256R1()),
        )

    def public_key(self) -> str:
        spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(spki).decode()

    def posts(self, many: int, size: int, *, mixed: bool = False) -> list[Post]:
        return [self.signed(list(self._events(size, mixed=mixed))) for _ in range(many)]

    def signed(self, events: Sequence[dict[str, object]]) -> Post:
        body = json.dumps(events, separators=(",", ":")).encode() + b"\r\n"
        stamp = str(int(NOW.timestamp()))
        signature = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return Post(
            body,
            {
                SIGNATURE_HEADER.lower(): base64.b64encode(signature).decode(),
                TIMESTAMP_HEADER.lower(): stamp,
                "content-type": "application/json",
            },
        )

    def _events(self, size: int, *, mixed: bool) -> Iterator[dict[str, object]]:
        for _ in range(size):
            delivered = mixed and self.chance.random() < _DELIVERED
            well = delivered and self.chance.random() >= _RECOVERS
            to = _WELL + self.chance.randrange(_WELL_PEOPLE) if well else self._recipient()
            yield _event(to, self.chance, delivered=delivered)

    def _recipient(self) -> int:
        if self.strangers and self.chance.random() < KNOWN:
            return self.chance.randrange(self.strangers)
        self.strangers += 1
        return self.strangers - 1


@cache
def texts() -> list[str]:
    """What servers say, as the rules know it."""
    return [text for rule in built_in().rules for text in rule.examples if text.isascii()]


def _event(recipient: int, chance: random.Random, *, delivered: bool) -> dict[str, object]:
    """About the vendor's own size, 490 bytes."""
    message = base64.urlsafe_b64encode(chance.randbytes(16)).decode()[:22]
    to, queue = address(recipient), f"{chance.getrandbits(44):011x}"
    at = int(NOW.timestamp()) - chance.randrange(_DAY)
    said = f"{chance.choice(texts())} <{to}> (in reply to RCPT TO; mx{recipient % 7}.{domain(recipient)}, id {queue})"
    common: dict[str, object] = {
        "email": to,
        "timestamp": at,
        "sg_event_id": base64.urlsafe_b64encode(chance.randbytes(18)).decode(),
        "sg_message_id": f"{message}.recvd-6f7c-1-6AB0-1.0",
        "smtp-id": f"<{message}@geopod-ismtpd-7>",
        "ip": "192.0.2.10",
        "tls": 1,
        "category": ["reminder"],
    }
    if delivered:
        return common | {"event": "delivered", "response": f"250 2.0.0 OK {queue}"}
    kind = ("bounce", "bounce", "blocked")[recipient % 3]
    status = ("5.1.1", "5.7.1", "4.2.2")[recipient % 3]
    return common | {"event": "bounce", "type": kind, "status": status, "reason": said,
                     "bounce_classification": "Technical Failure"}  # fmt: skip
