"""What people say and press reaches the desk, and its answers reach them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bot.lineworks.callback import Began, Ignored, Pressed, Said
from bot.lineworks.client import LineWorksChat
from bot.lineworks.postbacks import Pushed, Stopped, read
from bot.lineworks.talk import Talk
from handlers.conversation import Ask, Choice, Form, Message, Mistakes, Text

PERSON, TALK, ROOM = "lineworks:taro", "lineworks-user:taro", "lineworks:room"
FORM = Form(
    verb="ask_remove",
    subject="c1",
    title="解除の申請",
    submit="申請する",
    cancel="やめる",
    questions=(
        Choice(key="junk", label="迷惑メール", options=(("yes", "確認した"), ("no", "未確認"))),
        Ask(key="note", label="申し送り", optional=True, max_length=10),
    ),
)


def message(text):
    return Message(summary=text, elements=(Text(text),))


class Desk:
    """Notes what it was asked, and answers what it was told to."""

    def __init__(self):
        self.asked = []
        self.replies = []

    def _reply(self, asked):
        self.asked.append(asked)
        reply = self.replies.pop(0) if self.replies else message("答え")
        if isinstance(reply, Exception):
            raise reply
        return reply

    command = press = fill = _reply

    def trouble(self, person):
        return message(f"不具合 {person}"), "n1"


class Drafts(dict):
    def put(self, person, draft):
        self[person] = draft

    def drop(self, person):
        return self.pop(person, None) is not None


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def drafts():
    return Drafts()


@pytest.fixture
def make_talk(api, desk, drafts):
    def make(locale="ja"):
        chat = LineWorksChat(api, "7001001", locale, ZoneInfo("Asia/Tokyo"))
        return Talk(chat, desk, drafts)

    return make


@pytest.fixture
def talk(make_talk):
    return make_talk()


@pytest.fixture
def shown(vendor):
    """What was posted since the last look: path's end and content."""

    def look():
        posted = [(call.target.split("/")[-2], call.json["content"]) for call in vendor.calls]
        vendor.calls.clear()
        return posted

    return look


def text_of(content):
    return content.get("text") or content["contentText"]


def said(text, *, shared=False, addressed=False):
    place = ROOM if shared else TALK
    return Said(person=PERSON, place=place, shared=shared, text=text, addressed=addressed)


def push(postback=None, *, shared=False, label="解除を申請"):
    postback = postback or Pushed(verb="ask_remove", subject="c1")
    place = ROOM if shared else TALK
    return Pressed(person=PERSON, place=place, shared=shared, label=label, postback=postback)


@pytest.mark.parametrize(("shared", "place"), [(False, TALK), (True, ROOM)])
def test_a_command_is_answered_where_it_was_typed(talk, desk, shown, shared, place):
    talk.hear(said("今日", shared=shared))
    (asked,) = desk.asked
    assert (asked.person, asked.text, asked.place) == (PERSON, "今日", place)
    assert (asked.reply_to, asked.shared) == (place, shared)
    assert [(to, text_of(one)) for to, one in shown()] == [(place.partition(":")[2], "答え")]


def test_a_press_is_answered_where_the_button_stood(talk, desk, shown):
    talk.hear(push(shared=True))
    (asked,) = desk.asked
    assert (asked.verb, asked.subject, asked.place, asked.shared) == (
        "ask_remove",
        "c1",
        ROOM,
        True,
    )
    assert shown()[0][0] == "room"


def test_no_answer_posts_nothing(talk, desk, shown):
    desk.replies = [None]
    talk.hear(push())
    assert not shown()


def test_what_is_not_for_us_is_left_alone(talk, desk, shown):
    talk.hear(Ignored(why="event"))
    assert (desk.asked, shown()) == ([], [])


def test_a_talk_begins_with_a_welcome(make_talk, shown):
    make_talk("en").hear(Began(person=PERSON, place=TALK))
    assert "help" in text_of(shown()[0][1])


def test_a_button_that_asks_is_pressed_twice(talk, desk, shown):
    talk.hear(push(Pushed(verb="approve", subject="r1", asks=True), label="承認"))
    ((_, asks),) = shown()
    assert not desk.asked
    yes, no = asks["actions"]
    assert (yes["label"], read(yes["postback"])) == ("承認", Pushed(verb="approve", subject="r1"))
    assert read(no["postback"]) == Stopped()
    talk.hear(push(read(yes["postback"])))
    assert desk.asked[0].verb == "approve"


def test_the_way_out_changes_nothing(talk, desk, shown):
    talk.hear(push(Stopped(), label="やめる"))
    assert not desk.asked
    assert "何も変更していません" in text_of(shown()[0][1])


def begin(talk, desk, **more):
    desk.replies = [FORM]
    talk.hear(push(**more))


def choose(talk, content, label):
    """Press the button of that label."""
    (chosen,) = [one for one in content["actions"] if one["label"] == label]
    talk.hear(push(read(chosen["postback"]), label=label))


def last(shown):
    return shown()[-1][1]


def test_a_form_is_asked_question_by_question_and_sent(talk, desk, shown):
    begin(talk, desk)
    choose(talk, last(shown), "確認した")
    talk.hear(said("急ぎです"))
    review = last(shown)
    assert "迷惑メール: 確認した\n申し送り: 急ぎです" in review["contentText"]
    choose(talk, review, "申請する")
    filled = desk.asked[-1]
    assert (filled.verb, filled.subject) == ("ask_remove", "c1")
    assert filled.answers == {"junk": "yes", "note": "急ぎです"}
    assert (filled.place, filled.reply_to) == (TALK, TALK)
    assert text_of(last(shown)) == "答え"


def test_a_form_goes_on_after_a_restart(make_talk, desk, shown):
    begin(make_talk(), desk)
    first = last(shown)
    choose(make_talk(), first, "未確認")
    assert last(shown)["contentText"].startswith("2/2 申し送り")


def test_a_form_from_a_room_is_asked_in_private(talk, desk, shown):
    begin(talk, desk, shared=True)
    (private, question), (room, notice) = shown()
    assert (private, room) == ("taro", "room")
    assert question["actions"]
    assert "1対1" in text_of(notice)


def test_what_is_left_out_is_empty(talk, desk, shown):
    begin(talk, desk)
    choose(talk, last(shown), "確認した")
    choose(talk, last(shown), "申し送りなし")
    choose(talk, last(shown), "申請する")
    assert desk.asked[-1].answers["note"] == ""


@pytest.mark.parametrize("how", ["button", "やめる", "Cancel"])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_form_can_be_cancelled_at_every_step(talk, desk, drafts, shown, step, how):
    begin(talk, desk)
    for label in ["確認した", "申し送りなし"][:step]:
        choose(talk, last(shown), label)
    if how == "button":
        choose(talk, last(shown), "やめる")
    else:
        talk.hear(said(how))
    assert "何も送っていません" in text_of(last(shown))
    assert not drafts


def test_a_typed_label_answers_its_own_question(talk, desk, shown):
    begin(talk, desk)
    talk.hear(said("未確認"))
    assert last(shown)["contentText"].startswith("2/2")


def test_other_words_at_a_choice_are_asked_again(talk, desk, shown):
    begin(talk, desk)
    talk.hear(said("たぶん"))
    assert last(shown)["contentText"].startswith("ボタンから選んでください。")


def test_a_command_at_a_choice_is_answered_and_the_form_stays(talk, desk, drafts):
    begin(talk, desk)
    talk.hear(said("今日"))
    assert desk.asked[-1].text == "今日"
    assert drafts


def test_the_commands_own_name_is_never_an_answer(talk, desk, shown):
    begin(talk, desk)
    choose(talk, last(shown), "確認した")
    talk.hear(said("今日", addressed=True))
    assert desk.asked[-1].text == "今日"


def test_words_in_a_room_are_no_answers(talk, desk, shown):
    begin(talk, desk, shared=True)
    talk.hear(said("未確認", shared=True))
    assert desk.asked[-1].text == "未確認"


def test_too_long_an_answer_is_asked_again(talk, desk, shown):
    begin(talk, desk)
    choose(talk, last(shown), "確認した")
    talk.hear(said("あ" * 11))
    assert last(shown)["contentText"].startswith("10文字以内で")


def test_an_old_question_is_not_answered_twice(talk, desk, shown):
    begin(talk, desk)
    first = last(shown)
    choose(talk, first, "確認した")
    choose(talk, first, "未確認")
    again = last(shown)
    assert "回答済み" in again["contentText"]
    choose(talk, again, "申し送りなし")
    assert "迷惑メール: 確認した" in last(shown)["contentText"]


def test_a_button_of_a_form_that_has_ended_says_so(talk, desk, shown):
    begin(talk, desk)
    first = last(shown)
    choose(talk, first, "やめる")
    choose(talk, first, "確認した")
    assert "終わっているか" in text_of(last(shown))


def test_a_newer_form_replaces_the_older(talk, desk, shown):
    begin(talk, desk)
    first = last(shown)
    begin(talk, desk)
    choose(talk, first, "確認した")
    assert "置き換わっています" in text_of(last(shown))


def review(talk, desk, shown):
    begin(talk, desk)
    choose(talk, last(shown), "確認した")
    choose(talk, last(shown), "申し送りなし")
    return last(shown)


def test_a_form_is_sent_once(talk, desk, shown):
    last_question = review(talk, desk, shown)
    for _ in range(2):
        choose(talk, last_question, "申請する")
    assert len([one for one in desk.asked if hasattr(one, "answers")]) == 1
    assert "終わっているか" in text_of(last(shown))


def test_a_mistake_is_asked_again_alone(talk, desk, shown):
    sent = review(talk, desk, shown)
    desk.replies = [Mistakes(by_question={"note": "書いてください。"})]
    choose(talk, sent, "申請する")
    again = last(shown)
    assert again["contentText"].startswith("書いてください。\n\n2/2 申し送り")
    talk.hear(said("異動"))
    choose(talk, last(shown), "申請する")
    assert desk.asked[-1].answers == {"junk": "yes", "note": "異動"}


def test_trouble_is_told_and_keeps_the_form(talk, desk, drafts, shown):
    sent = review(talk, desk, shown)
    desk.replies = [OSError("disk full")]
    choose(talk, sent, "申請する")
    assert text_of(last(shown)) == "不具合 lineworks:taro"
    choose(talk, sent, "申請する")
    assert text_of(last(shown)) == "答え"


def test_trouble_quotes_nobody_in_the_log(talk, desk, caplog, capsys):
    desk.replies = [ValueError("taro@example.jp")]
    talk.hear(said("今日"))
    assert "taro@example.jp" not in caplog.text + capsys.readouterr().out


def test_an_excuse_that_cannot_be_posted_breaks_nothing(talk, desk, vendor):
    desk.replies = [ValueError(), message("後")]
    vendor.will_say(404, {"code": "USER_NOT_EXIST"})
    talk.hear(said("今日"))
    talk.hear(said("昨日"))
    assert vendor.calls[-1].json["content"]["text"] == "後"
