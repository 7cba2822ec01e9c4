"""A form is asked one question at a time, with buttons that know where they belong."""

from __future__ import annotations

from dataclasses import replace

from bot.lineworks.postbacks import Filled, Step, read
from bot.lineworks.questions import question, review
from handlers.conversation import Ask, Choice, Form
from handlers.wording import say
from storage.failures import Cause

FORM = Form(
    verb="ask_removal",
    subject="c1",
    title="解除の申請",
    submit="申請する",
    cancel="やめる",
    intro="3つの確認をお願いします。",
    questions=(
        Choice(key="junk", label="迷惑メール", options=(("yes", "確認した"), ("no", "未確認"))),
        Choice(key="long", label="設定", options=(("a", "とても長い選択肢" * 4), ("b", "短い"))),
        Ask(key="note", label="申し送り", hint="200文字まで", optional=True),
        Ask(key="why", label="理由"),
    ),
)


def asked(at, **more):
    (template,) = question(FORM, at, "n1", "ja", **more)
    return template


def labels(template):
    return [one["label"] for one in template["actions"]]


def test_a_choice_is_answered_with_buttons():
    template = asked(0)
    assert template["contentText"] == "1/4 迷惑メール"
    assert labels(template) == ["確認した", "未確認", "やめる"]
    first, *_, last = (read(one["postback"]) for one in template["actions"])
    assert first == Filled(form="n1", at=0, step=Step.PICK, value="yes")
    assert last == Filled(form="n1", at=0, step=Step.CANCEL)


def test_long_options_stand_above_and_are_chosen_by_number():
    template = asked(1)
    assert "\n1. とても長い" in template["contentText"]
    assert labels(template) == ["1", "2", "やめる"]


def test_an_optional_question_can_be_left_out():
    template = asked(2)
    assert "200文字まで" in template["contentText"]
    assert labels(template) == ["申し送りなし", "やめる"]


def test_a_question_in_words_can_still_be_cancelled():
    assert labels(asked(3)) == ["やめる"]


def test_the_first_question_introduces_the_form():
    template = asked(0, opening=True)
    assert template["contentText"].startswith("解除の申請\n\n3つの確認をお願いします。\n\n")


def test_a_mistake_is_told_above_its_question():
    assert asked(0, mistake="選び直してください。")["contentText"].startswith("選び直して")


def test_the_review_shows_answers_as_people_read_them():
    (template,) = review(FORM, {"junk": "no", "why": "退職"}, "n1", "ja")
    assert "迷惑メール: 未確認\n" in template["contentText"]
    assert "理由: 退職" in template["contentText"]
    assert labels(template) == ["申請する", "やめる"]
    sends = read(template["actions"][0]["postback"])
    assert sends == Filled(form="n1", at=4, step=Step.SUBMIT)


def test_more_options_than_a_template_holds_go_on_in_a_second_one():
    causes = tuple((cause.value, say(f"cause.{cause}", "ja")) for cause in Cause)
    form = replace(FORM, questions=(Choice(key="cause", label="正しい原因", options=causes),))
    templates = question(form, 0, "n1", "ja")
    assert [len(template["actions"]) for template in templates] == [10, 10]
    shown = [label for template in templates for label in labels(template)]
    assert shown == [*dict(causes).values(), "やめる"]
    assert [one["contentText"] for one in templates] == ["1/1 正しい原因", "(2/2)"]
