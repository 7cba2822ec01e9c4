"""The logs as the stand-in keeps them, and a vendor that stumbles over them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.sendgrid.log_reading import SendGridLogs
from bot.sendgrid.logs import LIMIT
from handlers.ports import Logged, NotAvailableError, VendorError
from sandbox.sendgrid import READ_KEY
from storage.failures import Kind

TARO = "taro@example.jp"


@pytest.fixture
def logs(vendor, clock):
    vendor.fail({"logs_delay": 0})
    return SendGridLogs(key=READ_KEY, url=vendor.url, clock=clock)


@pytest.fixture
def told(scripted, clock):
    return SendGridLogs(key="SG.read", url=scripted.url, clock=clock)


def happen(vendor, email=TARO, **event):
    own = {"event": "bounce", "type": "bounce", "reason": "550 no", "status": "5.1.1"}
    number = email.partition("@")[0]
    vendor.happen({**own, "email": email, "sg_message_id": f"{number:0>22}.f.0", **event})


def listed(logs, hours=1, ahead=1):
    now = datetime.now(UTC)
    span = now - timedelta(hours=hours), now + timedelta(minutes=ahead)
    return [one for rows, _ in logs.failing(*span) for one in rows]


def test_what_fails_is_listed_and_tells_its_events(vendor, logs):
    happen(vendor)
    [one] = listed(logs)
    assert (one.recipient, one.kind) == (TARO, Kind.HARD_BOUNCE)
    [failure] = logs.told(one).failures
    assert (failure.kind, failure.provider_text) == (Kind.HARD_BOUNCE, "550 no")
    assert logs.message_of(failure) == one.message


def test_what_arrived_is_listed_for_its_address_alone(vendor, logs):
    happen(vendor, event="delivered", response="250 OK", type="")
    assert listed(logs) == []
    now = datetime.now(UTC)
    [one] = logs.about(TARO, now - timedelta(hours=1), now + timedelta(minutes=1))
    assert one.kind is None
    assert len(logs.told(one).successes) == 1


def test_a_full_answer_is_asked_again_in_halves_and_the_oldest_come_first(vendor, logs, clock):
    now = int(clock.now().timestamp())
    for number in range(LIMIT + 200):
        happen(vendor, f"taro{number}@example.jp", timestamp=now - 3000 + 2 * number)
    begin = clock.now() - timedelta(hours=1)
    windows = [rows for rows, _ in logs.failing(begin, begin + timedelta(hours=2)) if rows]
    assert len({one.message for rows in windows for one in rows}) == LIMIT + 200
    assert sum(len(rows) for rows in windows) == LIMIT + 200
    starts = [min(one.created_at for one in rows) for rows in windows]
    assert len(starts) > 1
    assert starts == sorted(starts)


def test_more_than_can_be_asked_in_one_second_is_said_after_all_that_could(told, scripted):
    row = {
        "to_email": TARO,
        "status": "bounced",
        "sg_message_id_created_at": "2026-11-20T00:00:00Z",
    }
    scripted.says(200, {"messages": [{**row, "sg_message_id": f"m{n}"} for n in range(LIMIT)]})
    at = datetime(2026, 11, 20, tzinfo=UTC)
    pages = told.failing(at, at + timedelta(seconds=1))
    rows, _ = next(pages)
    assert len(rows) == LIMIT
    with pytest.raises(VendorError, match="more_in_a_second") as error:
        next(pages)
    assert error.value.permanent


def test_an_account_that_may_not_read_them_is_told_apart(vendor, logs):
    vendor.fail({"logs_forbidden": True})
    with pytest.raises(NotAvailableError):
        listed(logs)


def test_where_there_are_none_they_are_not_available(told, scripted):
    scripted.says(404)
    with pytest.raises(NotAvailableError):
        listed(told)


@pytest.mark.parametrize("status", [403, 404])
def test_a_message_that_is_not_shown_tells_what_sums_it_up(told, scripted, status, clock):
    scripted.says(status)
    one = Logged(
        message="m/1", recipient=TARO, kind=Kind.SOFT_BOUNCE, created_at=clock.now(), text="452"
    )
    [failure] = told.told(one).failures
    assert failure.kind is Kind.SOFT_BOUNCE
    assert scripted.asked == ["GET /v3/logs/m%2F1"]


def test_a_rate_limit_tells_how_long_to_stay_away(told, scripted, soon):
    scripted.says(429, X_RateLimit_Reset=soon(60))
    with pytest.raises(VendorError, match="too_many_requests") as error:
        listed(told)
    assert 50 < error.value.retry_after <= 60
    assert len(scripted.asked) == 1


def test_the_vendors_own_trouble_is_tried_three_times(told, scripted):
    for _ in range(3):
        scripted.says(503)
    with pytest.raises(VendorError, match="http_503"):
        listed(told)
    assert scripted.asked == ["POST /v3/logs"] * 3


def test_addresses_travel_in_the_body_alone(told, scripted):
    scripted.says(200, {"messages": []})
    now = datetime.now(UTC)
    told.about(TARO, now, now)
    [(call, _)] = scripted.calls
    assert call == "POST /v3/logs"
    assert TARO in json.loads(scripted.bodies[0])["query"]
