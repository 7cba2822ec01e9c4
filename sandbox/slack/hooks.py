"""Posts to a `response_url`: five within thirty minutes, no token asked.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

from sandbox.slack.gate import content
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Hook, Refused, Workspace


def respond(slack: Workspace, path: str, body: Json) -> None:
    with slack.lock:
        hook = _alive(slack, path)
        source = hook.message
        home = slack.ephemerals[hook.user] if _private(source) else slack.messages[hook.channel]
        if body.get("delete_original") and source in home:
            home.remove(source)
        elif body.get("replace_original") and source in home:
            source.update(content(slack, body))
        else:
            _add(slack, hook, body)
        hook.left -= 1


def _alive(slack: Workspace, path: str) -> Hook:
    if (hook := slack.hooks.get(path)) is None:
        raise Refused("no_service")
    if hook.left < 1:
        raise Refused("used_url")
    if slack.wall() >= hook.dies:
        raise Refused("expired_url")
    return hook


def _private(message: Json | None) -> bool:
    return bool(message and message.get("is_ephemeral"))


def _add(slack: Workspace, hook: Hook, body: Json) -> None:
    words = content(slack, body)
    thread = {"thread_ts": body["thread_ts"]} if body.get("thread_ts") else {}
    if body.get("response_type") == "in_channel":
        slack.post(hook.channel, **words, **thread)
    else:
        slack.whisper(hook.user, hook.channel, **words, **thread)
