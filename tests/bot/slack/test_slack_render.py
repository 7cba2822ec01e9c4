"""Messages as Block Kit: every element, Slack's limits, and what gives way."""

from __future__ import annotations

import json
import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.slack.render import MOST_JSON, blocks, text, verb_of
from handlers.conversation import (
    Bullets,
    Button,
    Buttons,
    Confirm,
    Divider,
    Element,
    Facts,
    Heading,
    Message,
    Note,
    Passage,
    Quote,
    Style,
    Text,
    Title,
)
from sandbox.slack.blocks import message_problems, too_long

LINK = re.compile(r"<https?://[^\s<>|]+>")
HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<!here|x>",
        "<@U0ADMIN01>",
        "<https://example.com|click>",
        "&lt;!channel&gt;",
        "```",
        "https://example.jp/a?b=1&c=2",
        "a@example.jp",
        "\u202e逆さ",
        "👩\u200d💻",
        "\ud83d",
        "\x00\x1b[31m",
        "\n\n",
        "e\u0301" * 40,
        "長い" * 1500,
        "&" * 700,
        '"' * 900,
    ]
)
TEXTS = st.lists(st.text(max_size=40) | HOSTILE, max_size=4).map("".join)
CONFIRMS = st.none() | st.builds(Confirm, title=TEXTS, text=TEXTS, yes=TEXTS, no=TEXTS)
BUTTONS = st.builds(
    Button,
    label=TEXTS,
    verb=st.sampled_from(["open", "ask_remove", "approve"]),
    subject=st.text("0123456789abcdef-", max_size=40),
    style=st.sampled_from(Style),
    confirm=CONFIRMS,
    describes=TEXTS,
)
ELEMENTS = (
    st.builds(Heading, TEXTS)
    | st.builds(Text, TEXTS)
    | st.builds(Note, TEXTS)
    | st.builds(Facts, st.lists(st.tuples(TEXTS, TEXTS), max_size=12).map(tuple))
    | st.builds(Quote, TEXTS, TEXTS)
    | st.builds(Passage, TEXTS)
    | st.builds(Bullets, st.lists(TEXTS, max_size=20).map(tuple), st.booleans())
    | st.just(Divider())
    | st.builds(Buttons, st.lists(BUTTONS, max_size=30).map(tuple))
)
MESSAGES = st.builds(Message, summary=TEXTS, elements=st.lists(ELEMENTS, max_size=70).map(tuple))


def message(*elements: Element, summary: str = "今日の通知エラー") -> Message:
    return Message(summary=summary, elements=elements)


def only(element: Element) -> dict:
    (block,) = blocks(message(element))
    return block


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


@settings(max_examples=150, deadline=None)
@given(MESSAGES)
def test_slack_takes_whatever_is_printed(hostile):
    printed = blocks(hostile)
    assert printed
    assert message_problems(printed) == []
    assert not too_long(printed)
    assert 1 <= len(text(hostile)) <= 4000


@settings(max_examples=150, deadline=None)
@given(MESSAGES)
def test_nothing_mentions_or_links_but_whole_web_addresses(hostile):
    for printed in [text(hostile), *strings(blocks(hostile))]:
        assert all(LINK.fullmatch(found) for found in re.findall("<[^<>]*>?", printed))
        assert not re.search("&(?!(amp|lt|gt);)", printed)


@settings(max_examples=30, deadline=None)
@given(MESSAGES)
def test_slacks_own_models_agree(hostile):
    for block in blocks(hostile):
        assert Block.parse(block).to_dict()["type"] == block["type"]


def test_every_element_is_printed():
    shown = {
        Heading: ("header", Heading("見出し")),
        Title: ("section", Title("種別")),
        Text: ("section", Text("本文")),
        Note: ("context", Note("9時まで確認")),
        Facts: ("section", Facts((("宛先", "a***@example.jp"),))),
        Quote: ("section", Quote("", "550 5.1.1")),
        Passage: ("section", Passage("件名:お願い")),
        Bullets: ("section", Bullets(("一",))),
        Divider: ("divider", Divider()),
        Buttons: ("actions", Buttons((Button(label="開く", verb="open", subject="1"),))),
    }
    assert set(shown) == set(get_args(Element))
    for kind, element in shown.values():
        assert only(element)["type"] == kind


def test_a_title_is_bold_whatever_stars_it_has():
    assert only(Title("a*b <c>"))["text"]["text"] == "*a＊b &lt;c&gt;*"


def test_a_heading_is_cut_to_what_slack_takes():
    assert len(only(Heading("見" * 200))["text"]["text"]) == 150


def test_facts_stand_in_two_columns():
    fields = only(Facts((("宛先", "*a*@example.jp"), ("件数", ""))))["fields"]
    assert [field["text"] for field in fields] == ["*宛先*", "*a*@example.jp", "*件数*", "–"]
    assert [field["type"] for field in fields] == ["mrkdwn", "plain_text"] * 2


def test_six_facts_need_a_second_section():
    pairs = tuple((f"label {n}", str(n)) for n in range(6))
    assert [len(b["fields"]) for b in blocks(message(Facts(pairs)))] == [10, 2]


def test_somebody_elses_words_are_quoted_unchanged():
    label, quote = blocks(message(Quote("先方の応答", "550 <a_b_c@example.jp> *no*")))
    assert label["text"]["text"] == "先方の応答"
    assert quote["text"]["text"] == "```\n550 &lt;a_b_c@example.jp&gt; *no*\n```"


def test_a_passage_is_set_apart_and_can_be_copied_unchanged():
    before, passage, after = blocks(
        message(Text("送る"), Passage("件名:*お願い*\n本文"), Text("以上"))
    )
    assert passage["text"]["text"] == "```\n件名:*お願い*\n本文\n```"
    assert (before["text"]["text"], after["text"]["text"]) == ("送る", "以上")


def test_a_quote_cannot_break_out_of_its_frame():
    quoted = only(Quote("", "``` <!here> ```"))["text"]["text"]
    assert quoted.count("```") == 2


def test_bullets_and_numbers_stand_one_a_line():
    assert only(Bullets(("迷惑メール", "ごみ箱")))["text"]["text"] == "• 迷惑メール\n• ごみ箱"
    assert only(Bullets(("開く", "押す"), numbered=True))["text"]["text"] == "1. 開く\n2. 押す"


def test_long_lists_fill_several_sections_and_lose_nothing():
    items = tuple(f"{n:03} {'長' * 90}" for n in range(60))
    printed = blocks(message(Bullets(items)))
    assert len(printed) > 1
    assert "\n".join(b["text"]["text"] for b in printed).count("長" * 90) == 60


def test_empty_elements_leave_no_block():
    empty = [Heading(" "), Text(""), Note("\n"), Quote("", ""), Bullets(()), Buttons(())]
    assert blocks(message(*empty, Text("本文"))) == [only(Text("本文"))]


def test_a_message_of_a_summary_alone_shows_it():
    (block,) = blocks(message(summary="申請は取り下げられました"))
    assert block["text"]["text"] == "申請は取り下げられました"


def test_the_fallback_is_the_escaped_summary():
    assert text(message(summary="A & <B>")) == "A &amp; &lt;B&gt;"


def test_a_button_carries_verb_subject_and_what_tells_it_apart():
    button = Button(
        label="解除を依頼",
        verb="ask_remove",
        subject="case-7",
        describes="a***@example.jp の解除を依頼",
    )
    (made,) = only(Buttons((button,)))["elements"]
    assert (made["action_id"], made["value"]) == ("ask_remove", "case-7")
    assert made["accessibility_label"] == "a***@example.jp の解除を依頼"
    assert "style" not in made


def test_an_act_of_weight_asks_first_in_its_own_colour():
    confirm = Confirm(title="解除しますか", text="元に戻せません。", yes="解除する", no="やめる")
    button = Button(label="承認", verb="approve", subject="r1", style=Style.DANGER, confirm=confirm)
    (made,) = only(Buttons((button,)))["elements"]
    assert made["style"] == made["confirm"]["style"] == "danger"
    assert made["confirm"]["confirm"]["text"] == "解除する"


def test_buttons_of_one_verb_have_different_names_and_the_same_verb():
    row = tuple(Button(label="開く", verb="open", subject=str(n)) for n in range(3))
    names = [made["action_id"] for made in only(Buttons(row))["elements"]]
    assert len(set(names)) == 3
    assert {verb_of(name) for name in names} == {"open"}


def test_more_buttons_than_a_row_holds_get_another_row():
    row = tuple(Button(label="開く", verb="open", subject=str(n)) for n in range(26))
    assert [len(b["elements"]) for b in blocks(message(Buttons(row)))] == [25, 1]


def test_a_subject_that_is_no_id_is_refused():
    with pytest.raises(ValueError, match="subject of a 'open' button"):
        blocks(message(Buttons((Button(label="x", verb="open", subject="x" * 2001),))))


def long_message(summary: str) -> Message:
    ask = Buttons((Button(label="一覧", verb="list", subject="g1"),))
    lines = [Text(f"{n} 件目") for n in range(80)]
    return message(Heading("まとめ"), *lines, Note("9:00まで確認"), ask, summary=summary)


def test_a_message_of_too_many_blocks_keeps_head_note_and_buttons():
    printed = blocks(long_message("80件"))
    assert len(printed) == 50
    assert printed[0]["type"] == "header"
    assert [block["type"] for block in printed[-3:]] == ["context", "context", "actions"]
    assert printed[-2]["elements"][0]["text"] == "9:00まで確認"


def test_it_says_how_many_lines_are_left_out_in_its_own_language():
    japanese, english = blocks(long_message("80件")), blocks(long_message("80 failures"))
    assert japanese[-3]["elements"][0]["text"] == "ほか34行は、長いため表示していません。"
    assert english[-3]["elements"][0]["text"] == "34 more lines do not fit here."


def test_a_message_of_too_many_characters_is_shortened_too():
    parts = [Text("長" * 2500) for _ in range(9)]
    printed = blocks(message(Heading("見出し"), *parts, Note("確認済み")))
    assert [b["type"] for b in printed] == ["header", *["section"] * 4, "context", "context"]
    assert len(json.dumps(printed, ensure_ascii=False)) <= MOST_JSON


def test_no_heading_is_left_without_what_it_heads():
    parts = [Text("本文") for _ in range(47)]
    printed = blocks(message(*parts, Heading("次の種別"), *parts, Note("確認済み")))
    assert [b["type"] for b in printed[-3:]] == ["section", "context", "context"]
