"""Asks the host's feed for a page: bounded in time, size and tries."""

from __future__ import annotations

import time
from http import HTTPStatus

import stamina

from bot import http
from bot.host import feed
from bot.host.push import Rules, fingerprint
from handlers.ports import REDIRECTED, Clock, FeedPage, VendorError

MOST_BYTES = 4 * 1024 * 1024
_ATTEMPTS = 3
_WHOLE_PAGE_SECONDS = 60.0
_LONGEST_WAIT = 3600.0
_TYPES = ("application/x-ndjson", "application/jsonl", "application/json-lines")
_WORDS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "token_refused",
    HTTPStatus.FORBIDDEN: "token_refused",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.GONE: "cursor_gone",
}


class Feed:
    """`HOST_FEED_URL` with its token. `id` tells one feed's cursor from another's."""

    def __init__(
        self,
        url: str,
        token: str,
        client: http.Client,
        clock: Clock,
        rules: Rules,
        *,
        whole_page: float = _WHOLE_PAGE_SECONDS,
    ) -> None:
        self.id = fingerprint(url)[:12]
        self._url, self._token = url, token
        self._client, self._clock, self._rules = client, clock, rules
        self._whole_page = whole_page

    def page(self, cursor: str) -> FeedPage | None:
        """What follows `cursor`, None for nothing; VendorError after a few tries."""
        for attempt in stamina.retry_context(on=_again, attempts=_ATTEMPTS, timeout=None):
            with attempt:
                body = self._asked(cursor)
                found = body and feed.page(body, self._clock.now(), self._rules)
        return found or None

    def _asked(self, cursor: str) -> bytes:
        """The page's bytes; none where there is nothing new."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": _TYPES[0],
            # What is packed could be unpacked to anything.
            "Accept-Encoding": "identity",
        }
        url = http.with_query(self._url, {"cursor": cursor} if cursor else {})
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                _refused(answer)
                return b"" if answer.status_code == HTTPStatus.NO_CONTENT else self._read(answer)
        except http.HTTPError:
            raise VendorError("no_answer", unanswered=True) from None

    def _read(self, answer: http.Response) -> bytes:
        body = bytearray()
        until = time.monotonic() + self._whole_page
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > MOST_BYTES:
                raise VendorError("page_too_large", permanent=True)
            if time.monotonic() > until:
                raise VendorError("too_slow", unanswered=True)
        return bytes(body)


def _refused(answer: http.Response) -> None:
    status = answer.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise VendorError("too_many_requests", retry_after=_told_wait(answer))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise VendorError(f"http_{status}", unanswered=True)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise VendorError(REDIRECTED, permanent=True)
    if status not in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
        raise VendorError(_WORDS.get(status, f"http_{status}"), permanent=True)
    if status == HTTPStatus.OK:
        _sensible(answer)


def _sensible(answer: http.Response) -> None:
    told = answer.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if told not in _TYPES:
        raise VendorError("no_json_lines", permanent=True)
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise VendorError("packed", permanent=True)


def _told_wait(answer: http.Response) -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told), _LONGEST_WAIT) if told.isdecimal() else 0.0


def _again(error: Exception) -> bool:
    """Whether another try at once may help; a host that names a time is believed."""
    return isinstance(error, VendorError) and not (
        error.permanent or error.word == "too_many_requests"
    )
