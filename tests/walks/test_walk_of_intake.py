"""What comes in by HTTP: signed or not, whole or broken, and what nobody should count."""

import time

import httpx
import pytest


def status(house):
    # What SendGrid says of an address that was asked for before may come in between.
    return str(house.admin.types("/notify-errors status", "どこまで確認できているか"))


def event(house, **fields):
    house.stage.sendgrid.pull("event", fields)
    assert set(house.stage.sendgrid.pull("deliver")) <= {204}


def unsigned(house, **headers):
    body = [
        {
            "event": "bounce",
            "type": "bounce",
            "email": "forged@example.jp",
            "timestamp": int(house.now.timestamp()),
            "sg_event_id": "x",
        }
    ]
    return httpx.post(f"{house.stage.bot.url}/sendgrid/events", json=body, headers=headers)


def test_a_post_without_a_signature_is_refused_and_stores_nothing(house):
    assert unsigned(house).status_code == 401
    house.admin.types("/notify-errors who forged@example.jp", "見つかりませんでした")


def test_a_bad_signature_is_refused_and_stores_nothing(house):
    named = {
        "X-Twilio-Email-Event-Webhook-Signature": "bm90IGEgc2lnbmF0dXJl",
        "X-Twilio-Email-Event-Webhook-Timestamp": str(int(time.time())),
    }
    assert unsigned(house, **named).status_code == 403
    house.admin.types("/notify-errors who forged@example.jp", "見つかりませんでした")


def test_one_malformed_element_is_set_aside_and_the_others_are_stored(house):
    now = int(house.now.timestamp())
    good = {
        "event": "bounce",
        "type": "bounce",
        "email": "good@example.jp",
        "timestamp": now,
        "sg_event_id": "g",
        "reason": "550 5.1.1 unknown",
    }
    event(house, raw=[{"event": "bounce", "timestamp": "soon"}, good, 7])
    house.admin.types("/notify-errors who good@example.jp", "ハードバウンス")
    assert "読み取れずに保管している記録: 2件" in status(house)


def test_a_repeated_post_counts_once(house):
    house.stage.sendgrid.pull("webhook", {"repeat": 2, "new_event_ids": True})
    address = house.bounced("repeated")
    house.stage.sendgrid.pull("webhook", {"repeat": 0, "new_event_ids": False})
    house.admin.types(f"/notify-errors who {address}", "に1回")


def test_the_dashboards_test_batch_never_counts(house):
    event(house, event="test_batch")
    house.admin.types("/notify-errors who example@test.com", "見つかりませんでした")


@pytest.mark.parametrize("wording", ["通知エラーではありません"])
def test_a_person_without_an_address_on_purpose_is_no_error(house, wording):
    told = [{"id": "u-1", "name": "白川 静", "no_address": True}]
    assert house.stage.host.tell_people(told)[0] in {200, 204}
    house.admin.types("/notify-errors who 白川 静", "アドレスなし", wording)


def test_a_suspended_account_alarms_the_admins_at_once(house):
    event(
        house,
        event="account_status_change",
        type="compliance_suspend",
        timestamp=int(house.now.timestamp()),
    )
    admins = house.slack("U0ADMIN01", "C0ADMINS1")
    admins.looks()
    admins.sees("SendGrid", "停止")


def test_a_host_may_tell_of_its_own_failures(house):
    told = [
        {
            "id": "n-1",
            "medium": "email",
            "recipient": "pushed@example.jp",
            "occurred_at": house.now.isoformat(),
            "kind": "soft_bounce",
            "text": "452 4.2.2 mailbox full",
        }
    ]
    url = f"{house.stage.bot.url}/failures"
    headers = {"Authorization": f"Bearer {house.stage.settings['PUSH_TOKEN']}"}
    assert httpx.post(url, json=told, headers=headers).is_success
    house.admin.types("/notify-errors who pushed@example.jp", "ソフトバウンス", "空き容量不足")
    assert httpx.post(url, json=told).status_code in {401, 403}


@pytest.mark.parametrize(
    ("path", "body", "kind", "expected"),
    [
        ("/slack/events", b"{not json", "application/json", {400, 401, 403}),
        (
            "/slack/events",
            b"payload=%7Bbroken",
            "application/x-www-form-urlencoded",
            {400, 401, 403},
        ),
        ("/lineworks/callback", b"{}", "application/json", {400, 401, 403}),
        ("/people", b"[]", "application/json", {401, 403}),
        ("/sendgrid/events", b"x" * (5 * 1024 * 1024), "application/json", {413}),
        ("/slack/events", b"x" * (2 * 1024 * 1024), "text/plain", {413}),
        ("/nowhere", b"", "text/plain", {404}),
    ],
)
def test_bad_input_is_answered_clearly_and_without_a_traceback(house, path, body, kind, expected):
    answer = httpx.post(house.stage.bot.url + path, content=body, headers={"Content-Type": kind})
    assert answer.status_code in expected
    assert "Traceback" not in answer.text


def test_no_address_and_no_secret_reaches_the_log(house):
    house.bounced("private")
    house.admin.types("/notify-errors who private@example.jp", "private@example.jp")
    said = house.stage.bot.said()
    assert said
    secrets = [
        house.stage.settings[name] for name in ("RELAY_KEY", "PUSH_TOKEN", "SLACK_BOT_TOKEN")
    ]
    assert [word for word in ("@example", *secrets) if word in said] == []


def test_an_answer_does_not_wait_for_nagles_forty_milliseconds(house):
    with httpx.Client() as client:
        taken = []
        for _ in range(20):
            begun = time.perf_counter()
            client.get(f"{house.stage.bot.url}/healthz")
            taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.03
