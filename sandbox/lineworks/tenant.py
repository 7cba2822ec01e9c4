"""One customer's LINE WORKS: its people, talks, limits and faults, and how its bots are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.lineworks.answers import ANSWERS
from sandbox.lineworks.files import Files
from sandbox.lineworks.limits import Limits
from sandbox.lineworks.people import BOTS, DOMAIN
from sandbox.lineworks.talks import Talk, Talks
from sandbox.lineworks.tokens import SCOPES, Tokens
from sandbox.wire import Wire

_SILENCE = {"lost", "arrived"}


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong, by the answer's name: for every send, for a recipient, for a body that
    holds a text, at the token endpoint; and the scopes that the apps hold.
    """

    answer: str = ""
    recipients: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    scopes: list[str] = field(default_factory=lambda: sorted(SCOPES))

    def __post_init__(self) -> None:
        named = {self.answer, self.token, *self.recipients.values(), *self.bodies.values()}
        if unknown := named - ANSWERS.keys() - _SILENCE - {""}:
            raise ValueError(f"no such answer: {', '.join(sorted(unknown))}")

    def strikes(self, recipient: str, body: str) -> str:
        worded = (name for text, name in self.bodies.items() if text in body)
        return self.recipients.get(recipient, "") or next(worded, "") or self.answer


class Tenant:
    """The state behind the API and the levers; whoever uses it holds `lock`, but not to `tell`."""

    def __init__(self, clock: Clock, wire: Wire) -> None:
        self.clock, self.wire = clock, wire
        self.lock = threading.RLock()
        self.tokens = Tokens(clock)
        self.reset()

    def reset(self) -> None:
        self.talks, self.files, self.limits = Talks(), Files(), Limits()
        self.faults = Faults()
        self.callbacks: dict[int, str] = {}
        self.tokens.reset()

    def write(self, talk: Talk, sender: str, said: dict[str, Any]) -> None:
        self.talks.write(talk, self.clock.now().isoformat(), sender, said)

    def tell(self, bot: int, talk: Talk, event: str, user: str = "", **more: Any) -> int:
        """Post a signed callback, once; 0 without an answer or a URL. It is stamped by the wall
        clock, by which the bot judges how fresh it is.
        """
        if bot not in self.callbacks:
            return 0
        alone = event == "message" and not talk.title
        source = {"domainId": DOMAIN} | ({} if alone else {"channelId": talk.channel})
        issued = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {
            "type": event,
            "source": source | ({"userId": user} if user else {}),
            "issuedTime": issued,
            **more,
        }
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        signature = hmac.digest(BOTS[bot][1].encode(), body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-WORKS-BotId": str(bot),
            "X-WORKS-Signature": base64.b64encode(signature).decode(),
        }
        return self.wire.post(self.callbacks[bot], body, headers)
