"""The customer's program is asked: its failures, deliveries and people, and its troubles."""

from datetime import timedelta

import pytest

from sandbox.stage import until


@pytest.fixture(scope="module")
def house(opened):
    with opened(before=lambda stage: stage.connect_feed()) as made:
        yield made


@pytest.fixture
def feed(house):
    return house.stage.host.feed


def failure(house, name, **more):
    return {
        "id": name,
        "medium": "email",
        "recipient": f"{name}@example.jp",
        "occurred_at": house.now.isoformat(timespec="seconds"),
        "kind": "hard_bounce",
        "text": "550 5.1.1 no such person here",
    } | more


def asked(house, feed):
    """Turn to the next minute, and wait until everything has been asked for."""
    end, before = str(len(feed.lines)), len(feed.asked)
    house.later(minutes=1, seconds=1)
    until("the bot asks for what is new", lambda: end in feed.asked[before:])


def test_what_the_feed_tells_is_found_and_what_was_delivered_clears_it(house, feed):
    feed.page_size = 2
    house.later(minutes=1)
    later = (house.now + timedelta(seconds=9)).isoformat(timespec="seconds")
    feed.tell(
        failure(house, "asked"),
        "{ broken",
        failure(house, "cleared"),
        {"type": "person", "id": "u-9", "name": "白川 静", "no_address": True},
        failure(house, "cleared", id="later", event="delivered", occurred_at=later),
    )
    asked(house, feed)
    house.admin.types("/notify-errors who asked@example.jp", "ハードバウンス")
    house.admin.types("/notify-errors who cleared@example.jp", "解消")
    house.admin.types("/notify-errors who 白川 静", "アドレスなし")
    shown = str(house.admin.types("/notify-errors status"))
    assert "連携元システム(取得)" in shown
    assert "読み取れずに保管している記録: 1件" in shown


def test_a_page_that_is_cut_off_loses_nothing(house, feed):
    feed.fault = "cut"
    feed.tell(failure(house, "cut"))
    before = len(feed.asked)
    house.later(minutes=1, seconds=1)
    until(
        "the trouble is said", lambda: "cut_off" in str(house.admin.types("/notify-errors status"))
    )
    assert len(feed.asked) >= before + 3
    feed.fault = 0
    asked(house, feed)
    house.admin.types("/notify-errors who cut@example.jp", "ハードバウンス")


def test_a_refused_token_is_told_to_the_admins(house, feed):
    feed.fault = 403
    house.later(minutes=1, seconds=1)
    told = house.stage.slack.state
    until("the admins are told", lambda: "連携元システムに通知の記録を問い合わせ" in str(told()))
    feed.fault = 0
    house.later(minutes=11)
    feed.tell(failure(house, "again"))
    asked(house, feed)
    house.admin.types("/notify-errors who again@example.jp", "ハードバウンス")
