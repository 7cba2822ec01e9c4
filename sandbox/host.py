"""The customer's own program: mails through SendGrid, messages to LINE WORKS through the relay.

It knows nothing of the bot but two URLs: the relay's, which stands where LINE WORKS' own stood,
and the one where it tells who its people are. It may also be asked for what failed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt

from sandbox.clock import Clock
from sandbox.feed import Feed
from sandbox.lineworks.people import (
    HOST_CLIENT_ID,
    HOST_CLIENT_SECRET,
    HOST_SERVICE_ACCOUNT,
    NOTICE_BOT,
)
from sandbox.sendgrid import HOST_KEY

FROM = "no-reply@example.co.jp"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_PATIENCE = 10.0
_TOKEN_LIVES = 12 * 3600

Json = dict[str, Any]


def _client() -> httpx.Client:
    return httpx.Client(timeout=_PATIENCE, trust_env=False)


@dataclass(kw_only=True)
class Host:
    """`relay_url` ends in `/v1.0`; `private_key` is the service account's, as PEM."""

    clock: Clock
    sendgrid_url: str
    auth_url: str
    private_key: str
    relay_url: str = ""
    people_url: str = ""
    push_token: str = ""
    feed: Feed | None = None  # where it lets itself be asked
    _client: httpx.Client = field(default_factory=_client)
    _token: tuple[float, str] = (0.0, "")

    def close(self) -> None:
        self._client.close()

    def mail(self, to: str, subject: str) -> tuple[int, str]:
        return self.mails([to], subject)

    def mails(self, to: Iterable[str], subject: str) -> tuple[int, str]:
        """One call for everybody; status and body of the answer."""
        mail = {
            "personalizations": [{"to": [{"email": address}]} for address in to],
            "from": {"email": FROM, "name": "見本サービス"},
            "subject": f"【見本サービス】{subject}",
            "content": [{"type": "text/plain", "value": f"{subject}です。ご確認ください。"}],
            "categories": [subject],
        }
        return self._post(f"{self.sendgrid_url}/v3/mail/send", mail, HOST_KEY)

    def notify(
        self, to: str, text: str, *, patience: float = _PATIENCE, **headers: str
    ) -> tuple[int, str]:
        """A LINE WORKS message to an id or a login; status 0 when nothing answered in time.

        `headers` are the relay's own, such as `X_Notify_Id`.
        """
        url = f"{self.relay_url}/bots/{NOTICE_BOT}/users/{to}/messages"
        message = {"content": {"type": "text", "text": text}}
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._post(url, message, self._line_works_token(), own, patience)

    def tell_people(self, people: Sequence[Json]) -> tuple[int, str]:
        return self._post(self.people_url, people, self.push_token)

    def _post(
        self,
        url: str,
        body: Json | Sequence[Json],
        token: str,
        headers: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> tuple[int, str]:
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        try:
            answer = self._client.post(url, json=body, headers=sent, timeout=patience)
        except httpx.HTTPError as error:
            return 0, type(error).__name__
        return answer.status_code, answer.text

    def _line_works_token(self) -> str:
        """The assertion is judged by the wall clock, the token's age by the sandbox's."""
        now, (got_at, token) = self.clock.now().timestamp(), self._token
        if now - got_at < _TOKEN_LIVES:
            return token
        wall = int(time.time())
        claims = {"iss": HOST_CLIENT_ID, "sub": HOST_SERVICE_ACCOUNT, "iat": wall, "exp": wall + 60}
        form = {
            "assertion": jwt.encode(claims, self.private_key, algorithm="RS256"),
            "grant_type": _GRANT,
            "client_id": HOST_CLIENT_ID,
            "client_secret": HOST_CLIENT_SECRET,
            "scope": "bot bot.message",
        }
        answer = self._client.post(f"{self.auth_url}/token", data=form).raise_for_status()
        self._token = now, str(answer.json()["access_token"])
        return self._token[1]
