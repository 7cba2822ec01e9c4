"""What the Web API asks of every call: a token, patience, scopes; and of every message."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.slack import seed
from sandbox.slack.blocks import message_problems, too_long, view_problems, view_too_large
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Refused, Workspace

Run = Callable[[Workspace, Json], Json]
_TEXT_CUT = 40_000
_BURST = 5  # messages a channel takes at once before one a second counts


@dataclass(frozen=True, kw_only=True)
class Method:
    """`per_minute` is its tier. Without `json`, Slack reads a form or a query alone."""

    run: Run
    required: tuple[str, ...]
    scope: str
    per_minute: int
    json: bool


def check_token(slack: Workspace, token: str) -> None:
    if not token:
        raise Refused("not_authed")
    if token != seed.BOT_TOKEN:
        raise Refused("invalid_auth")
    if slack.faults["token_revoked"]:
        raise Refused("token_revoked")


def check_rate(slack: Workspace, name: str, method: Method, args: Json) -> None:
    if slack.faults["rate_limited"] > 0:
        slack.faults["rate_limited"] -= 1
        raise Refused("ratelimited")
    posting = name == "chat.postMessage"
    most, pace = (_BURST, 1.0) if posting else (method.per_minute, method.per_minute / 60)
    key = (name, str(args.get("channel")) if posting else "")
    now = time.monotonic()
    left, seen = slack.buckets.get(key, (float(most), now))
    left = min(most, left + (now - seen) * pace)
    slack.buckets[key] = (max(left - 1, left % 1), now)
    if left < 1:
        raise Refused("ratelimited")


def need(slack: Workspace, scope: str) -> None:
    if scope and scope not in slack.faults["scopes"]:
        raise Refused("missing_scope", needed=scope, provided=",".join(slack.faults["scopes"]))


def invalid(problems: list[str], error: str = "invalid_arguments") -> Refused:
    messages = {"messages": [f"[ERROR] {each}" for each in problems]}
    return Refused(error, errors=problems, response_metadata=messages)


def content(slack: Workspace, args: Json) -> Json:
    """Text and blocks of a message to be, checked as Slack checks them."""
    text, blocks = args.get("text") or "", args.get("blocks") or []
    if not text and not blocks:
        raise Refused("no_text")
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if problems := message_problems(blocks):
        raise invalid(problems, "invalid_blocks")
    if too_long(blocks):
        raise Refused("msg_blocks_too_long")
    return {"text": text[:_TEXT_CUT], "blocks": slack.named(blocks)}


def check_view(view: Any) -> None:
    if view_too_large(view):
        raise Refused("view_too_large")
    if problems := view_problems(view):
        raise invalid(problems)
