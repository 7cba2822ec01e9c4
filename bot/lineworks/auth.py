"""Who we are to LINE WORKS: a service account's signed assertion, and the token it brings.

A token is never refreshed, always asked for anew: refresh tokens rotate and die
after 90 days. https://developers.worksmobile.com/jp/docs/auth-jwt
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import jwt
import stamina
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot import http
from bot.lineworks.errors import LineWorksError, pause, read_refusal, refused, unreachable
from bot.lineworks.rules import Rule
from storage.failures import Kind

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "bot.message"
_WIDER = "bot"  # holds everything that bot.message does
_LIFETIME = 3600
_EARLY = 60.0  # seconds before its end that a token is no longer used
_ATTEMPTS = 3
_OK = 200
# At this door there is neither a bot nor a recipient nor a day: only these are meant.
_OF_US = frozenset(
    {
        Kind.BAD_CREDENTIALS,
        Kind.MISSING_SCOPE,
        Kind.TOO_FREQUENT,
        Kind.PROVIDER_DOWN,
        Kind.UNANSWERED,
    }
)
_BY_STATUS = {403: Kind.BAD_CREDENTIALS, 429: Kind.TOO_FREQUENT}


@dataclass(frozen=True, kw_only=True)
class Account:
    """`private_key` is PEM text, PKCS#8 as issued or PKCS#1."""

    client_id: str
    client_secret: str = field(repr=False)
    service_account: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Token:
    """`lasts`: seconds from its issue."""

    text: str = field(repr=False)
    lasts: int
    scopes: frozenset[str] | None  # None: the answer did not say


def load_key(pem: str) -> RSAPrivateKey:
    """Raises ValueError, with the mend, for anything but an RSA key in PEM."""
    try:
        # A key kept in one line of an environment file has its line ends spelled out.
        key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    raise ValueError(
        "is no RSA private key; paste the file that the Developer Console gave, "
        "from -----BEGIN PRIVATE KEY----- on"
    )


def assertion(account: Account, key: RSAPrivateKey, now: float) -> str:
    """`now` in UNIX seconds; the vendor wants both times as whole JSON numbers."""
    issued = int(now)
    claims = {
        "iss": account.client_id,
        "sub": account.service_account,
        "iat": issued,
        "exp": issued + _LIFETIME,
    }
    return jwt.encode(claims, key, algorithm="RS256")


def read_token(answer: http.Response, rules: Sequence[Rule] | None = None) -> Token:
    """The token of an answer; raises LineWorksError for a refusal, in whichever dialect."""
    if answer.status_code != _OK:
        refusal = read_refusal(answer.status_code, answer.headers, answer.content, rules)
        if refusal.kind not in _OF_US:
            kind = _BY_STATUS.get(answer.status_code, Kind.UNCLASSIFIED)
            refusal = replace(refusal, kind=kind)
        raise _nothing_done(refused(refusal))
    try:
        told = json.loads(answer.content)
        text, scope = told["access_token"], told.get("scope")
        if not isinstance(text, str) or not text:
            raise TypeError("access_token")  # noqa: TRY301 - as unreadable as the rest
        return Token(
            text=text,
            lasts=int(told["expires_in"]),
            scopes=None if scope is None else frozenset(str(scope).replace(",", " ").split()),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise LineWorksError("token_unreadable", kind=Kind.UNCLASSIFIED) from None


def _nothing_done(error: LineWorksError) -> LineWorksError:
    """A token may be asked for twice: no answer is the provider's trouble, and no more."""
    return LineWorksError(error.word, kind=Kind.PROVIDER_DOWN) if error.unanswered else error


def missing_scopes(granted: frozenset[str] | None) -> frozenset[str]:
    """A scope that the app does not own is dropped without a word: compare what came back."""
    if granted is None or granted & {SCOPE, _WIDER}:
        return frozenset()
    return frozenset({SCOPE})


class Tokens:
    """One token for all threads; whoever needs it first fetches it, the others wait."""

    def __init__(
        self,
        account: Account,
        auth_url: str,
        client: http.Client,
        elapsed: Callable[[], float] = time.monotonic,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        """`auth_url` ends in /oauth2/v2.0. Raises ValueError for an unusable key."""
        self._account = account
        self._key = load_key(account.private_key)
        self._url = f"{auth_url}/token"
        self._client = client
        self._elapsed = elapsed
        self._rules = rules
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def current(self) -> str:
        """A token that is still good; raises LineWorksError."""
        with self._lock:
            if not self._token or self._elapsed() >= self._until:
                self._fetch()
            return self._token

    def renewed(self, old: str) -> str:
        """Another one than `old`, which was refused; asked for once however many ask."""
        with self._lock:
            if self._token == old:
                self._fetch()
            return self._token

    def drop(self, old: str) -> None:
        """A token keeps the scopes of its issue: after a refusal for them it is of no more use."""
        with self._lock:
            if self._token == old:
                self._token = ""

    def _fetch(self) -> None:
        self._token = ""
        asked_at = self._elapsed()
        for attempt in stamina.retry_context(on=pause, attempts=_ATTEMPTS, timeout=None):
            with attempt:
                token = self._ask()
        if missing := missing_scopes(token.scopes):
            raise LineWorksError(f"missing_scope: {' '.join(missing)}", kind=Kind.MISSING_SCOPE)
        self._token = token.text
        self._until = asked_at + max(token.lasts - _EARLY, 0.0)

    def _ask(self) -> Token:
        # Signatures are judged by the wall clock, whatever the business time is.
        form = {
            "assertion": assertion(self._account, self._key, time.time()),
            "grant_type": GRANT,
            "client_id": self._account.client_id,
            "client_secret": self._account.client_secret,
            "scope": SCOPE,
        }
        try:
            return read_token(self._client.post(self._url, data=form), self._rules)
        except http.HTTPError as error:
            raise _nothing_done(unreachable(error)) from None
