"""SendGrid's Web API, one call at a time. The only module that imports `sendgrid`.

Source: twilio.com/docs/sendgrid/api-reference, Rate Limits and Errors.
"""

from __future__ import annotations

import http.client
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import sendgrid
import stamina
from python_http_client import Client
from python_http_client.exceptions import HTTPError

from bot.sendgrid.opener import bounded
from handlers.ports import REDIRECTED, VendorError

TIMEOUT = 10.0  # seconds without a byte; the package's own default is to wait for ever
_WHOLE_ANSWER = 6  # so many of them for all of one answer
MOST_BYTES = 8 * 1024 * 1024  # 500 entries whose reasons are long
_ATTEMPTS = 3
_LONGEST_PAUSE = 5.0  # for a rate limit; whoever must wait longer comes back later
_USUAL_PAUSE = 1.0
FORBIDDEN = "forbidden"  # the word for a 403 where no scope is known to be asked

# At DEBUG the package's client logs the key and whole bodies. A filter holds
# whatever levels and handlers are set later.
logging.getLogger("python_http_client.client").addFilter(lambda _: False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `doubtful`: an earlier try ended without our knowing what it did."""

    status: int
    body: Any = None
    doubtful: bool = False

    @property
    def absent(self) -> bool:
        return self.status == HTTPStatus.NOT_FOUND


class _Client(Client):  # type: ignore[misc] # the package has no types
    """The package's client, and whatever it builds on a path, with an opener of our own."""

    most = MOST_BYTES

    def _build_client(self, name: str | None = None) -> _Client:
        return _Client(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(self, _: Any, request: Any, timeout: float | None = None) -> Any:
        ours = bounded(self.timeout * _WHOLE_ANSWER, self.most)
        return super()._make_request(ours, request, timeout)


class Api:
    """What one key may ask. Threads may share it: no call changes the client's headers.

    One object per key, for the package carries headers over from call to call.
    """

    def __init__(self, key: str, url: str, timeout: float = TIMEOUT) -> None:
        made = sendgrid.SendGridAPIClient(key, host=url.rstrip("/")).client
        self._client = _Client(
            host=made.host,
            version=made._version,  # noqa: SLF001 - the package tells it nowhere else
            request_headers=made.request_headers,
            timeout=timeout,
        )

    def get(
        self,
        *path: str,
        scope: str = "",
        query: Mapping[str, str] | None = None,
        most: int = MOST_BYTES,
    ) -> Answer:
        def ask(target: Any) -> Any:
            target.most = most
            return target.get(query_params=query)

        return self._repeated(ask, path, scope)

    def delete(self, *path: str, scope: str) -> Answer:
        """Only where repeating is harmless, for it is repeated."""
        return self._repeated(lambda target: target.delete(), path, scope)

    def search(self, *path: str, body: Mapping[str, object]) -> Answer:
        """A POST that asks and changes nothing, so it may be repeated too."""
        return self._repeated(lambda target: target.post(request_body=body), path, "")

    def scopes(self) -> frozenset[str]:
        body = self.get("scopes").body
        return frozenset(body.get("scopes", ()) if isinstance(body, dict) else ())

    def _repeated(self, call: Callable[[Any], Any], path: tuple[str, ...], scope: str) -> Answer:
        """An answer of 2xx or 404; otherwise VendorError, after a few tries where they may help."""
        doubtful = False
        for attempt in stamina.retry_context(on=_pause, attempts=_ATTEMPTS, wait_jitter=0.3):
            with attempt:
                try:
                    status, body = self._once(call, path, scope)
                except VendorError as error:
                    doubtful = doubtful or error.unanswered
                    raise
        return Answer(status=status, body=body, doubtful=doubtful)

    def _once(
        self, call: Callable[[Any], Any], path: tuple[str, ...], scope: str
    ) -> tuple[int, Any]:
        target = self._client
        for segment in path:
            target = target._(quote(segment, safe=""))
        try:
            response = call(target)
        except HTTPError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return HTTPStatus.NOT_FOUND, None
            raise _refusal(error, scope) from None
        except (OSError, http.client.HTTPException):
            raise VendorError("no_answer", unanswered=True) from None
        return response.status_code, _decoded(response.body)


def _decoded(body: bytes) -> Any:
    """The standard library's reader, for one odd character must not hide a whole page."""
    try:
        return json.loads(body.decode(errors="replace")) if body else None
    except (ValueError, RecursionError):
        raise VendorError("unreadable_answer", unanswered=True) from None


def _refusal(error: HTTPError, scope: str) -> VendorError:
    status = error.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return VendorError("too_many_requests", retry_after=_until_reset(error.headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VendorError(f"http_{status}", unanswered=True)
    if status < HTTPStatus.BAD_REQUEST:
        return VendorError(REDIRECTED, permanent=True)
    words = {
        HTTPStatus.UNAUTHORIZED: "api_key_refused",
        HTTPStatus.FORBIDDEN: f"missing_scope:{scope}" if scope else FORBIDDEN,
    }
    return VendorError(words.get(status, f"http_{status}"), permanent=True)


def _until_reset(headers: Mapping[str, str]) -> float:
    """Seconds until `X-RateLimit-Reset`, a Unix second on the vendor's clock; at least one."""
    told = headers.get("X-RateLimit-Reset") or ""
    return max(_USUAL_PAUSE, float(told) - time.time()) if told.isdecimal() else _USUAL_PAUSE


def _pause(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds where the vendor said so."""
    if not isinstance(error, VendorError) or error.permanent:
        return False
    return error.retry_after <= _LONGEST_PAUSE and (error.retry_after or True)
