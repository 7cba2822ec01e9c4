"""What a message may hold: the documented shapes and limits of the types that a walk needs.

Everything else is refused with the vendor's 400s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.lineworks.answers import bad_parameter

Rule = Callable[[Any, str], None]

_URL = re.compile(r"https?://\S{1,992}")
_LARGEST_FLEX = 15_000


def _wrong(path: str) -> Exception:
    return bad_parameter("INVALID_PARAMETER", f"{path} content is invalid")


def _too_long(path: str, most: int) -> Exception:
    words = f"Maximum {path} length is {most}"
    return bad_parameter("EXCEEDED_LENGTH_LIMIT_OF_PARAM", words)


def _text(most: int) -> Rule:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or not value:
            raise _wrong(path)
        if len(value.encode("utf-16-le")) // 2 > most:
            raise _too_long(path, most)

    return check


def _url(value: Any, path: str) -> None:
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise _wrong(path)


def _anything(value: Any, path: str) -> None:
    if value is None:
        raise _wrong(path)


def _flex(value: Any, path: str) -> None:
    if not isinstance(value, dict) or value.get("type") not in {"bubble", "carousel"}:
        raise _wrong(path)
    if len(json.dumps(value, ensure_ascii=False).encode()) > _LARGEST_FLEX:
        raise _too_long(path, _LARGEST_FLEX)


def _many(most: int, rule: Rule) -> Rule:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list) or not value:
            raise _wrong(path)
        if len(value) > most:
            raise _too_long(path, most)
        for number, item in enumerate(value):
            rule(item, f"{path}[{number}]")

    return check


def _shape(needed: dict[str, Rule], more: dict[str, Rule] | None = None) -> Rule:
    """An object with these properties and no other, besides `type`."""
    known = {"type": _anything} | needed | (more or {})

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise _wrong(path)
        for name in needed.keys() - value.keys():
            raise bad_parameter("MISSING_PARAMETER", f"{path}.{name} is required".lstrip("."))
        for name, item in value.items():
            known.get(name, _unknown)(item, f"{path}.{name}".lstrip("."))

    return check


def _unknown(_: Any, path: str) -> None:
    raise _wrong(path)


def _one_of(**kinds: Rule) -> Rule:
    def check(value: Any, path: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in kinds:
            raise _wrong(f"{path}.type")
        kinds[kind](value, path)

    return check


_LABEL = {"label": _text(20)}
_TEXT, _POSTBACK = {"text": _text(300)}, {"postback": _text(1000)}
_URI = _shape(_LABEL | {"uri": _url})
_COPY = _shape(_LABEL | {"copyText": _text(1000)})
# A template's button posts its label; elsewhere it posts `text`, and a postback may stand.
_BUTTON = _one_of(message=_shape(_LABEL, _TEXT | _POSTBACK), uri=_URI, copy=_COPY)
_REPLY = _one_of(
    message=_shape(_LABEL | _TEXT, _POSTBACK),
    postback=_shape(_LABEL | {"data": _text(300), "displayText": _text(300)}),
    uri=_URI,
    copy=_COPY,
)
_QUICK = _shape({"items": _many(13, _shape({"action": _REPLY}, {"imageUrl": _url}))})
_IMAGE = {"originalContentUrl": _url, "fileId": _text(1000)}
_KINDS: dict[str, tuple[dict[str, Rule], dict[str, Rule]]] = {
    "text": ({"text": _text(2000)}, {"i18nTexts": _anything}),
    "link": (
        {"contentText": _text(1000), "linkText": _text(1000), "link": _url},
        {"i18nContentTexts": _anything, "i18nLinkTexts": _anything},
    ),
    "button_template": (
        {"contentText": _text(1000), "actions": _many(10, _BUTTON)},
        {"i18nContentTexts": _anything},
    ),
    "flex": ({"altText": _text(400), "contents": _flex}, {"i18nAltTexts": _anything}),
    "image": ({}, _IMAGE | {"previewImageUrl": _url}),
    "file": ({}, _IMAGE),
}
_MESSAGE = _shape(
    {
        "content": _one_of(
            **{k: _shape(n, m | {"quickReply": _QUICK}) for k, (n, m) in _KINDS.items()}
        )
    }
)


def parse(body: bytes) -> dict[str, Any]:
    """The message's `content`; raises the vendor's 400."""
    try:
        message = json.loads(body)
    except ValueError:
        raise bad_parameter("BAD_REQUEST", "The body is not JSON") from None
    _MESSAGE(message, "")
    return dict(message["content"])


def actions(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that can be pressed, in the order shown, with the text that a press posts."""
    replies = [item["action"] for item in content.get("quickReply", {}).get("items", [])]
    return [a | {"posts": a["label"]} for a in content.get("actions", [])] + [
        a | {"posts": a.get("text") or a.get("displayText", "")} for a in replies
    ]
