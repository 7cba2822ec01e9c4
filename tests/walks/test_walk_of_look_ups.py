"""Who may look up what, in which words, and what a person is told who types it wrongly."""

import httpx
import pytest

from sandbox.lineworks import people
from sandbox.stage import DIGEST_CHANNEL, until


@pytest.fixture(scope="module", autouse=True)
def _somebody_failed(house):
    house.bounced("taro")
    told = [
        {
            "id": "u-9",
            "name": "青木 葵",
            "email": "taro@example.jp",
            "line_works_id": people.TANAKA.id,
        }
    ]
    assert house.stage.host.tell_people(told)[0] in {200, 204}


@pytest.mark.parametrize(
    "words",
    [
        "today",
        "今日",
        "TODAY",
        "week",
        "今週",
        "2026-11-18",
        "11月１８日",
        "2026-11-01..2026-11-30",
    ],
)
def test_an_admin_sees_both_media_apart_and_addresses_in_clear(house, words):
    seen = str(house.admin.types(f"/notify-errors {words}", "taro@example.jp"))
    assert seen.index("メール: 1件") < seen.index("LINE WORKS: 通知エラーなし")


def test_a_day_before_the_installation_was_not_looked_at(house):
    house.admin.types(
        "/notify-errors 昨日", "確認できていない範囲がある", "迷惑メールフォルダーとごみ箱"
    )


def test_nobody_found_says_until_when_we_looked(house):
    house.admin.types(
        "/notify-errors who nobody@example.jp", "見つかりませんでした", "まで確認済み"
    )


def test_a_person_is_found_by_address_id_and_name(house):
    for words in ("TARO@example.jp", people.TANAKA.id, "青木"):
        house.admin.types(f"/notify-errors who {words}", "青木 葵", "taro@example.jp")


def test_the_lists_are_completed_from_the_vendor(house):
    house.admin.types("/notify-errors who taro@example.jp", "確認しています")
    house.admin.sees("停止リスト: バウンスリスト(", "にSendGridで確認)")


def test_a_text_is_copied_from_a_persons_page_and_sent_on(fresh):
    address = "filtered@docomo.ne.jp"
    fresh.mail(address, outcome="bounce")
    seen = fresh.admin.types(f"/notify-errors who {address}", "次の担当", "受信リスト設定")
    fresh.admin.presses(seen, "案内文を見る")
    fresh.admin.sees(
        f"{address} 宛てのメールは届いていないため",
        "お知らせ通知からのメールが",
        "「受信リスト設定」に、notify.example.jpを登録する",
    )


def test_lists_that_do_not_answer_are_named(house):
    house.stage.sendgrid.pull("faults", {"status": 500})
    try:
        house.admin.types("/notify-errors who taro@example.jp", "確認しています")
        house.admin.sees("確認できなかったリスト: ")
    finally:
        house.stage.sendgrid.pull("faults", {"status": 0})


def test_english_is_spoken_to_whoever_speaks_it(house):
    emma = house.slack("U0ENGLISH")
    emma.types("/notify-errors help", "How to use the notification failure bot")


def test_a_stranger_learns_nothing_and_is_told_whom_to_ask(house):
    known = str(house.stranger.types("/notify-errors who taro@example.jp"))
    unknown = str(house.stranger.types("/notify-errors who nobody@example.jp"))
    assert known == unknown
    assert "情報システム部(内線 1234)" in known


def test_a_member_opens_the_digests_masked_list_and_no_more(fresh):
    fresh.bounced("hanako")
    fresh.at(0, 9)
    fresh.member.presses(fresh.member.sees("通知エラーのまとめ"), "一覧を見る")
    seen = fresh.member.sees("の一覧", "h***@example.jp")
    assert "[詳細]" not in str(seen)
    fresh.member.types("/notify-errors today", "管理者として登録された方だけ")
    guest = fresh.slack("U0GUEST01")
    guest.looks()
    guest.presses(guest.sees("通知エラーのまとめ"), "一覧を見る")
    guest.sees("チャンネルのメンバーだけ")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("tody", "「today」ではありませんか"),
        ("xyzzy", "使い方"),
        ("", "使い方"),
        ("who", "調べる宛先"),
        ("2026-11-20..2026-11-01", "2026-11-01..2026-11-20"),
        ("2026-13-45", "日付または期間として読み取れません"),
        ("11月31日", "日付または期間として読み取れません"),
        ("who " + "a" * 3000, "見つかりませんでした"),
        ("who <script>&amp;*bold*_x_@example.jp", "見つかりませんでした"),
    ],
)
def test_what_is_typed_wrongly_gets_the_nearest_right_thing(house, typed, answer):
    house.admin.types(f"/notify-errors {typed}".strip(), answer)


def test_an_export_comes_by_direct_message_as_one_csv_per_medium(house):
    house.admin.types("/notify-errors export", "CSVファイルにまとめました")
    stage = house.stage
    until("two files", lambda: len(stage.slack.state()["files"]) > 1)
    files = stage.slack.state()["files"]
    assert [one["name"] for one in files] == ["email.csv", "line_works.csv"]
    content = httpx.get(f"{stage.slack.url}/_control/files/{files[0]['id']}").content.decode(
        "utf-8-sig"
    )
    assert "taro@example.jp" in content
    assert all("files" not in one for one in stage.slack.state()["messages"][DIGEST_CHANNEL])


def test_a_complaint_is_named_to_approvers_only(house):
    house.mail("angry@example.jp")
    house.stage.sendgrid.pull("event", {"event": "spamreport", "email": "angry@example.jp"})
    house.stage.sendgrid.pull("deliver")
    admin = str(house.admin.types("/notify-errors who angry@example.jp", "angry@example.jp"))
    assert "迷惑メール報告" not in admin
    assert "受信者側の設定または操作" in admin
    house.approver.types("/notify-errors who angry@example.jp", "迷惑メール報告")


def test_a_button_of_another_installation_says_that_it_is_not_known(house):
    seen = house.admin.types("/notify-errors who taro@example.jp", "解除を申請")
    button = seen.button("解除を申請")
    with house.stage.slack_app.lock:
        messages = house.stage.slack_app.ephemerals["U0ADMIN01"]
        [shown] = [one for one in messages if one["ts"] == seen.message["ts"]]
        for block in shown["blocks"]:
            for element in block.get("elements", ()):
                if element.get("action_id") == button["action_id"]:
                    element["value"] = "elsewhere"
    where = {"user": "U0ADMIN01", "channel": seen.message["channel"], "ts": seen.message["ts"]}
    house.stage.slack.pull("press", where | button | {"value": "elsewhere"})
    house.admin.sees("この")
