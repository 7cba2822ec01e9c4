"""What people put into elements: from plain values to Slack's `state.values`, and what lacks."""

from __future__ import annotations

from typing import Any

from sandbox.slack.blocks import elements, options
from sandbox.slack.seed import Json

_KEYS = {
    "button": "value",
    "plain_text_input": "value",
    "static_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "datepicker": "selected_date",
}


def chosen(element: Json, value: Any) -> Json:
    """The part of an action or a state that tells the value; options come by their values."""
    key = _KEYS[element["type"]]
    if key.startswith("selected_option"):
        wanted = value if isinstance(value, list) else [value]
        found = [each for each in options(element) if each["value"] in wanted]
        value = found if key == "selected_options" else next(iter(found), None)
    return {key: value}


def _initial(element: Json) -> Json:
    key = _KEYS[element["type"]]
    default: list[Json] | None = [] if key == "selected_options" else None
    suffix = key.removeprefix("selected_")
    return {key: element.get(f"initial_{suffix}", default)}


def filled(blocks: list[Json], typed: Json) -> Json:
    """`state.values`: what was typed, and where nothing was, what the element started with."""
    state: Json = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in {"button", "overflow"}:
                continue
            name, action = block["block_id"], element["action_id"]
            mine = typed.get(name, {})
            got = chosen(element, mine[action]) if action in mine else _initial(element)
            state.setdefault(name, {})[action] = {"type": element["type"], **got}
    return state


def unfilled(blocks: list[Json], typed: Json) -> dict[str, str]:
    """What Slack itself says under inputs before it sends anything: block -> words."""
    errors, state = {}, filled(blocks, typed)
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            element, name = block["element"], block["block_id"]
            if not state[name][element["action_id"]][_KEYS[element["type"]]]:
                errors[name] = "Please complete this required field."
    return errors
