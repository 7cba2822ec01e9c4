"""One call to LINE WORKS: signed in, paced, repeated only where nothing can have been done."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import stamina

from bot import http
from bot.lineworks.auth import Tokens
from bot.lineworks.errors import (
    LineWorksError,
    Refusal,
    pause,
    read_refusal,
    refused,
    unreachable,
)
from bot.lineworks.rules import Rule
from storage.failures import Kind

_AT_ONCE = 4  # the vendor limits concurrent calls, but does not say to how many
_ATTEMPTS = 3
_OK = range(200, 300)
_UNAUTHORIZED = 401


class Api:
    """`url` ends in /v1.0. Shared by all threads."""

    def __init__(
        self, url: str, tokens: Tokens, client: http.Client, rules: Sequence[Rule] | None = None
    ) -> None:
        self.url = url
        self._tokens = tokens
        self._client = client
        self._rules = rules
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._rooms: dict[str, tuple[threading.Lock, int]] = {}
        self._guard = threading.Lock()

    def sign_in(self) -> None:
        """Have a token, with all the scopes that we need; raises LineWorksError."""
        self._tokens.current()

    def post(self, path: str, told: Any) -> http.Response:
        """POST JSON, waiting out rate limits and the provider's trouble; raises LineWorksError."""
        body = msgspec.json.encode(told)
        for attempt in stamina.retry_context(on=pause, attempts=_ATTEMPTS, timeout=None):
            with attempt:
                answer = self.post_once(path, body)
        return answer

    def post_once(self, path: str, body: bytes) -> http.Response:
        """POST these bytes a single time; raises LineWorksError.

        A refused token counts for nothing: another one is fetched and tried.
        """
        answer = self._signed_in(f"{self.url}{path}", content=body, headers=_JSON)
        if answer.status_code not in _OK:
            raise refused(self.read(answer))
        return answer

    def upload(self, url: str, name: str, content: bytes) -> None:
        """The bytes of an attachment, to the address that the vendor gave; raises LineWorksError."""
        if urlsplit(url).scheme != urlsplit(self.url).scheme:
            raise LineWorksError("upload_url_unsafe", kind=Kind.UNCLASSIFIED)
        answer = self._signed_in(url, files={"FileData": (name, content)})
        if answer.status_code not in _OK:
            raise refused(self.read(answer))

    def read(self, answer: http.Response) -> Refusal:
        return read_refusal(answer.status_code, answer.headers, answer.content, self._rules)

    def _signed_in(self, url: str, **request: Any) -> http.Response:
        token = self._tokens.current()
        answer = self._call(url, token, request)
        if answer.status_code == _UNAUTHORIZED:
            token = self._tokens.renewed(token)
            answer = self._call(url, token, request)
        if answer.status_code not in _OK and self.read(answer).kind is Kind.MISSING_SCOPE:
            self._tokens.drop(token)
        return answer

    def _call(self, url: str, token: str, request: dict[str, Any]) -> http.Response:
        headers = {**request.get("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            with self._slots:
                return self._client.post(url, **{**request, "headers": headers})
        except http.HTTPError as error:
            raise unreachable(error) from None

    @contextmanager
    def alone_in(self, room: str) -> Iterator[None]:
        """One sender at a time per room, so that a message's parts stay together."""
        with self._guard:
            lock, users = self._rooms.get(room, (threading.Lock(), 0))
            self._rooms[room] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, users = self._rooms.pop(room)
                if users > 1:
                    self._rooms[room] = (lock, users - 1)


_JSON = {"Content-Type": "application/json"}


def messages_path(bot_id: str, target: str, recipient: str) -> str:
    """`target`: "users" (id or login address) or "channels"."""
    return f"/bots/{quote(bot_id, safe='')}/{target}/{quote(recipient, safe='')}/messages"
