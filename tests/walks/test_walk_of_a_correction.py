"""Something is pasted, explained, found to be not right, corrected, and put back."""

import json

import pytest

from sandbox.stage import until

REFUSAL = "550 5.7.1 <{}@example.jp>: your house is not welcome in this street, ticket Q7X{}"


@pytest.fixture(scope="module")
def refused(house):
    """Two people whose servers use the same words."""
    for n, name in enumerate(("kaoru", "makoto")):
        reason = REFUSAL.format(name, n)
        house.mail(f"{name}@example.jp", outcome="bounce", reason=reason)
    return house


def causes(house):
    """What the persons' pages say."""
    pages = [
        # With its words: a notice of what was just done may come in between.
        str(house.admin.types(f"/notify-errors who {name}@example.jp", "原因: "))
        for name in ("kaoru", "makoto")
    ]
    return [line for page in pages for line in page.splitlines() if line.startswith("原因: ")]


def test_what_was_not_right_is_corrected_for_the_past_and_the_future_and_undone(refused):
    house = refused
    before = causes(house)
    seen = house.admin.types(f"/notify-errors explain {REFUSAL.format('someone', 9)}", "確信度")
    house.admin.presses(seen, "この判定は違う")
    house.admin.fills(
        {"cause": "throttled", "permanence": "usual", "why": "受信側の担当者に確認した"}
    )
    house.admin.sees("訂正しました", "混雑・流量制限")
    told = house.admin.sees("過去の記録 2件", "混雑・流量制限")
    assert causes(house) == ["原因: 混雑・流量制限"] * 2
    house.mail("shinobu@example.jp", outcome="bounce", reason=REFUSAL.format("shinobu", 3))
    house.admin.types("/notify-errors who shinobu@example.jp", "混雑・流量制限")
    house.second_admin.types(
        f"/notify-errors 説明 {REFUSAL.format('other', 5)}",
        "山田 花子さん",
        "受信側の担当者に確認した",
    )
    house.admin.presses(told, "訂正を取り消す")
    house.admin.sees("取り消しました")
    house.admin.sees("過去の記録 3件を規則どおりに読み直しました")
    until("the past is as before", lambda: causes(house) == before)


def test_a_whole_event_is_explained_with_its_lines(house):
    event = {
        "event": "bounce",
        "type": "blocked",
        "email": "taro@example.jp",
        "reason": "452 4.2.2 The email account that you tried to reach is over quota",
    }
    house.admin.types(
        f"/notify-errors explain {json.dumps([event], indent=2)}",
        "今回の拒否",
        "空き容量不足",
        "taro@example.jp",
    )


def test_line_works_explains_in_its_talk_and_corrects_question_by_question(house):
    answer = '403 {"code":"FORBIDDEN",\n "description":"no"}'
    house.yamada.types(f"説明 {answer}", "Botの使用権限なし", "推測(資料に記載なし)", "FORBIDDEN")
    seen = house.yamada.types("説明 550 the moon is in the way of your letter", "この判定は違う")
    house.yamada.presses(seen, "この判定は違う")
    first = house.yamada.sees("(2/2)", "やめる")
    house.yamada.presses(first, "書式の誤り")
    house.yamada.presses(house.yamada.sees("2/3 宛先の状態"), "この原因の通常どおり")
    house.yamada.sees("3/3")
    house.yamada.types("月を見て確かめた", "この内容で送ります")
    house.yamada.presses(house.yamada.sees("訂正する"), "訂正する")
    house.yamada.sees("訂正しました", "書式の誤り")
    house.yamada.sees("過去の記録 0件")
