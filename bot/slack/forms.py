"""A Form as a modal, and what a sent modal brings back.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from bot.slack.payloads import sent_as
from bot.slack.texts import Block, clean, length, plain, words
from handlers.conversation import Ask, Choice, Filled, Form, Question

ANSWER = "answer"
_TITLE, _LABEL, _SECTION, _OPTION = 24, 2_000, 3_000, 75
_RADIO_BUTTONS, _INPUT, _METADATA = 10, 3_000, 3_000


class _Carried(msgspec.Struct):
    """What a modal carries to its end: ids only, as anyone's client can read it."""

    subject: str
    place: str
    reply_to: str


class _Option(msgspec.Struct):
    value: str


class _State(msgspec.Struct):
    value: str | None = None
    selected_option: _Option | None = None

    def answer(self) -> str:
        return self.selected_option.value if self.selected_option else self.value or ""


class _Values(msgspec.Struct):
    values: dict[str, dict[str, _State]]


class _View(msgspec.Struct):
    callback_id: str
    private_metadata: str
    state: _Values


class _User(msgspec.Struct):
    id: str


class _Submission(msgspec.Struct):
    user: _User
    view: _View


def view(form: Form, *, place: str, reply_to: str) -> Block:
    """`place` and `reply_to` come back in the Filled."""
    carried = _Carried(subject=form.subject, place=place, reply_to=reply_to)
    metadata = msgspec.json.encode(carried).decode()
    if length(metadata) > _METADATA:
        raise ValueError(f"the form {form.verb!r} carries over {_METADATA} characters")
    intro = [{"type": "section", "text": words(form.intro, _SECTION)}] if clean(form.intro) else []
    return {
        "type": "modal",
        "callback_id": form.verb,
        "private_metadata": metadata,
        "title": plain(form.title, _TITLE),
        "submit": plain(form.submit, _TITLE),
        "close": plain(form.cancel, _TITLE),
        "blocks": [*intro, *map(_input, form.questions)],
    }


def filled(body: object) -> Filled:
    """Reads a `view_submission`; raises msgspec.DecodeError for anything else."""
    sent = sent_as(_Submission, body)
    carried = msgspec.json.decode(sent.view.private_metadata, type=_Carried)
    return Filled(
        person=f"slack:{sent.user.id}",
        verb=sent.view.callback_id,
        subject=carried.subject,
        answers={
            question: state.answer()
            for question, states in sent.view.state.values.items()
            for state in states.values()
        },
        place=carried.place,
        reply_to=carried.reply_to,
    )


def _input(question: Question) -> Block:
    """`block_id` is the question's key: answers and mistakes are told by it."""
    block: Block = {
        "type": "input",
        "block_id": question.key,
        "label": plain(question.label, _LABEL),
        "element": {"action_id": ANSWER, **_element(question)},
    }
    if isinstance(question, Ask):
        block["optional"] = question.optional
        if clean(question.hint):
            block["hint"] = plain(question.hint, _LABEL)
    return block


def _element(question: Question) -> Block:
    match question:
        case Choice():
            options = [
                {"text": plain(label, _OPTION), "value": value} for value, label in question.options
            ]
            few = len(options) <= _RADIO_BUTTONS
            return {"type": "radio_buttons" if few else "static_select", "options": options}
        case Ask():
            most = min(question.max_length, _INPUT)
            return {"type": "plain_text_input", "multiline": True, "max_length": most}
        case _:
            assert_never(question)
