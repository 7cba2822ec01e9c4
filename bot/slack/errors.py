"""What a refusal or a silence of Slack means. Its words are kept, never its sentences.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.webhook import WebhookResponse

from handlers.ports import VendorError

_WORD = re.compile(r"[a-z0-9_]{1,60}")
_SCOPES = re.compile(r"[a-z0-9_.:,]{1,200}")
_TOO_MANY = frozenset({"ratelimited", "rate_limited"})
_LATER = frozenset(
    {
        "external_channel_migrating",
        "message_limit_exceeded",
        "request_timeout",  # our request came in truncated
        "service_unavailable",
        "team_added_to_org",
    }
)
# Slack says of both that some of it may have been done.
_PERHAPS_DONE = frozenset({"fatal_error", "internal_error"})


def vendor_error(error: Exception, *, once: bool) -> VendorError:
    """`once`: repeating would do it twice, so a silence leaves the outcome open."""
    match error:
        case SlackApiError():
            return _refusal(error, once=once)
        case HTTPError():
            return _by_status(
                error.code, f"http_{error.code}", dict(error.headers.items()), once=once
            )
        case URLError():  # urllib's wrapper around failing to connect or to send
            return VendorError("no_connection")
        case SlackRequestError():  # the bytes of a file were not taken; it is shown nowhere yet
            return VendorError("upload_failed")
        case ValueError():
            return VendorError("unreadable_answer", unanswered=once)
        case _:
            return VendorError("no_answer", unanswered=once)


def reply_error(response: WebhookResponse) -> VendorError | None:
    """What a `response_url` answered; None when it took the message."""
    if response.status_code == HTTPStatus.OK:
        return None
    word = _word(response.body, response.status_code)
    return _by_status(response.status_code, word, response.headers, once=True)


def _refusal(error: SlackApiError, *, once: bool) -> VendorError:
    response = error.response
    word = _word(response.get("error"), response.status_code)
    if word in _TOO_MANY:
        return VendorError(word, retry_after=_seconds(response.headers))
    if word in _PERHAPS_DONE:
        return VendorError(word, unanswered=once)
    if word in _LATER:
        return VendorError(word)
    if word == "missing_scope" and _SCOPES.fullmatch(needed := str(response.get("needed"))):
        return VendorError(f"{word}:{needed}", permanent=True)
    return _by_status(response.status_code, word, response.headers, once=once)


def _by_status(status: int, word: str, headers: Mapping[str, str], *, once: bool) -> VendorError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return VendorError(word, retry_after=_seconds(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return VendorError(word, unanswered=once)
    return VendorError(word, permanent=True)


def _word(said: object, status: int) -> str:
    """Slack's own word when it is one; a page of a proxy is none and may say anything."""
    return said if isinstance(said, str) and _WORD.fullmatch(said) else f"http_{status}"


def _seconds(headers: Mapping[str, str]) -> float:
    """https://docs.slack.dev/apis/web-api/rate-limits"""
    told = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(told) if told.isdecimal() else 1.0
