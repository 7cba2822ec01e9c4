"""Prints a Message as Block Kit; Slack's limits for messages, and what gives way to them.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar, assert_never

from bot.slack.texts import (
    ELLIPSIS,
    Block,
    clean,
    cut,
    escape,
    length,
    mrkdwn,
    plain,
    shown,
    words,
)
from handlers.conversation import (
    Bullets,
    Button,
    Buttons,
    Confirm,
    Divider,
    Element,
    Facts,
    Heading,
    Message,
    Note,
    Passage,
    Quote,
    Style,
    Text,
    Title,
)
from handlers.wording import say

MOST_BLOCKS = 50
# Slack counts text and containers together and refuses from about 13,200 on
# (bolt-js issue 2509); the whole JSON is never less than what it counts.
MOST_JSON = 12_000
_CLOSING_BLOCKS, _CLOSING_JSON = 20, 5_000
_TEXT, _SECTION, _FIELD, _HEADER = 4_000, 3_000, 2_000, 150
_FIELDS, _ROW = 10, 25
_BUTTON, _VALUE, _SPOKEN = 75, 2_000, 75
_CONFIRM_TITLE, _CONFIRM_TEXT, _CONFIRM_BUTTON = 100, 300, 30
_REPEATED = "#"
_JAPANESE = re.compile("[ぁ-ヿ一-鿿]")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """A block, and how many lines a reader misses without it. `closing`: may end a message."""

    block: Block
    lines: int = 0
    closing: bool = False


def text(message: Message) -> str:
    """What notifications and screen readers say."""
    return escape(cut(clean(message.summary), _TEXT)) or ELLIPSIS


def blocks(message: Message) -> list[Block]:
    """At most 50 blocks and 12,000 characters.

    A longer message keeps its beginning, its last note and the buttons at its
    end; a line in between says how many lines are missing.
    """
    pieces = [piece for element in message.elements for piece in _pieces(element)]
    if not pieces:
        return [_section(plain(message.summary, _SECTION))]
    if _fits([piece.block for piece in pieces], MOST_BLOCKS, MOST_JSON):
        return [piece.block for piece in pieces]
    return _shortened(pieces, "ja" if _JAPANESE.search(message.summary) else "en")


def verb_of(action_id: str) -> str:
    """The verb of a button that we made."""
    return action_id.partition(_REPEATED)[0]


def _pieces(element: Element) -> Iterator[_Piece]:
    match element:
        case Heading() | Title():
            yield from _heading(element)
        case Text():
            yield from _paragraph(element)
        case Note():
            yield from _note(element)
        case Facts():
            yield from _facts(element)
        case Quote() | Passage():
            yield from _quote(element)
        case Bullets():
            yield from _bullets(element)
        case Divider():
            yield _Piece(block={"type": "divider"}, closing=True)
        case Buttons():
            for row in _chunks(element.buttons, _ROW):
                yield _Piece(block=_actions(row), closing=True)
        case _:
            assert_never(element)


def _heading(heading: Heading | Title) -> Iterator[_Piece]:
    title = " ".join(clean(heading.text).split())
    if title and isinstance(heading, Heading):
        yield _Piece(block={"type": "header", "text": plain(title, _HEADER)}, lines=1)
    elif title:
        # Stars of its own would end the bold in the middle.
        bold = escape(cut(title.replace("*", "＊"), _FIELD - 2))
        yield _Piece(block=_section(mrkdwn(f"*{bold}*")), lines=1)


def _paragraph(paragraph: Text) -> Iterator[_Piece]:
    if body := clean(paragraph.text):
        yield _Piece(block=_section(words(body, _SECTION)), lines=_lines(body))


def _note(note: Note) -> Iterator[_Piece]:
    if body := clean(note.text):
        block = {"type": "context", "elements": [words(body, _SECTION)]}
        yield _Piece(block=block, lines=_lines(body), closing=True)


def _facts(facts: Facts) -> Iterator[_Piece]:
    """Two columns: Slack fills fields from left to right."""
    for pairs in _chunks(facts.pairs, _FIELDS // 2):
        fields = [field for pair in pairs for field in _pair(*pair)]
        yield _Piece(block={"type": "section", "fields": fields}, lines=len(pairs))


def _pair(label: str, value: str) -> tuple[Block, Block]:
    name = escape(cut(clean(label) or ELLIPSIS, _FIELD - 2))
    return mrkdwn(f"*{name}*"), plain(clean(value) or "–", _FIELD)


def _quote(quote: Quote | Passage) -> Iterator[_Piece]:
    """Preformatted: the one place where Slack changes nothing in somebody else's words."""
    label = clean(quote.label) if isinstance(quote, Quote) else ""
    body = clean(quote.text).replace("```", "`\u200b`\u200b`")
    if label:
        yield _Piece(block=_section(plain(label, _SECTION)), lines=_lines(label))
    if body:
        fence = "```"
        words_alone = escape(cut(body, _SECTION - 2 * len(f"{fence}\n")))
        block = _section(mrkdwn(f"{fence}\n{words_alone}\n{fence}"))
        yield _Piece(block=block, lines=_lines(body))


def _bullets(bullets: Bullets) -> Iterator[_Piece]:
    lines = [
        f"{f'{at}.' if bullets.numbered else '•'} {body}"
        for at, item in enumerate(bullets.items, start=1)
        if (body := clean(item))
    ]
    for together in _packed(lines):
        yield _Piece(block=_section(words("\n".join(together), _SECTION)), lines=len(together))


def _packed(lines: Iterable[str]) -> Iterator[list[str]]:
    """As many lines a section as it holds."""
    held: list[str] = []
    for line in lines:
        if held and length(shown("\n".join([*held, line]), 2 * _SECTION)) > _SECTION:
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _section(text_object: Block) -> Block:
    return {"type": "section", "text": text_object}


def _actions(row: Sequence[Button]) -> Block:
    """Slack wants every `action_id` of a row to be another one."""
    verbs = [button.verb for button in row]
    names = [
        f"{verb}{_REPEATED}{at}" if verb in verbs[:at] else verb for at, verb in enumerate(verbs)
    ]
    elements = [_button(button, name) for button, name in zip(row, names, strict=True)]
    return {"type": "actions", "elements": elements}


def _button(button: Button, action_id: str) -> Block:
    if length(button.subject) > _VALUE:
        raise ValueError(f"the subject of a {button.verb!r} button is over {_VALUE} characters")
    made: Block = {"type": "button", "text": plain(button.label, _BUTTON), "action_id": action_id}
    if button.subject:
        made["value"] = button.subject
    if button.style is not Style.PLAIN:
        made["style"] = button.style.value
    if spoken := clean(button.describes):
        made["accessibility_label"] = escape(cut(spoken, _SPOKEN))
    if button.confirm:
        made["confirm"] = _confirm(button.confirm, button.style)
    return made


def _confirm(confirm: Confirm, style: Style) -> Block:
    asked: Block = {
        "title": plain(confirm.title, _CONFIRM_TITLE),
        "text": plain(confirm.text, _CONFIRM_TEXT),
        "confirm": plain(confirm.yes, _CONFIRM_BUTTON),
        "deny": plain(confirm.no, _CONFIRM_BUTTON),
    }
    return asked if style is Style.PLAIN else {**asked, "style": style.value}


def _shortened(pieces: Sequence[_Piece], locale: str) -> list[Block]:
    ending = _ending(pieces)
    start = _start(pieces, ending, _left_out(MOST_JSON, locale))
    kept = sorted({*start, *ending})
    lost = sum(piece.lines for at, piece in enumerate(pieces) if at not in kept)
    after = start[-1] if start else -1
    return [
        *(pieces[at].block for at in kept if at <= after),
        _left_out(lost, locale),
        *(pieces[at].block for at in kept if at > after),
    ]


def _start(pieces: Sequence[_Piece], ending: Sequence[int], left_out: Block) -> list[int]:
    """What fits before the ending, up to the first that does not; no heading without its text."""
    kept = [left_out, *(pieces[at].block for at in ending)]
    start: list[int] = []
    for at in (at for at in range(len(pieces)) if at not in ending):
        kept.append(pieces[at].block)
        if not _fits(kept, MOST_BLOCKS, MOST_JSON):
            break
        start.append(at)
    while start and pieces[start[-1]].block["type"] in {"header", "divider"}:
        start.pop()
    return start


def _ending(pieces: Sequence[_Piece]) -> list[int]:
    """Where the last note stands, and the buttons and notes with which the message ends."""
    places = range(len(pieces))
    notes = [at for at in places if pieces[at].block["type"] == "context"]
    run = takewhile(lambda at: pieces[at].closing, reversed(places))
    kept: list[int] = []
    for at in dict.fromkeys([*notes[-1:], *run]):
        if _fits([pieces[one].block for one in [*kept, at]], _CLOSING_BLOCKS, _CLOSING_JSON):
            kept.append(at)
    return sorted(kept)


def _left_out(lines: int, locale: str) -> Block:
    sentence = say("layout.left_out", locale, count=lines)
    return {"type": "context", "elements": [plain(sentence, _SECTION)]}


def _fits(shown_blocks: Sequence[Block], most: int, most_json: int) -> bool:
    printed = json.dumps(shown_blocks, ensure_ascii=False, separators=(",", ":"))
    return len(shown_blocks) <= most and length(printed) <= most_json


def _lines(body: str) -> int:
    return body.count("\n") + 1


def _chunks(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (things[at : at + most] for at in range(0, len(things), most))
