"""One installation to be killed: its settings, its keys, its store, and its present process."""

from __future__ import annotations

import base64
import re
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crash.nursery import Nursery

TENANT = "default"
RELAY_KEY, PUSH_TOKEN = "relay-key-of-the-crash-run", "push-token-of-the-crash-run"
SECONDS = 15.0
_LISTENS = re.compile(rb"listens on http://127\.0\.0\.1:(\d+)")


class House:
    """`start` it, send to `port`, `kill` it; `url` is the store's."""

    def __init__(self, folder: Path, url: str, vendors: str) -> None:
        self.url = url
        self.port = 0
        self.pid = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._read = 0
        self._nursery = Nursery(self._environment(vendors), folder / "bot.log")

    def start(self, *, wait: bool = True) -> None:
        self._read = self._nursery.log.stat().st_size if self._nursery.log.exists() else 0
        self.pid = self._nursery.born()
        if wait:
            self._ready()

    def kill(self) -> None:
        self._nursery.kill(self.pid)

    def close(self) -> None:
        self._nursery.close()

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that SendGrid puts on this body."""
        stamp = str(int(time.time()))
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def last_words(self) -> str:
        return self._nursery.log.read_bytes()[-2000:].decode(errors="replace")

    def _ready(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if self._listens() and self._answers():
                return
            time.sleep(0.003)
        raise RuntimeError(f"the bot did not come up; it said:\n{self.last_words()}")

    def _listens(self) -> bool:
        """Each start says its port once, behind what earlier ones have said."""
        log = self._nursery.log
        said = log.read_bytes()[self._read :] if log.exists() else b""
        found = _LISTENS.findall(said)
        if found:
            self.port = int(found[-1])
        return bool(found)

    def _answers(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    def _environment(self, vendors: str) -> dict[str, str]:
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        settings = {
            "PORT": "0",
            "DATABASE_URL": self.url,
            "LOG_LEVEL": "error",
            "SLACK_BOT_TOKEN": "xoxb-crash",
            "SLACK_SIGNING_SECRET": "crash",
            "SLACK_API_URL": f"{vendors}/api/",
            "SENDGRID_API_KEY": "SG.crash",
            "SENDGRID_DELETE_API_KEY": "SG.crash",
            "SENDGRID_API_URL": vendors,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": base64.b64encode(der).decode(),
            "LINEWORKS_API_URL": f"{vendors}/v1.0",
            "RELAY_KEY": RELAY_KEY,
            "PAYLOAD_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
            "PUSH_TOKEN": PUSH_TOKEN,
            "ADMINS": "slack:U0ADMIN01",
            "APPROVERS": "slack:U0APPROV1",
            "ADMIN_CHANNEL": "slack:C0ADMINS1",
        }
        return {f"NOTIFY_ERRORS_{name}": value for name, value in settings.items()}
