"""People act in Slack's stand-in; our listeners answer over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers.conversation import (
    Ask,
    Button,
    Buttons,
    Command,
    File,
    Filled,
    Form,
    Message,
    Mistakes,
    Press,
    Text,
)
from handlers.ports import VendorError
from sandbox.slack import people

ADMIN, CHANNEL = "U0ADMIN01", "C0DIGEST1"
FORM = Form(
    verb="ask_remove",
    subject="case-7",
    title="解除の依頼",
    submit="依頼する",
    cancel="やめる",
    questions=(Ask(key="note", label="申し送り"),),
)
FILE = File(name="email.csv", title="メール", content=b"to\r\n")


def said(words: str, **more: Any) -> Message:
    return Message(summary=words, elements=(Text(words),), **more)


pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def typed(slack, settled):
    def by(text: str, user: str = ADMIN) -> dict:
        seen = people.command(slack, user, CHANNEL, f"/notify-errors {text}")
        settled()
        return seen

    return by


@pytest.fixture
def click(slack, chat, settled):
    """A press on a button that we posted to `place`."""

    def by(place: str = f"slack:{CHANNEL}", verb: str = "open", thread: str = "") -> dict:
        button = Button(label="開く", verb=verb, subject="case-7")
        posted = Message(summary="まとめ", elements=(Buttons((button,)),))
        _, channel, ts = chat.post(place, posted, thread=thread).split(":")
        seen = people.press(slack, ADMIN, verb, channel=channel, ts=ts)
        settled()
        return {**seen, "ref": f"slack:{channel}:{ts}"}

    return by


@pytest.fixture
def submit(slack, desk, click, settled):
    """Opens FORM, fills it and sends it while the desk has another answer."""

    def by(answer: Any, note: str = "確認済み") -> dict:
        desk.answer = FORM
        click()
        desk.answer = answer
        view = slack.modals[ADMIN][-1].view["id"]
        seen = people.submit(slack, ADMIN, view, {"note": {"answer": note}})
        settled()
        return seen

    return by


# Commands.


def test_a_command_is_answered_to_the_asker_alone(typed, desk, posts, whispers):
    assert typed("who a@example.jp")["status"] == 200
    (heard,) = desk.heard
    assert isinstance(heard, Command)
    assert (heard.person, heard.text) == (f"slack:{ADMIN}", "who a@example.jp")
    assert (whispers(ADMIN), posts(CHANNEL)) == (["3件"], [])


def test_a_command_may_speak_of_payloads(typed, desk):
    typed("who payload@example.jp")
    assert desk.heard[0].text == "who payload@example.jp"


def test_files_of_an_answer_come_by_direct_message(typed, desk, posts, whispers):
    desk.answer = said("CSVはダイレクトメッセージで届きます", files=(FILE,))
    typed("export")
    assert whispers(ADMIN) == ["CSVはダイレクトメッセージで届きます"]
    assert [file["name"] for file in posts("D0ADMIN01")[1]["files"]] == ["email.csv"]


def test_files_that_cannot_be_sent_are_told_of(typed, desk, slack, whispers):
    slack.faults["scopes"].remove("files:write")
    desk.answer = said("CSVです", files=(FILE,))
    typed("export")
    assert sorted(whispers(ADMIN)) == ["CSVです", f"slack:{ADMIN}: 不具合 a1b2c3"]


def test_trouble_in_a_command_is_said_and_logged_under_one_number(typed, desk, whispers):
    desk.answer = RuntimeError("a@example.jp is unknown")
    with capture_logs() as logs:
        typed("today")
    assert whispers(ADMIN) == [f"slack:{ADMIN}: 不具合 a1b2c3"]
    (line,) = logs
    assert (line["number"], line["error"]) == ("a1b2c3", "RuntimeError")
    assert "example.jp" not in str(logs)


def test_a_vendors_word_reaches_the_log(typed, desk):
    desk.answer = VendorError("missing_scope:users:read", permanent=True)
    with capture_logs() as logs:
        typed("today")
    assert logs[0]["word"] == "missing_scope:users:read"


def test_trouble_about_trouble_gives_a_plain_failure(typed, desk, monkeypatch):
    monkeypatch.setattr(desk, "trouble", lambda _person: 1 / 0)
    desk.answer = RuntimeError("first")
    with capture_logs() as logs:
        assert typed("today")["status"] == 500
    assert [line["error"] for line in logs] == ["RuntimeError", "ZeroDivisionError"]


# Presses.


def test_a_press_is_answered_to_the_presser_alone(click, desk, posts, whispers):
    ref = click(verb="list")["ref"]
    (heard,) = desk.heard
    assert isinstance(heard, Press)
    assert (heard.verb, heard.subject, heard.message) == ("list", "case-7", ref)
    assert (whispers(ADMIN), len(posts(CHANNEL))) == (["3件"], 1)


def test_a_press_in_a_thread_is_answered_there(click, chat, slack):
    first = chat.post(f"slack:{CHANNEL}", said("まとめ"))
    click(thread=first)
    assert slack.ephemerals[ADMIN][0]["thread_ts"] == first.split(":")[2]


def test_a_press_may_need_no_answer(click, desk, whispers):
    desk.answer = None
    assert (click()["status"], whispers(ADMIN)) == (200, [])


def test_a_press_may_open_a_form(click, desk, slack):
    desk.answer = FORM
    click()
    (modal,) = slack.modals[ADMIN]
    assert modal.view["title"]["text"] == "解除の依頼"


def test_a_form_too_late_asks_to_press_again(click, desk, slack, whispers, monkeypatch):
    desk.answer = FORM
    monkeypatch.setattr(slack, "wall", lambda: time.time() + 4 * len(desk.heard))
    click()
    assert slack.modals[ADMIN] == []
    assert whispers(ADMIN) == [f"slack:{ADMIN}: もう一度押してください。"]


def test_a_form_that_slack_refuses_is_trouble(click, desk, slack, whispers):
    slack.faults["errors"]["views.open"] = "internal_error"
    desk.answer = FORM
    click()
    assert whispers(ADMIN) == [f"slack:{ADMIN}: 不具合 a1b2c3"]


def test_an_answer_whose_address_is_used_up_comes_by_direct_message(
    click, slack, posts, monkeypatch
):
    monkeypatch.setattr(slack, "new_hook", lambda *_, **__: f"{slack.base_url}/actions/T/used")
    click()
    assert [message["text"] for message in posts("D0ADMIN01")] == ["3件"]


def test_files_of_a_press_come_by_direct_message(click, desk, posts, whispers):
    desk.answer = said("CSVです", files=(FILE,))
    click()
    assert whispers(ADMIN) == ["CSVです"]
    assert len(posts("D0ADMIN01")) == 2


def test_trouble_in_a_press_is_said(click, desk, whispers):
    desk.answer = RuntimeError("no")
    assert click()["status"] == 200
    assert whispers(ADMIN) == [f"slack:{ADMIN}: 不具合 a1b2c3"]


def test_trouble_that_cannot_be_said_is_logged(click, desk, slack, monkeypatch):
    def broken(_press: Press) -> Message:
        slack.faults["errors"]["chat.postMessage"] = "not_in_channel"
        return said("3件")

    monkeypatch.setattr(desk, "press", broken)
    monkeypatch.setattr(slack, "new_hook", lambda *_, **__: f"{slack.base_url}/actions/T/used")
    with capture_logs() as logs:
        click()
    told = [(line["word"], line["number"]) for line in logs]
    assert told == [("not_in_channel", "a1b2c3"), ("not_in_channel", "")]


# Forms.


def test_a_filled_form_reaches_the_desk_and_closes(submit, desk, slack, whispers):
    assert submit(said("依頼しました"))["status"] == 200
    filled = desk.heard[-1]
    assert isinstance(filled, Filled)
    assert (filled.verb, filled.subject, filled.answers) == (
        "ask_remove",
        "case-7",
        {"note": "確認済み"},
    )
    assert (slack.modals[ADMIN], whispers(ADMIN)) == ([], ["依頼しました"])


def test_mistakes_stay_in_the_form(submit, slack):
    seen = submit(Mistakes(by_question={"note": "何を確認したか書いてください。"}))
    assert seen["modal"]["errors"] == {"note": "何を確認したか書いてください。"}
    assert slack.modals[ADMIN][0].typed == {"note": {"answer": "確認済み"}}


def test_a_form_may_need_no_answer(submit, slack, whispers):
    submit(None)
    assert (slack.modals[ADMIN], whispers(ADMIN)) == ([], [])


def test_trouble_with_a_form_is_said(submit, whispers):
    submit(RuntimeError("no"))
    assert whispers(ADMIN) == [f"slack:{ADMIN}: 不具合 a1b2c3"]
