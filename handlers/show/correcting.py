"""Corrections as people see them: the buttons, what was made of the form, how the walk ended."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.conversation import Button, Buttons, Element, Message, Note, Text
from handlers.corrections import correctable
from handlers.show.reader import Reader
from handlers.wordings import wording_of
from storage.cases import Case
from storage.corrections import STANDING, Correction, CorrectionState, Wording

_LONGEST_WORDS = 120


def buttons(
    wording: Wording | None, correction: Correction | None, reader: Reader
) -> Iterator[Button]:
    """Under an explanation; for whoever may correct, where nobody reads along."""
    if wording and reader.clear:
        yield _not_right(wording.id, reader)
    if correction and reader.clear:
        yield undo(correction, reader)


def of_case(case: Case, case_id: str, reader: Reader) -> Iterator[Element]:
    """On a person's page, where a mail server's words were read."""
    if not reader.clear or reader.hides(case) or not correctable(case.medium, case.kind):
        return
    if wording_of(case.provider_text, case.recipient):
        yield Note(reader.say("correction.invitation"))
        yield Buttons((_not_right(case_id, reader),))


def _not_right(subject: str, reader: Reader) -> Button:
    return Button(label=reader.say("button.not_right"), verb="not_right", subject=subject)


def undo(correction: Correction, reader: Reader) -> Button:
    label = reader.say("button.undo_correction")
    return Button(label=label, verb="undo_correction", subject=correction.id)


def shortened(words: str) -> str:
    return words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"


def made(correction: Correction, reader: Reader) -> Message:
    """What the form has led to, with the way back."""
    said = reader.say(
        "correction.made",
        words=shortened(correction.words),
        cause=reader.say(f"cause.{correction.cause}"),
    )
    return Message(
        summary=said,
        elements=(Text(said), Buttons((undo(correction, reader),))),
    )


def ended(correction: Correction, reader: Reader) -> Message:
    """The walk through the past has come to its end, this way or back."""
    key = "correction.ended" if correction.state in STANDING else "correction.ended_back"
    said = reader.say(
        key,
        words=shortened(correction.words),
        cause=reader.say(f"cause.{correction.cause}"),
        count=correction.relabelled,
    )
    if correction.state is not CorrectionState.APPLIED:
        return Message(summary=said, elements=(Text(said),))
    return Message(summary=said, elements=(Text(said), Buttons((undo(correction, reader),))))
