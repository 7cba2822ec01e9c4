"""Messages as LINE WORKS contents: texts and button templates, within the vendor's limits. No I/O.

https://developers.worksmobile.com/jp/docs/bot-send-text and bot-send-button
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import add
from typing import Any, TypeAlias, assert_never

from bot.lineworks import postbacks
from bot.lineworks.limits import (
    BUTTONS,
    CONTENT_TEXT,
    LABEL,
    TEXT,
    clip,
    harmless,
    parts,
    units,
)
from handlers.conversation import (
    Bullets,
    Button,
    Buttons,
    Divider,
    Element,
    Facts,
    Heading,
    Message,
    Note,
    Passage,
    Quote,
    Text,
    Title,
)

Content: TypeAlias = dict[str, Any]

_RULE = "―" * 8
_HEADING = "■ "
_TITLE = "▼ "
_BLANK = "―"  # the vendor refuses empty texts


def contents(message: Message) -> list[Content]:
    """What is posted, in order. Elements stay whole where they fit."""
    found: list[Content] = []
    blocks: list[str] = []
    headed = False
    for element in message.elements:
        if isinstance(element, Passage):
            # Here one copies a whole message, so it gets one of its own.
            found += [*texts(blocks), *texts([element.text])]
            blocks = []
        elif isinstance(element, Buttons):
            blocks += _warnings(element)
            found += with_buttons(blocks, actions(element.buttons), message.summary)
            blocks = []
        elif headed and blocks:
            blocks[-1] += f"\n{block(element)}"  # a heading never stands alone
        else:
            blocks.append(block(element))
        headed = isinstance(element, Heading | Title)
    return found + (texts(blocks) or ([] if found else texts([message.summary])))


def block(element: Element) -> str:
    """One element as plain text."""
    match element:
        case Heading(text):
            shown = f"{_HEADING}{text}"
        case Title(text):
            shown = f"{_TITLE}{text}"
        case Text(text) | Note(text) | Passage(text):
            shown = text
        case Facts(pairs):
            shown = "\n".join(f"{label}: {value}" for label, value in pairs)
        case Quote(label, text):
            shown = "\n".join([label, *(f"> {line}" for line in text.splitlines())])
        case Bullets(items, numbered):
            marks = (f"{n}. " if numbered else "• " for n in range(1, len(items) + 1))
            shown = "\n".join(map(add, marks, items))
        case Divider():
            shown = _RULE
        case Buttons(buttons):
            shown = "\n".join(button.label for button in buttons)
        case _:
            assert_never(element)
    return shown


def _warnings(element: Buttons) -> list[str]:
    """There is no dialog to ask in: what it would say stands before the press."""
    return [f"{b.label}: {b.confirm.text}" for b in element.buttons if b.confirm]


def actions(buttons: Sequence[Button]) -> list[Content]:
    """Equal labels would read alike once posted: what they describe tells them apart."""
    labels = [button.label for button in buttons]
    return [
        action(
            f"{b.label} {b.describes}" if b.describes and labels.count(b.label) > 1 else b.label,
            postbacks.of_button(b),
        )
        for b in buttons
    ]


def action(label: str, postback: str) -> Content:
    shown = clip(" ".join(harmless(label).split()) or _BLANK, LABEL)
    return {"type": "message", "label": shown, "postback": postback}


def with_buttons(blocks: Sequence[str], buttons: Sequence[Content], summary: str) -> list[Content]:
    """The last blocks stand over the buttons, the others go before them as text."""
    if not buttons:
        return texts(blocks)
    over = _fitting_end(blocks)
    before = texts(blocks[: len(blocks) - len(over)])
    caption = _joined(over) or clip(harmless(summary).strip() or _BLANK, CONTENT_TEXT)
    rows = [buttons[at : at + BUTTONS] for at in range(0, len(buttons), BUTTONS)]
    templates = [
        {"type": "button_template", "contentText": caption, "actions": list(row)} for row in rows
    ]
    for number, template in enumerate(templates[1:], 2):
        template["contentText"] = f"({number}/{len(rows)})"
    return before + templates


def _fitting_end(blocks: Sequence[str]) -> list[str]:
    for start in range(len(blocks)):
        if units(_joined(blocks[start:])) <= CONTENT_TEXT:
            return list(blocks[start:])
    return []


def texts(blocks: Iterable[str]) -> list[Content]:
    return [{"type": "text", "text": text} for text in _packed(blocks)]


def _packed(blocks: Iterable[str]) -> Iterator[str]:
    """As few texts as hold them, parted between blocks rather than within."""
    pending: list[str] = []
    for one in blocks:
        if pending and units(_joined([*pending, one])) > TEXT:
            yield from parts(_joined(pending), TEXT)
            pending = []
        pending.append(one)
    yield from parts(_joined(pending), TEXT)


def _joined(blocks: Iterable[str]) -> str:
    return harmless("\n\n".join(filter(str.strip, blocks)))
