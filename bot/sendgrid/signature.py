"""Whether a webhook post is SendGrid's: ECDSA over the timestamp and the raw body."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

_MEND = (
    "copy the verification key of the webhook's signature settings in SendGrid, "
    "one line that starts with MFkw"
)


def load_keys(texts: Sequence[str]) -> tuple[EllipticCurvePublicKey, ...]:
    """Keys as SendGrid shows them; ValueError says which of them is wrong and the mend."""
    return tuple(_load(text, place) for place, text in enumerate(texts, start=1))


def _load(text: str, place: int) -> EllipticCurvePublicKey:
    try:
        key = load_der_public_key(b64decode("".join(text.split()), validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"public key {place} cannot be read: {_MEND}") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError(f"public key {place} is of another kind: {_MEND}")  # noqa: TRY004 - a setting's value is wrong, not a type
    return key


def verify(
    raw_body: bytes, signature: str, timestamp: str, public_keys: Sequence[EllipticCurvePublicKey]
) -> bool:
    """Whether one of the keys signed exactly these bytes.

    The body must be as it came, its last CR LF included. The timestamp's age is
    not judged: SendGrid repeats a post for 24 hours.
    """
    try:
        signed = timestamp.encode("ascii") + raw_body
        der = b64decode(signature, validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return False
    return any(_signed_by(key, der, signed) for key in public_keys)


def _signed_by(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
