"""What Slack sends to the bot: signed, acknowledged within three seconds, events retried.

https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from sandbox.slack import seed
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Workspace

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Ack:
    """The bot's answer; `status` is None when none came in time."""

    status: int | None
    text: str = ""
    no_retry: bool = False
    error: str | None = None

    @property
    def json(self) -> Json:
        """The body as an object; empty when it is none."""
        try:
            value = json.loads(self.text)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


def signature(timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(seed.SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()


def send(slack: Workspace, body: bytes, kind: str, **extra: str) -> Ack:
    """One signed post to the bot's request URL; never raises."""
    timestamp = str(int(slack.wall()))
    signed = {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature(timestamp, body),
    }
    headers = {"content-type": kind, "user-agent": "Slackbot 1.0", **signed, **extra}
    try:
        answer = httpx.post(
            slack.events_url,
            content=body,
            headers=headers,
            timeout=slack.ack_seconds,
            trust_env=False,
        )
    except httpx.TimeoutException:
        ack = Ack(status=None, error="operation_timeout")
    except httpx.HTTPError:
        ack = Ack(status=None, error="dispatch_failed")
    else:
        ack = Ack(
            status=answer.status_code,
            text=answer.text,
            no_retry="x-slack-no-retry" in answer.headers,
            error=None if answer.is_success else "dispatch_failed",
        )
    said = ack.text if ack.status else f"({ack.error})"
    where = (slack.events_url, headers, body.decode(), ack.status or 0, said)
    slack.calls.note("slack", "out", "POST", *where)
    return ack


def send_form(slack: Workspace, fields: Json) -> Ack:
    return send(slack, urlencode(fields).encode(), _FORM)


def send_payload(slack: Workspace, payload: Json) -> Ack:
    return send_form(slack, {"payload": json.dumps(payload, ensure_ascii=False)})


def connect(slack: Workspace, url: str) -> Json:
    """Make `url` the request URL, as the app's settings page does: it must echo a challenge."""
    slack.events_url = url
    body = {"type": "url_verification", "challenge": slack.new_id("challenge"), "token": ""}
    ack = send(slack, json.dumps(body).encode(), "application/json")
    verified = body["challenge"] in {ack.text, ack.json.get("challenge")}
    return {"status": ack.status, "verified": verified}


def event(slack: Workspace, event: Json) -> Json:
    """Deliver an event; answers after the first attempt, retries go on by themselves."""
    number, seconds = slack.new_id("Ev"), int(slack.clock.now().timestamp())
    install = {"enterprise_id": None, "team_id": seed.TEAM, "user_id": seed.BOT_USER}
    flags = {"is_bot": True, "is_enterprise_install": False}
    envelope = {
        "type": "event_callback",
        "team_id": seed.TEAM,
        "api_app_id": seed.APP,
        "event": {"event_ts": slack.new_ts(), **event},
        "event_id": number,
        "event_time": seconds,
        "authorizations": [{**install, **flags}],
        "is_ext_shared_channel": False,
    }
    body = json.dumps(envelope, ensure_ascii=False).encode()
    ack = send(slack, body, "application/json")
    threading.Thread(target=_retry, args=(slack, body, ack), daemon=True).start()
    return {"status": ack.status, "event_id": number}


def _retry(slack: Workspace, body: bytes, ack: Ack) -> None:
    for attempt, wait in enumerate(slack.retry_waits, start=1):
        if not ack.error or ack.no_retry:
            return
        time.sleep(wait)
        reason = "http_timeout" if ack.error == "operation_timeout" else "http_error"
        retry: dict[str, Any] = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        ack = send(slack, body, "application/json", **retry)
