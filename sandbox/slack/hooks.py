"""Posts to a `response_url`: five within thirty minutes, no token asked.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

from sandbox.slack.gate import content
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Ticket, Workspace

GONE = ("no_service", "used_url", "expired_url")


def respond(slack: Workspace, path: str, body: Json) -> None:
    with slack.lock:
        hook = slack.ticket(path, *GONE)
        source, home = hook.pressed, slack.messages[hook.channel]
        if source and source.get("is_ephemeral"):
            home = slack.ephemerals[hook.user]
        if body.get("delete_original") and source in home:
            home.remove(source)
        elif body.get("replace_original") and source in home:
            source.update(content(slack, body))
        else:
            _add(slack, hook, body)
        hook.left -= 1


def _add(slack: Workspace, hook: Ticket, body: Json) -> None:
    words = content(slack, body) | {k: v for k, v in body.items() if k == "thread_ts"}
    if body.get("response_type") == "in_channel":
        slack.post(hook.channel, **words)
    else:
        slack.whisper(hook.user, hook.channel, **words)
