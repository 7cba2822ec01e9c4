"""Refuses Block Kit as Slack refuses it; the figures stand in `limits.toml`.

A check takes a value and its JSON pointer and yields problems. Characters are
UTF-16 units, the stricter of the two ways to count.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

_LIMITS = tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8"))
_GROUPS: dict[str, list[str]] = _LIMITS["groups"]
_SHAPES: dict[str, dict[str, str]] = {
    name: {**_LIMITS["common"].get(shape.pop("is", ""), {}), **shape}
    for name, shape in _LIMITS["shape"].items()
}
_MESSAGE_CHARACTERS = 13_200
_VIEW_BYTES = 250_000

Problems = Iterator[str]


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _at(problem: str, where: str) -> str:
    return f"{problem} [json-pointer:{where}]"


def _check(rule: str, value: Any, where: str) -> Problems:
    name, *words = rule.removeprefix("! ").split()
    if name.startswith("["):
        yield from _items(int(name[1:-1]), 1, " ".join(words), value, where)
    else:
        yield from _CHECKS[name](value, where, *words)


def _items(most: int, least: int, rule: str, value: Any, where: str) -> Problems:
    if not isinstance(value, list):
        yield _at("must be an array", where)
    elif not least <= len(value) <= most:
        yield _at(f"must have {least} to {most} items", where)
    else:
        for index, each in enumerate(value):
            yield from _check(rule, each, f"{where}/{index}")


def _string(value: Any, where: str, most: str, least: str = "1") -> Problems:
    if not isinstance(value, str):
        yield _at("must be a string", where)
    elif length(value) > int(most):
        yield _at(f"must be less than {int(most) + 1} characters", where)
    elif length(value) < int(least):
        yield _at(f"must be more than {int(least) - 1} characters", where)


def _int(value: Any, where: str, least: str, most: str) -> Problems:
    if type(value) is not int or not int(least) <= value <= int(most):
        yield _at(f"must be a number from {least} to {most}", where)


def _flag(value: Any, where: str) -> Problems:
    if not isinstance(value, bool):
        yield _at("must be a boolean", where)


def _of(value: Any, where: str, *words: str) -> Problems:
    if value not in words:
        yield _at(f"must be one of {', '.join(words)}", where)


def _text(value: Any, where: str, most: str, group: str = "text") -> Problems:
    problems = list(_one(value, where, group))
    yield from problems or _string(value["text"], f"{where}/text", most)


def _plain(value: Any, where: str, most: str) -> Problems:
    return _text(value, where, most, "plain")


def _one(value: Any, where: str, group: str) -> Problems:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _GROUPS[group]:
        yield _at(f"unsupported type: {kind}", f"{where}/type")
    else:
        yield from _shape({key: each for key, each in value.items() if key != "type"}, where, kind)


def _shape(value: Any, where: str, name: str) -> Problems:
    if not isinstance(value, dict):
        yield _at("must be an object", where)
        return
    shape = _SHAPES[name]
    for key, rule in shape.items():
        if rule.startswith("!") and key not in value:
            yield _at(f"missing required field: {key}", where)
        if key in value:
            yield from _check(rule, value[key], f"{where}/{key}")
    for key in value.keys() - shape.keys():
        yield _at(f"invalid additional property: {key}", where)
    yield from _either(value, where, name)


def _either(value: Mapping[str, Any], where: str, name: str) -> Problems:
    if name == "section" and "text" not in value and "fields" not in value:
        yield _at("must define either `text` or `fields`", where)
    if name.endswith("static_select") and ("options" in value) == ("option_groups" in value):
        yield _at("must define either `options` or `option_groups`", where)
    initial = [value.get("initial_option"), *(value.get("initial_options") or [])]
    if any(each and each not in options(value) for each in initial):
        yield _at("initial_option must match one of the options", where)


def _any(_value: Any, _where: str) -> Problems:
    return iter(())


_CHECKS: dict[str, Callable[..., Problems]] = {
    "string": _string,
    "int": _int,
    "flag": _flag,
    "of": _of,
    "text": _text,
    "plain": _plain,
    "one": _one,
    "shape": _shape,
    "any": _any,
}


def options(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(each for g in groups for each in g["options"])]


def elements(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What can be pressed or filled in `block`."""
    held = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
    return [each for each in held if each and each["type"] not in _GROUPS["context"]]


def _texts(value: Any) -> Iterator[str]:
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if key == "text" and isinstance(each, str):
            yield each
        elif isinstance(each, dict | list):
            yield from _texts(each)


def _repeated(blocks: list[Any], where: str) -> Problems:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if (name := block.get("block_id")) in seen:
            yield _at(f"block_id already exists: {name}", f"{where}/{index}/block_id")
        seen |= {name} if name else set()
        names = [each["action_id"] for each in elements(block) if "action_id" in each]
        if len(names) != len(set(names)):
            yield _at("action_id already exists in this block", f"{where}/{index}")


def _problems(blocks: Any, where: str, most: int) -> list[str]:
    found = list(_items(most, 0, "one block", blocks, where))
    return found or list(_repeated(blocks, where))


def message_problems(blocks: Any) -> list[str]:
    """What Slack would refuse as `invalid_blocks`; empty when nothing."""
    return _problems(blocks, "/blocks", 50)


def too_long(blocks: Any) -> bool:
    """Whether all text together is beyond what makes Slack say `msg_blocks_too_long`."""
    return length("".join(_texts(blocks))) > _MESSAGE_CHARACTERS


def view_too_large(view: Any) -> bool:
    return len(json.dumps(view, ensure_ascii=False).encode()) > _VIEW_BYTES


def view_problems(view: Any) -> list[str]:
    """What Slack would refuse of a modal as `invalid_arguments`; empty when nothing."""
    found = list(_one(view, "/view", "view"))
    found = found or _problems(view["blocks"], "/view/blocks", 100)
    if not found and "submit" not in view and any(b["type"] == "input" for b in view["blocks"]):
        found.append(_at("missing required field: submit", "/view"))
    return found
