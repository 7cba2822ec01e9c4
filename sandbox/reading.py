"""What a person sees of a message, as lines of text, and what they can press in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_BOLD = re.compile(r"\*([^*\n]+)\*")
_FENCE = "```"


@dataclass(frozen=True)
class Line:
    """A line of text, or a button: what its product wants to be told of a press."""

    text: str
    press: Json | None = None

    def __str__(self) -> str:
        return f"[{self.text}]" if self.press else self.text


@dataclass(frozen=True)
class Seen:
    """One message, as told by its product, and its lines."""

    message: Json
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))

    def button(self, label: str, beside: str = "") -> Json:
        """The first of that label from the line on that holds `beside`; raises LookupError."""
        start = next((n for n, line in enumerate(self.lines) if beside in line.text), None)
        for line in self.lines[start:] if start is not None else ():
            if line.press and line.text == label:
                return line.press
        raise LookupError(f"no button {label!r} beside {beside!r} in:\n{self}")


def slack(message: Json) -> Seen:
    lines = [line for block in message.get("blocks", ()) for line in _block(block)]
    return Seen(message, tuple(lines or _lines({"text": message.get("text", "")})))


def line_works(message: Json) -> Seen:
    labels = [Line(each["label"], {"action": n}) for n, each in enumerate(message["actions"])]
    return Seen(message, (*_lines({"text": message["text"]}), *labels))


def _lines(text: Json) -> Iterator[Line]:
    said = str(text["text"])
    if text.get("type") == "mrkdwn" and not said.startswith(_FENCE):
        said = _BOLD.sub(r"\1", _LINK.sub(lambda link: link[2] or link[1], said))
    yield from map(Line, html.unescape(said).strip(f"{_FENCE[0]}\n").splitlines())


def _block(block: Json) -> Iterator[Line]:
    kind = block["type"]
    if kind == "divider":
        yield Line("―" * 12)
    if kind == "header":
        yield Line(f"■ {block['text']['text']}")
    if kind == "input":
        yield from _lines(block["label"])
    if kind == "section":
        yield from _lines(block["text"]) if "text" in block else ()
        fields = ["".join(line.text for line in _lines(each)) for each in block.get("fields", ())]
        yield from (Line(": ".join(fields[n : n + 2])) for n in range(0, len(fields), 2))
    for element in block.get("elements", ()):
        if element["type"] == "button":
            named = {"action_id": element["action_id"], "block_id": block["block_id"]}
            yield Line(element["text"]["text"], named | {"value": element.get("value")})
        else:
            yield from _lines(element)
