"""Days and digests: history, an empty day, a restart, a late start, a kill in the middle."""

import re
from datetime import timedelta

from sandbox.play import CHECKS
from sandbox.stage import until


def bounce(stage, email, **ago):
    """An event that leads to a list entry; nobody is told of it where no webhook is set."""
    at = int((stage.clock.now() - timedelta(**ago)).timestamp())
    told = {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such person here"}
    stage.sendgrid.pull("event", told | {"email": email, "timestamp": at})


def test_the_poll_tells_history_from_news(opened):
    with opened(before=lambda stage: bounce(stage, "old@example.jp", days=40)) as house:
        house.stage.sendgrid.pull("webhook", {"url": ""})
        bounce(house.stage, "new@example.jp", seconds=1)
        house.later(minutes=6)
        house.at(0, 9)
        digest = house.member.sees("通知エラーのまとめ")
        assert "n***@example.jp" in str(digest)
        assert "o***@example.jp" not in str(digest)
        house.admin.types("/notify-errors who old@example.jp", "導入する前のもの", "バウンスリスト")
        house.admin.types("/notify-errors who new@example.jp", "通知エラーが続いています")


def test_an_empty_day_says_until_when_we_looked_and_what_to_do(fresh):
    fresh.at(0, 9)
    digest = str(fresh.member.sees("通知エラーのまとめ"))
    # No post has come yet: only the lists were looked at, when the bot began.
    assert re.search(
        r"通知エラーはありません\(11月18日\(水\) (08:5\d|09:00) まで確認済み\)", digest
    )
    assert "迷惑メールフォルダーとごみ箱" in digest


def test_a_restart_sends_no_second_digest(fresh):
    fresh.bounced("once")
    fresh.at(0, 9)
    fresh.member.sees("通知エラーのまとめ")
    fresh.stage.bot.kill()
    fresh.stage.open_bot()
    fresh.admin.types("/notify-errors status", "次のまとめ: 11月19日(木) 09:00")
    assert len(fresh.digests()) == 1


def test_too_late_a_start_sends_it_late_and_says_so(fresh):
    fresh.bounced("late")
    fresh.stage.bot.stop()
    fresh.stage.clock.turn(fresh.now.replace(hour=11, minute=30))
    fresh.stage.open_bot()
    digest = str(fresh.member.sees("通知エラーのまとめ"))
    assert "予定の 09:00 より遅れて" in digest
    assert "l***@example.jp" in digest
    assert "11月18日(水) 11:30 まで" in digest


def test_the_next_digest_begins_where_the_last_one_ended(fresh):
    fresh.at(0, 9)
    fresh.member.sees("通知エラーのまとめ 11月18日(水)")
    fresh.bounced("between")
    fresh.at(1, 9)
    second = str(fresh.member.sees("通知エラーのまとめ 11月19日(木)"))
    assert "対象: 11月18日(水) 09:00 から 11月19日(木) 09:00 まで" in second
    assert "b***@example.jp" in second


def test_what_was_posted_to_a_dead_bot_is_posted_again(fresh):
    fresh.stage.bot.kill()
    fresh.stage.sendgrid.pull("outcomes", {"patient@example.jp": {"outcome": "bounce"}})
    fresh.stage.host.mail("patient@example.jp", "点検のお願い")
    assert fresh.stage.sendgrid.pull("deliver") == [0]
    fresh.stage.open_bot()
    assert fresh.stage.sendgrid.pull("deliver") == [204]
    fresh.admin.types("/notify-errors today", "patient@example.jp")


def test_a_kill_after_the_yes_loses_and_doubles_nothing(fresh):
    address = fresh.bounced("killed")
    ask = fresh.admin.types(f"/notify-errors who {address}", address)
    fresh.admin.presses(ask, "解除を申請")
    fresh.admin.fills(dict.fromkeys(CHECKS, "checked"))
    fresh.approver.looks()
    card = fresh.approver.sees("解除の申請")
    fresh.stage.sendgrid.pull("faults", {"seconds": 1.0})
    fresh.approver.presses(card, "承認")
    fresh.approver.sees("承認しました")
    fresh.stage.bot.kill()
    fresh.stage.sendgrid.pull("faults", {"seconds": 0.0})
    fresh.stage.open_bot()
    fresh.approver.sees("解除の申請", "停止リスト: 登録なし")

    def told():
        messages = fresh.stage.slack.state()["messages"].get("D0ADMIN01", [])
        return [one for one in map(str, messages) if "外しました" in one or "すでに" in one]

    until("who asked is told", told)
    assert len(told()) == 1
