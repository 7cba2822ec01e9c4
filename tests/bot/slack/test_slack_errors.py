"""Refusals and silences of Slack, and what they mean for a repeat."""

from __future__ import annotations

from email.message import Message as Headers
from io import BytesIO
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookResponse

from bot.slack.errors import reply_error, vendor_error


def refusal(error: str, status: int = 200, headers: dict | None = None, **more) -> SlackApiError:
    data = {"ok": False, "error": error, **more}
    response = SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/x",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)


def told(error: Exception, *, once: bool = True) -> tuple[str, bool, bool, float]:
    found = vendor_error(error, once=once)
    return found.word, found.permanent, found.unanswered, found.retry_after


@pytest.mark.parametrize(
    "word",
    ["channel_not_found", "is_archived", "not_in_channel", "invalid_blocks", "token_revoked"],
)
def test_most_refusals_are_for_good(word):
    assert told(refusal(word)) == (word, True, False, 0.0)


def test_a_missing_scope_is_named():
    error = refusal("missing_scope", needed="files:write", provided="chat:write")
    assert told(error) == ("missing_scope:files:write", True, False, 0.0)


def test_too_many_calls_say_when_to_come_back():
    assert told(refusal("ratelimited", 429, {"Retry-After": "30"})) == (
        "ratelimited",
        False,
        False,
        30.0,
    )


def test_a_limit_without_a_time_waits_a_second():
    assert told(refusal("rate_limited"))[3] == 1.0


@pytest.mark.parametrize("word", ["service_unavailable", "request_timeout", "team_added_to_org"])
def test_some_refusals_pass(word):
    assert told(refusal(word)) == (word, False, False, 0.0)


@pytest.mark.parametrize("word", ["fatal_error", "internal_error"])
def test_slacks_own_accidents_leave_the_outcome_open(word):
    assert told(refusal(word)) == (word, False, True, 0.0)


def test_a_proxys_page_is_no_word():
    page = "Received a response in a non-JSON format: <html>yamada@example.jp"
    assert told(refusal(page, 502)) == ("http_502", False, True, 0.0)


@pytest.mark.parametrize(
    ("silence", "word"),
    [
        (TimeoutError("timed out"), "no_answer"),
        (ConnectionResetError(), "no_answer"),
        (ValueError("not JSON"), "unreadable_answer"),
    ],
)
def test_a_silence_leaves_open_only_what_must_not_be_repeated(silence, word):
    assert told(silence) == (word, False, True, 0.0)
    assert told(silence, once=False) == (word, False, False, 0.0)


def test_what_never_connected_did_nothing():
    assert told(URLError(ConnectionRefusedError())) == ("no_connection", False, False, 0.0)


def test_a_refused_upload_showed_nothing():
    assert told(SlackRequestError("status: 500"))[:3] == ("upload_failed", False, False)
    refused = HTTPError("https://example.com/u", 413, "too big", Headers(), BytesIO())
    with refused:
        assert told(refused)[:3] == ("http_413", True, False)


def answered(status: int, body: str = "", **headers: str) -> WebhookResponse:
    return WebhookResponse(url="", status_code=status, body=body, headers=headers)


def test_a_reply_that_was_taken_is_no_error():
    assert reply_error(answered(200, "ok")) is None


def test_a_reply_address_that_is_used_up_is_dead():
    error = reply_error(answered(404, "used_url"))
    assert (error.word, error.permanent) == ("used_url", True)


def test_a_reply_refused_for_a_while_can_wait():
    error = reply_error(answered(429, "", **{"retry-after": "3"}))
    assert (error.word, error.permanent, error.retry_after) == ("http_429", False, 3.0)


def test_a_reply_that_broke_slack_may_be_there():
    assert reply_error(answered(500, "server error")).unanswered
