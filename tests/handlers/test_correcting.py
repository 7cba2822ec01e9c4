"""*Not right?* from the button to the past that was read again, and back."""

from dataclasses import replace

import pytest

from bot.vocabulary import vocabulary
from handlers import desk, notices, relabelling
from handlers.conversation import Ask, Choice, Command, Filled, Form, Mistakes, Press
from handlers.tasks import keep_house
from storage.corrections import CorrectionState
from storage.failures import Cause, Kind, Medium, Permanence
from tests.handlers.conftest import ADMIN, APPROVER, NOBODY, SECOND, buttons_of, text_of

TEXT = "550 5.7.1 <taro@example.jp>: your house is not welcome here"
RIGHT = {"cause": "reputation_blocked", "permanence": "usual", "why": "their postmaster said so"}


@pytest.fixture
def here(house):
    return replace(house, vocabulary=vocabulary())


@pytest.fixture
def button(here):
    """The one under an explanation."""
    where = {"place": ADMIN, "reply_to": ADMIN, "shared": False}
    answer = desk.command(here, Command(person=ADMIN, text=f"explain {TEXT}", **where))
    [button] = buttons_of(answer)
    return button


def press(house, button, person=ADMIN, **more):
    where = {"place": person, "message": "", "reply_to": person, "shared": False}
    pressed = Press(person=person, verb=button.verb, subject=button.subject, **where | more)
    return desk.press(house, pressed)


def fill(house, form, person=ADMIN, **answers):
    sent = Filled(
        person=person,
        verb=form.verb,
        subject=form.subject,
        answers=RIGHT | answers,
        place=person,
        reply_to=person,
    )
    return desk.fill(house, sent)


def test_the_button_carries_no_words(button):
    assert (button.label, button.verb) == ("Not right?", "not_right")
    assert button.subject.startswith("w-")
    assert "welcome" not in button.subject


def test_the_form_asks_for_the_cause_the_permanence_and_the_reason(here, button):
    form = press(here, button)
    cause, permanence, why = form.questions
    assert isinstance(cause, Choice)
    assert dict(cause.options)["mailbox_full"] == "Mailbox full"
    assert len(cause.options) == len(Cause)
    assert [value for value, _ in permanence.options] == ["usual", "hard", "soft"]
    assert isinstance(why, Ask)
    assert not why.optional
    assert "your house is not welcome here" in form.intro
    assert "taro" not in form.intro


def test_the_filled_form_becomes_a_correction_with_its_author(here, button):
    answer = fill(here, press(here, button))
    assert 'read as "Sender reputation"' in text_of(answer)
    [made] = here.store.corrections("t")
    assert (made.cause, made.permanence) == (Cause.REPUTATION_BLOCKED, Permanence.SOFT)
    assert (made.author, made.why) == (ADMIN, RIGHT["why"])
    assert made.words == "your house is not welcome here"
    assert [one.verb for one in buttons_of(answer)] == ["undo_correction"]


@pytest.mark.parametrize(
    ("answers", "permanence"),
    [
        ({"permanence": "hard"}, Permanence.HARD),
        ({"cause": "user_unknown"}, Permanence.HARD),
        ({"cause": "user_unknown", "permanence": "soft"}, Permanence.SOFT),
        ({"cause": "feedback_or_vacation"}, Permanence.NONE),
    ],
)
def test_the_permanence_is_the_causes_unless_somebody_says_so(here, button, answers, permanence):
    fill(here, press(here, button), **answers)
    assert here.store.corrections("t")[0].permanence is permanence


@pytest.mark.parametrize("key", ["cause", "permanence", "why"])
def test_what_is_missing_is_asked_for_again(here, button, key):
    wrong = fill(here, press(here, button), **{key: " "})
    assert isinstance(wrong, Mistakes)
    assert list(wrong.by_question) == [key]
    assert here.store.corrections("t") == []


def test_an_approver_may_correct_and_a_stranger_may_not(here, button):
    assert isinstance(press(here, button, APPROVER), Form)
    assert "Only registered admins" in text_of(press(here, button, NOBODY))
    form = press(here, button)
    assert "Only registered admins" in text_of(fill(here, form, NOBODY))
    fill(here, form)
    [made] = here.store.corrections("t")
    undo = type(button)(label="", verb="undo_correction", subject=made.id)
    assert "Only registered admins" in text_of(press(here, undo, NOBODY))
    assert here.store.correction("t", made.id).state is CorrectionState.APPLYING


@pytest.mark.parametrize("subject", ["w-unknown", "99-unknown", ""])
def test_a_button_whose_time_has_passed_says_so(here, button, subject):
    stale = replace(button, subject=subject)
    assert "no longer works" in text_of(press(here, stale))
    undo = replace(stale, verb="undo_correction")
    assert "no longer works" in text_of(press(here, undo))


def test_the_persons_page_has_the_button_too(here, told):
    told.failure(provider_text=TEXT)
    where = {"place": ADMIN, "reply_to": ADMIN, "shared": False}
    page = desk.command(here, Command(person=ADMIN, text="who taro@example.jp", **where))
    [button] = [one for one in buttons_of(page) if one.verb == "not_right"]
    fill(here, press(here, button))
    assert here.store.corrections("t")[0].words == "your house is not welcome here"


@pytest.mark.parametrize(
    "more",
    [
        {"kind": Kind.SPAM_REPORT, "provider_text": TEXT},
        {"kind": Kind.HARD_BOUNCE, "provider_text": "550"},
        {"kind": Kind.NO_SUCH_ID, "medium": Medium.LINE_WORKS, "provider_text": TEXT},
    ],
)
def test_a_page_without_a_servers_words_has_none(here, told, more):
    told.failure(**more)
    where = {"place": ADMIN, "reply_to": ADMIN, "shared": False}
    page = desk.command(here, Command(person=ADMIN, text="who taro@example.jp", **where))
    assert "not_right" not in [one.verb for one in buttons_of(page)]


def test_the_author_is_told_when_the_past_is_read_again_and_when_it_is_undone(
    here, told, chat, button
):
    told.failure(provider_text=TEXT)
    answer = fill(here, press(here, button))
    finish(here)
    [(place, message, _)] = chat.posts
    assert place == ADMIN
    assert '1 failure of the past is now read as "Sender reputation"' in text_of(message)
    [undo] = buttons_of(message)
    assert undo == buttons_of(answer)[0]
    assert "USECOND undid this correction" in text_of(press(here, undo, SECOND))
    assert "USECOND undid this correction" in text_of(press(here, undo, ADMIN))
    finish(here)
    assert "1 failure of the past is read by the rules again" in text_of(chat.posts[-1][1])
    assert len(chat.posts) == 2


def finish(house):
    for one in relabelling.due(house):
        relabelling.carry_on(house, one.id)
    for notice in house.store.due_notices("t", house.now(), 9):
        notices.deliver(house, notice)


def test_what_was_undone_before_its_notice_left_is_not_told_as_done(here, told, chat, button):
    fill(here, press(here, button))
    [made] = here.store.corrections("t")
    relabelling.carry_on(here, made.id)
    press(here, replace(button, verb="undo_correction", subject=made.id))
    for notice in here.store.due_notices("t", here.now(), 9):
        notices.deliver(here, notice)
    assert chat.posts == []


def test_one_that_was_replaced_cannot_be_undone_and_says_why(here, button):
    fill(here, press(here, button))
    [first] = here.store.corrections("t")
    fill(here, press(here, button), cause="throttled")
    undo = replace(button, verb="undo_correction", subject=first.id)
    assert "newer correction" in text_of(press(here, undo))


def test_an_explanation_under_a_correction_names_its_author_and_offers_the_way_back(here, button):
    fill(here, press(here, button))
    where = {"place": ADMIN, "reply_to": ADMIN, "shared": False}
    answer = desk.command(here, Command(person=ADMIN, text=f"explain {TEXT}", **where))
    assert "UADMIN corrected this reading" in text_of(answer)
    assert RIGHT["why"] in text_of(answer)
    assert [one.verb for one in buttons_of(answer)] == ["not_right", "undo_correction"]


def test_a_button_lives_for_a_day(here, button, clock):
    clock.turn(hours=23)
    keep_house(here)
    assert isinstance(press(here, button), Form)
    clock.turn(hours=2)
    keep_house(here)
    assert "no longer works" in text_of(press(here, button))
