"""LINE WORKS alone: no Slack, no SendGrid; digest, look-ups and decisions in its talks and rooms."""

import pytest

from sandbox.lineworks import people
from sandbox.stage import until

ALONE = {
    **dict.fromkeys(("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"), ""),
    **dict.fromkeys(
        (
            "SENDGRID_API_KEY",
            "SENDGRID_DELETE_API_KEY",
            "SENDGRID_API_URL",
            "SENDGRID_WEBHOOK_PUBLIC_KEY",
        ),
        "",
    ),
    "ADMINS": f"lineworks:{people.YAMADA.id},lineworks:{people.SUZUKI.id}",
    "APPROVERS": f"lineworks:{people.SATO.id},lineworks:{people.SUZUKI.id}",
    "DIGEST_CHANNEL": f"lineworks:{people.DIGEST_ROOM}",
    "APPROVAL_CHANNEL": f"lineworks:{people.APPROVAL_ROOM}",
    "ADMIN_CHANNEL": "",
}


@pytest.fixture(scope="module")
def alone(opened):
    with opened(**ALONE) as house:
        yield house


def fail(house, member, number):
    house.stage.line_works.pull("plan", {"cap": 0, "cap_answer": "cap_other_code"})
    text, named = f"{number}です", f"{number}-{member.id}"
    assert house.stage.host.notify(member.id, text, X_Notify_Id=named)[0] == 429
    house.stage.line_works.pull("plan", {"cap": 20_000})
    line = f"だれ {member.id}"
    until("it is stored", lambda: "送信上限" in str(house.yamada.types(line)))


def test_look_ups_speak_of_line_works_alone(alone):
    fail(alone, people.TANAKA, "looked-up")
    seen = str(alone.yamada.types("今日", "LINE WORKS"))
    assert "SendGrid" not in seen
    assert "リスト" not in seen.replace("一覧", "")


def test_the_digest_stands_in_the_room(alone):
    fail(alone, people.TANAKA, "digested")
    alone.at(0, 9)
    alone.tanaka.looks()
    alone.tanaka.sees("通知エラーのまとめ")


def test_a_resend_is_asked_and_decided_in_line_works(opened):
    with opened(**ALONE) as house:
        fail(house, people.TANAKA, "resent")
        house.yamada.presses(
            house.yamada.types(f"だれ {people.TANAKA.id}", "翌日に再送"), "翌日に再送"
        )
        house.yamada.sees("再送を申請しました")
        house.sato.looks()
        house.sato.presses(house.sato.sees("再送の申請"), "承認")
        house.yamada.sees("再送します")
        house.at(1, 9, 1)
        house.yamada.sees("再送しました")
        house.sato.sees("再送の申請", "承認しました")


def test_small_talk_in_a_room_is_not_answered(alone):
    said = {"user": people.YAMADA.id, "room": people.DIGEST_ROOM, "text": "今日はいい天気"}
    alone.stage.line_works.pull("say", said)
    alone.yamada.types("使い方", "通知エラーBotの使い方")  # answered later, so all is
    talks = alone.stage.line_works.state()["talks"]
    [room] = [talk for talk in talks if talk["channel"] == people.DIGEST_ROOM]
    assert room["messages"][-1]["text"] == "今日はいい天気"


def test_who_asked_cannot_decide_even_as_an_approver(opened):
    with opened(**ALONE) as house:
        suzuki = house.line_works(people.SUZUKI)
        fail(house, people.TANAKA, "own")
        suzuki.presses(suzuki.types(f"だれ {people.TANAKA.id}", "翌日に再送"), "翌日に再送")
        suzuki.sees("再送を申請しました")
        suzuki.looks()
        suzuki.presses(suzuki.sees("再送の申請"), "承認")
        suzuki.sees("別の承認者が判断します")


def test_a_text_to_forward_is_a_message_of_its_own(opened):
    with opened(**ALONE) as house:
        fail(house, people.TANAKA, "own")
        page = house.yamada.types(f"だれ {people.TANAKA.id}", "案内文を見る")
        house.yamada.presses(page, "案内文を見る")
        seen = house.yamada.sees("LINE WORKSの管理者の方に、次の確認をお願いします")
        assert str(seen).startswith("LINE WORKSの1日の送信上限に")
        assert str(seen).endswith("情報システム部(内線 1234)へお知らせください。")


def test_a_stranger_is_told_kindly(alone):
    alone.tanaka.types("今日", "管理者として登録された方だけ")
