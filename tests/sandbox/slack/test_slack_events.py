"""Events: signed, retried, and the request URL's challenge."""

import time

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

EVENT = {"type": "app_uninstalled"}


@pytest.fixture
def hurried(slack):
    slack.retry_waits = (0, 0, 0)
    yield slack
    slack.retry_waits = (0.0, 60.0, 300.0)


def heard(bot, count):
    end = time.monotonic() + 5
    while len(bot.heard) < count and time.monotonic() < end:
        time.sleep(0.01)
    return bot.heard


def test_an_event_comes_once_when_it_is_taken(hurried, bot, control):
    assert control("event", event=EVENT)["status"] == 200
    assert bot.heard[0]["event"]["type"] == "app_uninstalled"
    assert "x-slack-retry-num" not in bot.headers[0]


def test_an_event_comes_four_times_when_it_is_not_taken(hurried, bot, control):
    bot.answer = lambda _payload: PlainTextResponse("", 500)
    number = control("event", event=EVENT)["event_id"]
    assert [each["event_id"] for each in heard(bot, 4)] == [number] * 4
    retries = [(h["x-slack-retry-num"], h["x-slack-retry-reason"]) for h in bot.headers[1:]]
    assert retries == [("1", "http_error"), ("2", "http_error"), ("3", "http_error")]


def test_a_late_answer_is_retried_as_a_timeout(hurried, bot, control):
    hurried.ack_seconds = 0.1

    def late_at_first(_payload):
        time.sleep(0.2 if len(bot.heard) == 1 else 0)
        return PlainTextResponse("")

    bot.answer = late_at_first
    assert control("event", event=EVENT)["status"] is None
    assert heard(bot, 2)
    assert bot.headers[1]["x-slack-retry-reason"] == "http_timeout"


def test_the_bot_can_ask_for_no_retry(hurried, bot, control):
    bot.answer = lambda _payload: PlainTextResponse("", 500, {"X-Slack-No-Retry": "1"})
    control("event", event=EVENT)
    bot.answer = lambda _payload: PlainTextResponse("")
    control("event", event={"type": "second"})
    assert [each["event"]["type"] for each in bot.heard] == ["app_uninstalled", "second"]


@pytest.mark.parametrize("plain", [True, False])
def test_a_request_url_has_to_echo_the_challenge(slack, bot, control, plain):
    def echo(payload):
        word = payload["challenge"]
        return PlainTextResponse(word) if plain else JSONResponse({"challenge": word})

    bot.answer = echo
    assert control("connect", url=slack.events_url)["verified"]


def test_a_request_url_that_does_not_echo_is_not_verified(slack, control):
    assert not control("connect", url=slack.events_url)["verified"]


def test_deliveries_are_logged_as_going_out(slack, control):
    control("event", event=EVENT)
    newest = next(each for each in reversed(slack.calls.newest) if each.direction == "out")
    assert (newest.vendor, newest.url) == ("slack", slack.events_url)
    assert newest.headers["x-slack-signature"] == "-"
