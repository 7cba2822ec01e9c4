"""The Email Logs, driven by the vendor's own package."""

import pytest
from python_http_client import exceptions
from sendgrid import SendGridAPIClient

from sandbox.sendgrid import READ_KEY

TARO = "taro@example.jp"


@pytest.fixture
def logs(sandbox):
    client = SendGridAPIClient(READ_KEY, host=sandbox.url).client
    client.timeout = 5
    sandbox.control("faults", logs_delay=0)
    return client.logs


@pytest.fixture
def sent(sandbox):
    def send(email, outcome, **more):
        sandbox.control("outcomes", **{email: {"outcome": outcome}})
        assert sandbox.send(email, **more).status_code == 202

    return send


def search(logs, query="", **more):
    return logs.post(request_body={"query": query, **more}).to_dict["messages"]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("deliver", "delivered"),
        ("defer", "deferred"),
        ("invalid", "dropped"),
        ("bounce", "bounced"),
        ("block", "blocked"),
    ],
)
def test_a_mail_stands_there_with_its_status(logs, sent, outcome, status):
    sent(TARO, outcome)
    [row] = search(logs, f"status IN ('{status}') AND to_email = '{TARO}'")
    assert (row["to_email"], row["status"]) == (TARO, status)
    assert row["sg_message_id_created_at"].endswith("Z")


def test_conditions_are_joined_and_times_are_cut(logs, sent):
    sent(TARO, "bounce")
    since = 'sg_message_id_created_at >= TIMESTAMP "2020-01-01T00:00:00Z"'
    assert len(search(logs, f"{since} AND status IN ('bounced', 'blocked')")) == 1
    assert search(logs, f"{since} AND status IN ('dropped')") == []
    assert search(logs, 'sg_message_id_created_at < TIMESTAMP "2020-01-01T00:00:00Z"') == []


@pytest.mark.parametrize(
    "query",
    [
        "to_email = 'o'brien@example.jp'",
        "to_email LIKE 'taro%'",
        "(status IN ('bounced'))",
        "status IN ('bounced') OR status IN ('blocked')",
        "status = 'bounced'",
        "status IN ('not_delivered')",
        "status IN ('bounced') AND",
        'sg_message_id_created_at > "2026-01-01T00:00:00Z"',
        'sg_message_id_created_at > TIMESTAMP "yesterdayZ"',
    ],
)
def test_what_is_not_in_the_grammar_is_refused(logs, query):
    with pytest.raises(exceptions.BadRequestsError):
        search(logs, query)


@pytest.mark.parametrize("limit", [0, 1001, "many"])
def test_a_limit_is_a_number_up_to_a_thousand(logs, limit):
    with pytest.raises(exceptions.BadRequestsError):
        search(logs, limit=limit)


def test_there_is_no_second_page(logs, sent):
    for number in range(12):
        sent(f"taro{number}@example.jp", "bounce")
    assert len(search(logs)) == 10
    assert len(search(logs, limit=11)) == 11


def test_one_message_tells_its_events_with_custom_arguments_apart(logs, sent):
    sent(TARO, "bounce", custom_args={"notif_id": "n-1"}, categories=["点検"])
    [row] = search(logs)
    told = logs._(row["sg_message_id"]).get().to_dict
    assert [event["event"] for event in told["events"]] == ["processed", "bounce"]
    assert told["events"][1]["custom_args"] == {"notif_id": "n-1"}
    assert told["events"][1]["category"] == ["点検"]
    assert "notif_id" not in told["events"][1]


def test_a_message_that_is_not_there_is_not_found(logs):
    with pytest.raises(exceptions.NotFoundError):
        logs._("nothing.such").get()


def test_events_show_late(logs, sent, sandbox):
    sandbox.control("faults", logs_delay=300)
    sent(TARO, "bounce")
    assert search(logs) == []


def test_they_can_be_closed_to_an_account(logs, sent, sandbox):
    sent(TARO, "bounce")
    sandbox.control("faults", logs_forbidden=True)
    with pytest.raises(exceptions.ForbiddenError):
        search(logs)
