"""What Slack sends to the bot: signed, acknowledged within three seconds, events retried.

https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from sandbox.slack import seed
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Workspace

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Ack:
    """The bot's answer; `status` is None when none came in time."""

    status: int | None = None
    text: str = ""
    no_retry: bool = False
    error: str | None = None

    @property
    def json(self) -> Json:
        """The body as an object; empty when it is none."""
        with contextlib.suppress(ValueError):
            if isinstance(value := json.loads(self.text), dict):
                return value
        return {}


def signature(timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(seed.SIGNING_SECRET.encode(), base, hashlib.sha256).hexdigest()


def send(slack: Workspace, body: bytes, kind: str, **extra: str) -> Ack:
    """One signed post to the bot's request URL; never raises."""
    stamp = str(int(slack.wall()))
    signed = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature(stamp, body)}
    headers = {"content-type": kind, "user-agent": "Slackbot 1.0", **signed, **extra}
    try:
        with httpx.Client(timeout=slack.ack_seconds, trust_env=False) as client:
            answer = client.post(slack.events_url, content=body, headers=headers)
    except httpx.HTTPError as failure:
        late = isinstance(failure, httpx.TimeoutException)
        ack = Ack(error="operation_timeout" if late else "dispatch_failed")
    else:
        error = None if answer.is_success else "dispatch_failed"
        stop = "x-slack-no-retry" in answer.headers
        ack = Ack(status=answer.status_code, text=answer.text, no_retry=stop, error=error)
    seen = (slack.events_url, headers, body.decode(), ack.status or 0, ack.text or ack.error or "")
    slack.calls.note("slack", "out", "POST", *seen)
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
    number = slack.new_id("Ev")
    install = {"enterprise_id": None, "team_id": seed.TEAM, "user_id": seed.BOT_USER}
    envelope = {
        "type": "event_callback",
        "team_id": seed.TEAM,
        "api_app_id": seed.APP,
        "event": {"event_ts": slack.new_ts(), **event},
        "event_id": number,
        "event_time": int(slack.clock.now().timestamp()),
        "authorizations": [{**install, "is_bot": True, "is_enterprise_install": False}],
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
        retry = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        ack = send(slack, body, "application/json", **retry)
