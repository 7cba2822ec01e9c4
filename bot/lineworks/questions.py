"""A form as LINE WORKS can ask it: one question after the other, then everything once more.

No I/O. `at` counts the questions from 0; at their number stands the review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.lineworks.limits import LABEL, units
from bot.lineworks.postbacks import Step, of_form
from bot.lineworks.render import Content, action, with_buttons
from handlers.conversation import Ask, Choice, Form, Question
from handlers.wording import say


def question(
    form: Form, at: int, form_id: str, locale: str, *, opening: bool = False, mistake: str = ""
) -> list[Content]:
    """Ask question `at`; `opening` introduces the form, `mistake` says why it is asked again."""
    asked = form.questions[at]
    blocks = [form.title, form.intro, say("form.how_to_answer", locale)] if opening else []
    heading = say("form.step", locale, step=at + 1, steps=len(form.questions), question=asked.label)
    blocks += [mistake, "\n".join([heading, *_details(asked, locale)])]
    cancel = action(form.cancel, of_form(form_id, at, Step.CANCEL))
    buttons = [*_answers(asked, at, form_id, locale), cancel]
    return with_buttons([b for b in blocks if b], buttons, form.title)


def review(form: Form, answers: Mapping[str, str], form_id: str, locale: str) -> list[Content]:
    """Everything answered, with the buttons that send or drop it."""
    at = len(form.questions)
    told = "\n".join(
        f"{q.label}: {shown(q, answers.get(q.key, '')) or say('answer.no_note', locale)}"
        for q in form.questions
    )
    buttons = [
        action(form.submit, of_form(form_id, at, Step.SUBMIT)),
        action(form.cancel, of_form(form_id, at, Step.CANCEL)),
    ]
    ready = say("form.review", locale, submit=form.submit)
    return with_buttons([form.title, told, ready], buttons, form.title)


def shown(asked: Question, answer: str) -> str:
    """An answer as a person reads it."""
    return dict(asked.options).get(answer, answer) if isinstance(asked, Choice) else answer


def _numbered(asked: Choice) -> bool:
    """Whether the labels are too long for buttons: then they stand above, and buttons count."""
    return any(units(label) > LABEL for _, label in asked.options)


def _details(asked: Question, locale: str) -> Iterator[str]:
    if isinstance(asked, Choice):
        if _numbered(asked):
            yield from (f"{n}. {label}" for n, (_, label) in enumerate(asked.options, 1))
        return
    if asked.hint:
        yield asked.hint
    if asked.optional:
        yield say("form.optional", locale)


def _answers(asked: Question, at: int, form_id: str, locale: str) -> list[Content]:
    match asked:
        case Choice():
            numbered = _numbered(asked)
            return [
                action(str(n) if numbered else label, of_form(form_id, at, Step.PICK, value))
                for n, (value, label) in enumerate(asked.options, 1)
            ]
        case Ask(optional=True):
            label = say("answer.no_note", locale)
            return [action(label, of_form(form_id, at, Step.SKIP))]
        case Ask():
            return []
