"""What people do in Slack: type a command, press, submit and close; and what they then see."""

from __future__ import annotations

import copy
import re
from typing import Any

from sandbox.slack import seed
from sandbox.slack.blocks import elements
from sandbox.slack.delivery import Ack, send_form, send_payload
from sandbox.slack.gate import check_view, content
from sandbox.slack.inputs import chosen, filled, unfilled
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Impossible, Modal, Refused, Workspace

_STACK = 3
_TROUBLE = "We had some trouble connecting. Try again?"
_ESCAPES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    (r"(https?://\S+)", r"<\1>"),
    (r"(?<!\S)([\w.+-]+@[\w-]+\.[\w.-]+)", r"<mailto:\1|\1>"),
)


def command(slack: Workspace, user: str, channel: str, text: str) -> Json:
    """`text` is the whole line, the command's name included; escaped as `should_escape` does."""
    name, _, rest = text.strip().partition(" ")
    with slack.lock:
        place = _place(slack, user, channel)
        if name not in seed.COMMANDS:
            return _seen(slack, user, error=f"{name} is not a valid command.")
        fields = {
            "command": name,
            "text": escaped(slack, rest.strip()),
            "response_url": slack.new_hook("commands", user, channel),
            "trigger_id": slack.new_trigger(user),
            "user_id": user,
            "user_name": slack.users[user]["name"],
            "team_id": seed.TEAM,
            "team_domain": seed.TEAM_DOMAIN,
            "channel_id": channel,
            "channel_name": _name(place),
            "api_app_id": seed.APP,
            "is_enterprise_install": "false",
        }
    ack = send_form(slack, fields)
    if ack.error:
        return _seen(slack, user, ack, error=f"{name} failed with the error “{ack.error}”")
    with slack.lock:
        return _answered(slack, user, channel, text, ack)


def _answered(slack: Workspace, user: str, channel: str, typed: str, ack: Ack) -> Json:
    """The acknowledgement's own message, for the asker alone unless it says `in_channel`."""
    body = ack.json or {"text": ack.text}
    openly = body.get("response_type") == "in_channel"
    if openly:
        slack.post(channel, text=typed, blocks=[], user=user, bot_id=None)
    if not body.get("text") and not body.get("blocks"):
        return _seen(slack, user, ack)
    try:
        words = content(slack, body)
    except Refused as refusal:
        return _seen(slack, user, ack, error=refusal.error)
    message = slack.post(channel, **words) if openly else slack.whisper(user, channel, **words)
    return _seen(slack, user, ack, message=message)


def say(slack: Workspace, user: str, channel: str, text: str) -> Json:
    """Write plainly. The bot is not told: it asks for no message events."""
    with slack.lock:
        _place(slack, user, channel)
        said: Json = {"text": escaped(slack, text), "blocks": [], "user": user, "bot_id": None}
        return _seen(slack, user, message=slack.post(channel, **said))


def escaped(slack: Workspace, text: str) -> str:
    for pattern, form in _ESCAPES:
        text = re.sub(pattern, form, text)
    for number, person in slack.users.items():
        text = text.replace(f"@{person['name']}", f"<@{number}>")
    for number, channel in slack.channels.items():
        label = "" if channel["is_private"] else channel["name"]
        text = text.replace(f"#{channel['name'] or number}", f"<#{number}|{label}>")
    return text


def press(
    slack: Workspace,
    user: str,
    action_id: str,
    channel: str = "",
    ts: str = "",
    view_id: str = "",
    block_id: str | None = None,
    value: Any = None,
) -> Json:
    """Press a button, or choose `value` in a menu, of a message (`channel`, `ts`) or a view.

    For a button, `value` tells it from others with the same `action_id`.
    """
    with slack.lock:
        where = _in_view(slack, user, view_id) if view_id else _in_message(slack, user, channel, ts)
        blocks = where.get("view", {}).get("blocks") or where.pop("blocks")
        action = {**_action(blocks, action_id, block_id, value), "action_ts": slack.new_ts()}
        payload = _payload(slack, user, "block_actions", **where, actions=[action])
    ack = send_payload(slack, payload)
    return _seen(slack, user, ack, error=ack.error)


def _in_view(slack: Workspace, user: str, view_id: str) -> Json:
    view = _sent(_top(slack, user, view_id))
    return {"container": {"type": "view", "view_id": view_id}, "view": view}


def _in_message(slack: Workspace, user: str, channel: str, ts: str) -> Json:
    name = _name(_place(slack, user, channel))
    private = slack.find(ts, slack.ephemerals[user])
    message = private or slack.find(ts, slack.messages[channel])
    if message is None:
        raise Impossible(f"no message {ts} in {channel}")
    container = {"type": "message", "message_ts": ts, "channel_id": channel}
    thread = {key: value for key, value in message.items() if key == "thread_ts"}
    return {
        "container": {**container, "is_ephemeral": private is not None, **thread},
        "channel": {"id": channel, "name": name},
        "state": {"values": filled(message["blocks"], {})},
        "response_url": slack.new_hook("actions", user, channel, message),
        "blocks": message["blocks"],
        **({} if private else {"message": message}),
    }


def _action(blocks: list[Json], action_id: str, block_id: str | None, value: Any) -> Json:
    for block in blocks:
        for element in elements(block):
            if element["action_id"] != action_id or block_id not in (None, block["block_id"]):
                continue
            base = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"]}
            if element["type"] == "button" and value in (None, element.get("value")):
                return {**base, **{k: element[k] for k in ("text", "value") if k in element}}
            if element["type"] != "button" and any((got := chosen(element, value)).values()):
                return {**base, **got}
    raise Impossible(f"nothing named {action_id} to press")


def submit(slack: Workspace, user: str, view_id: str, values: dict[str, Json]) -> Json:
    """Fill the view with `{block_id: {action_id: value}}` and send it."""
    with slack.lock:
        modal = _top(slack, user, view_id)
        modal.typed = {**modal.typed, **values}
        modal.errors = unfilled(modal.view["blocks"], modal.typed)
        if modal.errors:
            return _seen(slack, user)
        extra: Json = {"view": _sent(modal), "response_urls": []}
        payload = _payload(slack, user, "view_submission", **extra)
    ack = send_payload(slack, payload)
    if ack.error:
        return _seen(slack, user, ack, error=_TROUBLE)
    with slack.lock:
        return _seen(slack, user, ack, error=_after_submit(slack, user, modal, ack.json))


def _after_submit(slack: Workspace, user: str, modal: Modal, answer: Json) -> str | None:
    """Do what the acknowledgement asks; the words that a person sees when it asks nonsense."""
    stack = slack.modals[user]
    action = answer.get("response_action")
    inputs = {each["block_id"] for each in modal.view["blocks"] if each["type"] == "input"}
    try:
        if action in {"update", "push"}:
            check_view(answer.get("view"))
        if action == "errors" and answer["errors"].keys() <= inputs:
            modal.errors = answer["errors"]
        elif action == "update":
            slack.fill(modal, answer["view"])
        elif action == "push" and len(stack) < _STACK:
            slack.push(stack, answer["view"])
        elif action == "clear":
            stack.clear()
        elif action is None:
            stack[:] = [each for each in stack if each is not modal]
        else:
            return _TROUBLE
    except Refused:
        return _TROUBLE
    return None


def close(slack: Workspace, user: str, view_id: str) -> Json:
    with slack.lock:
        modal = _top(slack, user, view_id)
        slack.modals[user].remove(modal)
        payload = _payload(slack, user, "view_closed", view=_sent(modal), is_cleared=False)
    ack = send_payload(slack, payload) if modal.view["notify_on_close"] else None
    return _seen(slack, user, ack)


def _place(slack: Workspace, user: str, channel: str) -> Json:
    if user not in slack.users or channel not in slack.channels:
        raise Impossible(f"no person {user} or no channel {channel}")
    if not slack.sees(user, slack.channels[channel]):
        raise Impossible(f"{user} cannot see {channel}")
    return slack.channels[channel]


def _name(channel: Json) -> str:
    private = "directmessage" if channel["is_im"] else "privategroup"
    return str(private if channel["is_private"] else channel["name"])


def _top(slack: Workspace, user: str, view_id: str) -> Modal:
    stack = slack.modals.get(user)
    if not stack or stack[-1].view["id"] != view_id:
        raise Impossible(f"{user} does not have {view_id} before them")
    return stack[-1]


def _sent(modal: Modal) -> Json:
    return {**modal.view, "state": {"values": filled(modal.view["blocks"], modal.typed)}}


def shown(modal: Modal) -> Json:
    """A view as its person sees it: with what they typed, and the errors under it."""
    return {**_sent(modal), "errors": modal.errors}


def _payload(slack: Workspace, user: str, kind: str, **extra: Any) -> Json:
    name, team = slack.users[user]["name"], slack.users[user]["team_id"]
    head = {
        "type": kind,
        "user": {"id": user, "username": name, "name": name, "team_id": team},
        "team": {"id": seed.TEAM, "domain": seed.TEAM_DOMAIN},
        "api_app_id": seed.APP,
        "is_enterprise_install": False,
        "trigger_id": slack.new_trigger(user),
    }
    return copy.deepcopy({**head, **extra})


def _seen(
    slack: Workspace,
    user: str,
    ack: Ack | None = None,
    error: str | None = None,
    message: Json | None = None,
) -> Json:
    """The bot's HTTP status, and what stands before the person now."""
    with slack.lock:
        stack = slack.modals.get(user)
        modal = shown(stack[-1]) if stack else None
    status = ack.status if ack else None
    return {"status": status, "error": error, "message": message, "modal": modal}
