"""A bot that was down: the gap is said, lists and logs are read over it, what they told is said."""

import re

from sandbox.stage import until

DOWN = "08:54 から 09:31 までは停止していたため"
FOUND = "2件見つかりました"
NOT_KNOWN = "再通知が届かない限り分かりません: 一時的な遅延、送信前に破棄"


def killed(house):
    """Down from 08:54 to 09:30; two addresses are refused, and the posts of it find nobody."""
    house.later(minutes=3)
    house.bounced("before")
    house.stage.bot.kill()
    for name in ("gone", "lost"):
        address = f"{name}@example.jp"
        house.stage.sendgrid.pull("outcomes", {address: {"outcome": "bounce"}})
        assert house.stage.host.mail(address, "点検のお願い")[0] == 202
    assert set(house.stage.sendgrid.pull("deliver")) == {0}
    house.stage.clock.turn(house.now.replace(hour=9, minute=30))


def started_again(house):
    """The vendor has given up its posts, and the lists do not answer yet."""
    house.stage.sendgrid.pull("faults", {"status": 500})
    house.stage.open_bot()
    house.stage.sendgrid.pull("webhook", {"url": ""})


def lists_answer(house):
    house.stage.sendgrid.pull("faults", {"status": 0})
    house.later(minutes=6)
    read = re.compile(r"リスト: 09:3[6-9] まで確認済み\nSendGrid ログ: ")
    until(
        "the lists are read", lambda: read.search(str(house.admin.types("/notify-errors status")))
    )


def logs_answer(house):
    """Later than the lists: an event shows late in them."""
    house.later(hours=1)
    until(
        "the logs are read",
        lambda: NOT_KNOWN not in str(house.admin.types("/notify-errors today", DOWN)),
    )


def test_a_gap_is_said_then_mended_then_told_once(fresh):
    killed(fresh)
    started_again(fresh)
    told = fresh.admin.types("/notify-errors today", DOWN, "before@example.jp")
    assert "SendGrid イベントの分は、後からの確認がまだ済んでいません" in str(told)
    fresh.admin.types("/notify-errors who nobody@example.jp", "言い切れません", DOWN)
    fresh.member.sees("通知エラーのまとめ 11月18日(水)", DOWN, "後からの確認がまだ済んでいません")
    lists_answer(fresh)
    told = str(fresh.admin.types("/notify-errors today", DOWN, FOUND, "gone@example.jp"))
    assert NOT_KNOWN in told
    status = fresh.admin.types("/notify-errors status", DOWN, FOUND)
    assert "SendGrid イベント: 09:30 から受信、最終 08:54" in str(status)
    fresh.yamada.types("今日", DOWN, FOUND)
    logs_answer(fresh)
    fresh.admin.types("/notify-errors today", DOWN, FOUND, "送信前に破棄")
    fresh.at(1, 9)
    digest = str(fresh.member.sees("通知エラーのまとめ 11月19日(木)", "以前お知らせした", FOUND))
    assert "11月18日(水) 08:54 から 09:31 まで" in digest
    fresh.at(2, 9)
    digest = str(fresh.member.sees("通知エラーのまとめ 11月20日(金)"))
    assert "停止" not in digest
    assert "確認済み)" in digest


def test_an_orderly_restart_says_the_minute_it_took(fresh):
    fresh.later(minutes=3)
    fresh.bounced("before")
    fresh.stage.bot.stop()
    fresh.stage.open_bot()
    fresh.admin.types("/notify-errors today", "08:54 から 08:55 までは停止していたため")
