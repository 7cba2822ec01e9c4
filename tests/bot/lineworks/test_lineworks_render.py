"""Messages become texts and templates that LINE WORKS takes, whatever they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks import postbacks
from bot.lineworks.limits import units
from bot.lineworks.postbacks import Pushed
from bot.lineworks.render import contents
from handlers.conversation import (
    Bullets,
    Button,
    Buttons,
    Confirm,
    Divider,
    Facts,
    Heading,
    Message,
    Note,
    Passage,
    Quote,
    Text,
    Title,
)


def message(*elements, summary="要約"):
    return Message(summary=summary, elements=elements)


def button(label="詳細", subject="k9", **more):
    return Button(label=label, verb="show", subject=subject, **more)


def test_text_alone_is_one_text():
    shown = contents(
        message(
            Heading("今日"),
            Text("3件"),
            Title("種別"),
            Facts((("宛先", "t***@example.jp"), ("回数", "3"))),
            Quote("受信側の応答", "550\n5.1.1"),
            Bullets(("確認", "連絡"), numbered=True),
            Bullets(("一つ",)),
            Divider(),
            Note("09:00まで"),
        )
    )
    assert shown == [
        {
            "type": "text",
            "text": (
                "■ 今日\n3件\n\n▼ 種別\n宛先: t***@example.jp\n回数: 3\n\n受信側の応答\n> 550\n> 5.1.1\n\n"
                "1. 確認\n2. 連絡\n\n• 一つ\n\n――――――――\n\n09:00まで"
            ),
        }
    ]


def test_buttons_stand_under_what_was_said_before_them():
    shown = contents(message(Text("3件"), Buttons((button(),)), Note("以上")))
    assert shown == [
        {
            "type": "button_template",
            "contentText": "3件",
            "actions": [{"type": "message", "label": "詳細", "postback": "v1:show:k9"}],
        },
        {"type": "text", "text": "以上"},
    ]


def test_only_what_fits_stands_over_the_buttons():
    first, second = contents(message(Text("あ" * 900), Text("い" * 900), Buttons((button(),))))
    assert first == {"type": "text", "text": "あ" * 900}
    assert second["contentText"] == "い" * 900


def test_buttons_alone_stand_under_the_summary():
    assert contents(message(Buttons((button(),))))[0]["contentText"] == "要約"


def test_no_elements_leave_the_summary():
    assert contents(message()) == [{"type": "text", "text": "要約"}]


def test_more_than_ten_buttons_take_several_templates():
    many = tuple(button(f"選択{n}", f"s{n}") for n in range(23))
    shown = contents(message(Text("選ぶ"), Buttons(many)))
    assert [len(one["actions"]) for one in shown] == [10, 10, 3]
    assert [one["contentText"] for one in shown] == ["選ぶ", "(2/3)", "(3/3)"]


def test_equal_labels_are_told_apart_by_what_they_describe():
    pair = (button(describes="拒否"), button(describes="遅延"), button("使い方", describes="x"))
    (shown,) = contents(message(Text("選ぶ"), Buttons(pair)))
    assert [one["label"] for one in shown["actions"]] == ["詳細 拒否", "詳細 遅延", "使い方"]


def test_a_button_that_asks_says_beforehand_what_it_would_ask():
    confirm = Confirm(title="承認の確認", text="元に戻せません。", yes="承認", no="やめる")
    (shown,) = contents(message(Text("申請"), Buttons((button("承認", confirm=confirm),))))
    assert shown["contentText"] == "申請\n\n承認: 元に戻せません。"
    assert shown["actions"][0]["postback"] == "v1?:show:k9"


def test_a_heading_stays_with_what_it_heads():
    shown = contents(message(Text("あ" * 1500), Heading("次"), Text("い" * 600)))
    assert [one["text"][:3] for one in shown] == ["あああ", "■ 次"]


def test_a_passage_has_a_message_of_its_own_so_that_it_can_be_copied():
    shown = contents(
        message(Heading("案内文"), Text("送る"), Passage("件名:お願い\n本文"), Note("以上"))
    )
    assert [one["text"] for one in shown] == ["■ 案内文\n送る", "件名:お願い\n本文", "以上"]


def test_an_opaque_id_that_does_not_fit_is_our_mistake():
    with pytest.raises(ValueError, match="LINE WORKS takes 1000"):
        contents(message(Buttons((button(subject="x" * 1000),))))


words = st.text(max_size=40) | st.sampled_from(
    ['<m userId="all">', "あ" * 2500, "😀" * 1200, "\r\n" * 30, "", " "]
)
buttons = st.builds(button, words, st.text("ab:é", max_size=20), describes=words)
elements = st.one_of(
    st.builds(Heading, words),
    st.builds(Text, words),
    st.builds(Note, words),
    st.builds(Facts, st.lists(st.tuples(words, words), max_size=4).map(tuple)),
    st.builds(Quote, words, words),
    st.builds(Passage, words),
    st.builds(Bullets, st.lists(words, max_size=4).map(tuple), st.booleans()),
    st.just(Divider()),
    st.builds(Buttons, st.lists(buttons, max_size=12).map(tuple)),
)


def strings_of(content):
    yield content["text"] if content["type"] == "text" else content["contentText"]
    yield from (action["label"] for action in content.get("actions", []))


@given(st.lists(elements, max_size=6), words)
def test_whatever_is_said_stays_within_the_limits(said, summary):
    for content in contents(message(*said, summary=summary)):
        for text in strings_of(content):
            assert text.strip()
            assert "<m" not in text.lower()
            assert text.encode()
        assert units(content.get("text", "")) <= 2000
        assert units(content.get("contentText", "")) <= 1000
        assert all(units(one["label"]) <= 20 for one in content.get("actions", []))
        assert len(content.get("actions", [])) <= 10


@given(st.lists(buttons, max_size=25))
def test_every_button_comes_back_as_it_was(pressed):
    shown = contents(message(Buttons(tuple(pressed))))
    back = [postbacks.read(one["postback"]) for part in shown for one in part.get("actions", [])]
    assert back == [Pushed(verb=one.verb, subject=one.subject) for one in pressed]
