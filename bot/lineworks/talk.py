"""What is said and pressed in LINE WORKS, taken to the desk, and its answers brought back.

A form is asked in the 1:1 talk, one question after the other; its draft is
stored at every step, so it can be taken up again after a restart.
"""

from __future__ import annotations

import traceback
from typing import Protocol

import structlog

from bot.lineworks import drafts
from bot.lineworks.callback import Began, Event, Ignored, Pressed, Said
from bot.lineworks.client import LineWorksChat
from bot.lineworks.drafts import Draft, Drafts, answered, begun, reopened, written
from bot.lineworks.postbacks import Filled as FormButton
from bot.lineworks.postbacks import Pushed, Step, Stopped, of_push, of_stop
from bot.lineworks.questions import question, review
from bot.lineworks.render import action, with_buttons
from handlers.conversation import (
    Ask,
    Choice,
    Command,
    Filled,
    Form,
    Message,
    Mistakes,
    Press,
    Text,
)
from handlers.grammar import Asked, understand
from handlers.ports import VendorError
from handlers.wording import say

_log = structlog.get_logger(__name__)


class Desk(Protocol):
    """Who decides what people get to read."""

    def command(self, command: Command) -> Message: ...

    def press(self, press: Press) -> Message | Form | None: ...

    def fill(self, filled: Filled) -> Message | Mistakes | None: ...

    def trouble(self, person: str) -> tuple[Message, str]:
        """Something failed on our side; second, the number in it, for the log."""
        ...


class Talk:
    """One person's events must come one after the other; different people's may overlap."""

    def __init__(self, chat: LineWorksChat, desk: Desk, kept: Drafts) -> None:
        self._chat = chat
        self._desk = desk
        self._drafts = kept

    def hear(self, event: Event) -> None:
        """Answer it; never raises, since nobody would tell us of it a second time."""
        if isinstance(event, Ignored):
            return
        try:
            self._answer(event)
        except Exception as error:  # noqa: BLE001 - the boundary: people get words, no traceback
            self._regret(event, error)

    def _answer(self, event: Said | Pressed | Began) -> None:
        match event:
            case Began():
                self._say(event.place, say("welcome.text", self._locale(event.person)))
            case Said():
                self._said(event)
            case Pressed(postback=Pushed() as pushed):
                self._pushed(event, pushed)
            case Pressed(postback=Stopped()):
                self._say(event.place, say("talk.stopped", self._locale(event.person)))
            case Pressed(postback=FormButton() as button):
                self._form_button(event, button)

    def _regret(self, event: Said | Pressed | Began, error: Exception) -> None:
        """What broke and where, without the message: it may quote what people wrote."""
        number = ""
        try:
            message, number = self._desk.trouble(event.person)
            self._chat.post(event.place, message)
        except Exception as worse:  # noqa: BLE001 - even the excuse may fail; the log has both
            _log.error("lineworks_trouble_untold", number=number, error=type(worse).__name__)
        at = traceback.extract_tb(error.__traceback__)[-1:]
        _log.error(
            "lineworks_answer_failed",
            number=number,
            error=type(error).__name__,
            word=error.word if isinstance(error, VendorError) else "",
            where=[f"{frame.name}:{frame.lineno}" for frame in at],
        )

    def _locale(self, person: str) -> str:
        return self._chat.profile(person).locale

    def _say(self, place: str, text: str) -> None:
        self._chat.post(place, Message(summary=text, elements=(Text(text),)))

    # Words.

    def _said(self, said: Said) -> None:
        draft = None if said.shared or said.addressed else self._draft(said.person)
        if draft is None or not self._typed(draft, said):
            asked = Command(
                person=said.person,
                text=said.text,
                place=said.place,
                reply_to=said.place,
                shared=said.shared,
            )
            self._chat.post(said.place, self._desk.command(asked))

    def _typed(self, draft: Draft, said: Said) -> bool:
        """Whether the words were meant for the open form."""
        locale, text = self._locale(said.person), said.text
        if text.casefold() in _stop_words():
            self._cancel(said.person, locale)
            return True
        match draft.question:
            case Ask(max_length=longest) if len(text) > longest:
                self._ask(draft, said.person, say("talk.too_long", locale, longest=longest))
            case Ask():
                self._go_on(answered(draft, text), said.person)
            case Choice(options=options) if text in (values := _by_label(options)):
                self._go_on(answered(draft, values[text]), said.person)
            case _:
                if isinstance(understand(text), Asked):
                    return False
                self._ask(draft, said.person, say("form.choose_a_button", locale))
        return True

    # Buttons.

    def _pushed(self, pressed: Pressed, pushed: Pushed) -> None:
        if pushed.asks:
            self._ask_again(pressed, pushed)
            return
        press = Press(
            person=pressed.person,
            verb=pushed.verb,
            subject=pushed.subject,
            place=pressed.place,
            message="",
            reply_to=pressed.place,
            shared=pressed.shared,
        )
        match self._desk.press(press):
            case Form() as form:
                self._begin(form, pressed)
            case Message() as message:
                self._chat.post(pressed.place, message)
            case None:
                pass

    def _ask_again(self, pressed: Pressed, pushed: Pushed) -> None:
        """What a dialog would do: the same button once more, and a way out beside it."""
        locale, label = self._locale(pressed.person), pressed.label
        buttons = [
            action(label, of_push(pushed.verb, pushed.subject)),
            action(say("button.cancel", locale), of_stop()),
        ]
        asks = say("talk.confirm", locale, label=label)
        self._chat.post_contents(pressed.place, with_buttons([asks], buttons, label))

    # Forms.

    def _draft(self, person: str) -> Draft | None:
        return drafts.read(self._drafts.get(person))

    def _begin(self, form: Form, pressed: Pressed) -> None:
        draft = begun(form, pressed.place)
        self._drafts.put(pressed.person, written(draft))
        self._ask(draft, pressed.person, opening=True)
        if pressed.shared:
            self._say(pressed.place, say("talk.asked_in_private", self._locale(pressed.person)))

    def _go_on(self, draft: Draft, person: str) -> None:
        self._drafts.put(person, written(draft))
        self._ask(draft, person)

    def _ask(self, draft: Draft, person: str, mistake: str = "", *, opening: bool = False) -> None:
        """Show the question that waits, or everything once more before it is sent."""
        locale = self._locale(person)
        if draft.question is None:
            shown = review(draft.form, draft.answers, draft.id, locale)
        else:
            shown = question(
                draft.form, draft.at, draft.id, locale, opening=opening, mistake=mistake
            )
        self._chat.post_contents(_private(person), shown)

    def _form_button(self, pressed: Pressed, button: FormButton) -> None:
        person, locale = pressed.person, self._locale(pressed.person)
        draft = self._draft(person)
        if draft is None or draft.id != button.form:
            self._say(pressed.place, say("form.gone", locale))
        elif button.step is Step.CANCEL:
            self._cancel(person, locale)
        elif draft.at != button.at:
            self._ask(draft, person, say("talk.answered_already", locale))
        elif button.step is Step.SUBMIT:
            self._submit(draft, person)
        else:
            self._go_on(answered(draft, button.value), person)

    def _cancel(self, person: str, locale: str) -> None:
        word = "form.cancelled" if self._drafts.drop(person) else "form.gone"
        self._say(_private(person), say(word, locale))

    def _submit(self, draft: Draft, person: str) -> None:
        """Dropping the draft first makes a second sender come too late; trouble puts it back."""
        if not self._drafts.drop(person):
            self._say(_private(person), say("form.gone", self._locale(person)))
            return
        try:
            reply = self._desk.fill(_filled(draft, person))
        except Exception:
            self._drafts.put(person, written(draft))
            raise
        if isinstance(reply, Mistakes):
            self._correct(draft, person, reply)
        elif reply:
            self._chat.post(_private(person), reply)

    def _correct(self, draft: Draft, person: str, mistakes: Mistakes) -> None:
        again = reopened(draft, mistakes.by_question)
        self._drafts.put(person, written(again))
        self._ask(again, person, "\n".join(mistakes.by_question.values()))


def _filled(draft: Draft, person: str) -> Filled:
    return Filled(
        person=person,
        verb=draft.form.verb,
        subject=draft.form.subject,
        answers=dict(draft.answers),
        place=draft.place,
        reply_to=_private(person),
    )


def _by_label(options: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {label: value for value, label in options}


def _private(person: str) -> str:
    return f"lineworks-user:{person.partition(':')[2]}"


def _stop_words() -> frozenset[str]:
    return frozenset(
        word.casefold()
        for locale in ("ja", "en")
        for word in say("talk.stop_words", locale).split()
    )
