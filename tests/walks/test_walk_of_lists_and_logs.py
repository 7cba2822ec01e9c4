"""What nobody posts: an entry that leaves its list, and mail of which only the logs tell."""

from urllib.parse import quote

import httpx
import pytest

from sandbox.sendgrid import HOST_KEY
from sandbox.stage import until


def asked(house, method, part):
    return sum(part in call.url for call in house.calls("sendgrid", method))


def after(house, method, part, turn):
    """Turn the clock, and wait for a call that follows from it."""
    before = asked(house, method, part)
    turn()
    until(f"{method} {part}", lambda: asked(house, method, part) > before)


def taken_off(house, address):
    """By somebody at SendGrid's own page."""
    url = f"{house.stage.sendgrid.url}/v3/suppression/bounces/{quote(address, safe='')}"
    assert httpx.delete(url, headers={"Authorization": f"Bearer {HOST_KEY}"}).status_code == 204


def test_who_is_taken_off_the_list_at_sendgrid_is_cleared_in_the_morning(fresh):
    left, stays = fresh.bounced("left"), fresh.bounced("stays")
    after(fresh, "GET", "bounces?", lambda: fresh.later(minutes=6))
    taken_off(fresh, left)
    walked = "unsubscribes?end_time="
    after(fresh, "GET", walked, lambda: fresh.at(1, 3, 1))
    after(fresh, "GET", walked, lambda: fresh.at(1, 3, 20))
    fresh.at(1, 9)
    digest = str(fresh.member.sees("通知エラーのまとめ 11月19日(木)"))
    assert "解消(リスト登録なし): 1件" in digest
    assert "l***@example.jp" in digest
    fresh.admin.types(f"/notify-errors who {left}", "どの停止リストにも登録されていません")
    fresh.admin.types(f"/notify-errors who {stays}", "通知エラーが続いています")


@pytest.fixture(scope="module")
def deaf(opened):
    """An installation that SendGrid cannot post to."""
    with opened(SENDGRID_WEBHOOK_PUBLIC_KEY="") as house:
        house.stage.sendgrid.pull("webhook", {"url": ""})
        yield house


def test_without_a_webhook_delays_and_drops_are_told_by_the_logs(deaf):
    deaf.mail("slow@example.jp", outcome="defer", times=9)
    deaf.mail("never@example.jp", outcome="invalid")
    after(deaf, "GET", "/v3/logs/", lambda: deaf.later(hours=1))
    deaf.later(minutes=20)
    deaf.admin.types("/notify-errors who slow@example.jp", "一時的な遅延")
    deaf.admin.types("/notify-errors who never@example.jp", "送信前に破棄")
    deaf.admin.types("/notify-errors status", "SendGrid ログ: ", "まで確認済み")


def test_where_the_logs_are_closed_it_is_said_once(opened):
    def closed(stage):
        stage.sendgrid.pull("faults", {"logs_forbidden": True})

    with opened(before=closed, SENDGRID_WEBHOOK_PUBLIC_KEY="") as house:
        until("the logs are asked", lambda: asked(house, "POST", "/v3/logs") == 1)
        house.later(hours=2)
        house.admin.types("/notify-errors status", "このSendGridアカウントでは利用できません")
        assert asked(house, "POST", "/v3/logs") == 1
