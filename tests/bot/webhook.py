"""SendGrid's side of the Event Webhook: signs as it does, and posts to our endpoint."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot import endpoints
from bot.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, load_keys


class Webhook:
    def __init__(self, house):
        self.key = ec.generate_private_key(ec.SECP256R1())
        spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.keys = load_keys([base64.b64encode(spki).decode()])
        self.opened(house)

    def opened(self, house):
        """The same webhook after a restart."""
        self.endpoint = endpoints.sendgrid_events(house, self.keys)

    def signed(self, events):
        body = events if isinstance(events, bytes) else json.dumps(events).encode() + b"\r\n"
        stamp = str(int(time.time()))
        signed = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return body, {
            SIGNATURE_HEADER.lower(): base64.b64encode(signed).decode(),
            TIMESTAMP_HEADER.lower(): stamp,
        }

    def post(self, events, **headers):
        body, told = self.signed(events)
        return self.endpoint(body, {**told, **headers})
