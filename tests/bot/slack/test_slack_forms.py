"""A form as a modal, and back."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.forms import filled, view
from handlers.conversation import Ask, Choice, Filled, Form
from sandbox.slack.blocks import view_problems

YES_NO = (("yes", "確認した"), ("no", "未確認"))
CHECK = Choice(key="junk", label="迷惑メールフォルダーを確認しましたか", options=YES_NO)
NOTE = Ask(key="note", label="申し送り", hint="任意", optional=True, max_length=500)


def form(*questions, **more) -> Form:
    words = {"title": "解除の依頼", "submit": "依頼する", "cancel": "やめる"}
    return Form(verb="ask_remove", subject="case-7", questions=questions, **{**words, **more})


def opened(asked: Form) -> dict:
    return view(asked, place="slack:C0DIGEST1", reply_to="slack-reply:https://example.com/r/1")


def submitted(modal: dict, values: dict) -> dict:
    sent = {**modal, "state": {"values": values}}
    return {"type": "view_submission", "user": {"id": "U0ADMIN01"}, "view": sent}


def test_questions_become_inputs_named_by_their_keys():
    first, second = opened(form(CHECK, NOTE))["blocks"]
    assert (first["block_id"], first["element"]["type"]) == ("junk", "radio_buttons")
    assert [o["value"] for o in first["element"]["options"]] == ["yes", "no"]
    assert (second["block_id"], second["optional"]) == ("note", True)
    assert second["element"]["multiline"]
    assert second["element"]["max_length"] == 500


def test_more_answers_than_radio_buttons_hold_become_a_menu():
    many = Choice(key="why", label="理由", options=tuple((str(n), str(n)) for n in range(11)))
    assert opened(form(many))["blocks"][0]["element"]["type"] == "static_select"


def test_an_introduction_stands_above_the_questions():
    intro, _ = opened(form(NOTE, intro="4つの確認をお願いします。"))["blocks"]
    assert intro["text"]["text"] == "4つの確認をお願いします。"


def test_titles_are_cut_to_what_a_modal_shows():
    modal = opened(form(NOTE, title="A title that is too long for a modal"))
    assert modal["title"]["text"] == "A title that is too lon…"


def test_a_modal_carries_ids_and_no_address():
    assert json.loads(opened(form(NOTE))["private_metadata"]) == {
        "subject": "case-7",
        "place": "slack:C0DIGEST1",
        "reply_to": "slack-reply:https://example.com/r/1",
    }


def test_a_form_that_carries_too_much_is_refused():
    with pytest.raises(ValueError, match="carries over 3000 characters"):
        view(form(NOTE), place="slack:C1", reply_to="x" * 3000)


def test_a_sent_modal_brings_back_what_was_asked_and_answered():
    chosen = {"answer": {"type": "radio_buttons", "selected_option": {"value": "yes"}}}
    typed = {"answer": {"type": "plain_text_input", "value": "社内で確認済み"}}
    assert filled(submitted(opened(form(CHECK, NOTE)), {"junk": chosen, "note": typed})) == Filled(
        person="slack:U0ADMIN01",
        verb="ask_remove",
        subject="case-7",
        answers={"junk": "yes", "note": "社内で確認済み"},
        place="slack:C0DIGEST1",
        reply_to="slack-reply:https://example.com/r/1",
    )


def test_an_answer_left_empty_is_an_empty_text():
    values = {"note": {"answer": {"type": "plain_text_input", "value": None}}}
    assert filled(submitted(opened(form(NOTE)), values)).answers == {"note": ""}


def test_a_modal_of_somebody_else_is_not_read():
    with pytest.raises(msgspec.ValidationError):
        filled({"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "x"}})


WORDS = st.text(max_size=120)
OPTIONS = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=8), WORDS), min_size=1, max_size=40
)
QUESTIONS = st.builds(
    Choice, key=st.just("q"), label=WORDS, options=OPTIONS.map(tuple)
) | st.builds(
    Ask,
    key=st.just("q"),
    label=WORDS,
    hint=WORDS,
    optional=st.booleans(),
    max_length=st.integers(1, 9000),
)


@given(QUESTIONS, WORDS, WORDS)
def test_slack_takes_whatever_form_is_asked(question, title, intro):
    assert view_problems(opened(form(question, title=title, submit=title, intro=intro))) == []
