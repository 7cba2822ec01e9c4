"""The token endpoint and who may what: JWT bearer assertions in, opaque tokens out.

Assertions are judged by the wall clock, as signatures are; tokens die by the sandbox's clock.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clock import Clock
from sandbox.lineworks.answers import refusal
from sandbox.lineworks.people import APPS

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FIELDS = {"assertion", "grant_type", "client_id", "client_secret", "scope"}
_LIFE = 86_400
SCOPES = frozenset({"bot", "bot.message", "bot.read", "user.read", "directory.read"})


def _token() -> str:
    """With the padding, and as a rule the `+` and `/`, that break an unencoded form."""
    return base64.b64encode(secrets.token_bytes(49)).decode()


class Tokens:
    """`refuse_as` names an answer for every token request; `granted` is what the apps hold."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.reset()

    def reset(self) -> None:
        self._issued: dict[str, tuple[float, set[str]]] = {}
        self.refuse_as, self.granted = "", set(SCOPES)

    @property
    def private_key(self) -> str:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return pem.decode()

    def issue(self, request: Request, body: bytes) -> Response:
        form = dict(parse_qsl(body.decode()))
        if self.refuse_as:
            raise refusal(self.refuse_as)
        if request.headers.get("content-type", "").partition(";")[0] != (
            "application/x-www-form-urlencoded"
        ):
            raise refusal("unexpected")
        if _FIELDS - form.keys():
            raise refusal("invalid_request")
        if form["grant_type"] != _GRANT:
            raise refusal("unsupported_grant_type")
        secret, account = APPS.get(form["client_id"], ("", ""))
        if secret != form["client_secret"]:
            raise refusal("invalid_client")
        self._check(form["assertion"], form["client_id"], account)
        asked = set(form["scope"].split())
        if not asked <= SCOPES:
            raise refusal("invalid_scope")
        return JSONResponse(self._grant(asked & self.granted))

    def _grant(self, scopes: set[str]) -> dict[str, str]:
        """A scope that the app does not hold is silently left out; `expires_in` is text."""
        token = _token()
        self._issued[token] = (self._clock.now().timestamp() + _LIFE, scopes)
        return {
            "access_token": token,
            "refresh_token": _token(),
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "expires_in": str(_LIFE),
        }

    def _check(self, assertion: str, client: str, account: str) -> None:
        """Stricter than PyJWT: no `=` padding, times as JSON numbers."""
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                issuer=client,
                leeway=60,
                options={"require": ["iss", "sub", "iat", "exp"]},
            )
        except jwt.InvalidTokenError:
            raise refusal("invalid_grant") from None
        numbers = all(isinstance(claims[name], int | float) for name in ("iat", "exp"))
        if "=" in assertion or not numbers or claims["sub"] != account:
            raise refusal("invalid_grant")

    def admit(self, request: Request, *scopes: str) -> None:
        """Let a call go on whose token holds any of `scopes`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._issued:
            raise refusal("malformed_token")
        ends, held = self._issued[token]
        if ends <= self._clock.now().timestamp():
            raise refusal("expired_token")
        if not held & self.granted & set(scopes):
            raise refusal("missing_scope")
