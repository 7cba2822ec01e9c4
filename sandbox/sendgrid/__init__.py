"""A stand-in for Twilio SendGrid: its Web API v3 at the host's root, its webhook, lists and logs.

Levers under `/_control` (JSON):
`GET /state` · `POST /reset` · `POST /deliver` (post what is due now; answers the statuses)
`POST /outcomes` `{ADDRESS or "@domain": script}`, see `outcomes.py`
`POST /event` `{"event": ..., "email": ..., any field}`, `{"event": "test_batch"}`, `{"raw": [...]}`
`POST /webhook` the fields of `webhook.Manners` · `POST /faults` the fields of `Faults`
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.sendgrid import api, mail, outcomes
from sandbox.sendgrid.events import Agenda, test_batch
from sandbox.sendgrid.keys import DELETE_KEY, HOST_KEY, READ_KEY, refuse, scopes_of
from sandbox.sendgrid.logs import Logs
from sandbox.sendgrid.suppressions import FIELDS, Suppressions
from sandbox.sendgrid.webhook import Webhook
from sandbox.wire import Meter, Wire, lever

__all__ = ["DELETE_KEY", "HOST_KEY", "READ_KEY", "SendGrid"]

_SENDS_PER_MINUTE = 600_000
_TICK = 0.1


@dataclass(frozen=True, kw_only=True)
class Faults:
    """`rate`: calls per endpoint and minute. `status`: what every call gets. `revoked`: scopes.

    `cut`: how much is left of the list's page at an offset (`{"500": 250}`). `leaving`:
    addresses that leave every list when its next page has been answered.
    `logs_delay`: seconds until an event shows in the logs.
    """

    rate: int = 600
    status: int = 0
    seconds: float = 0.0
    revoked: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    leaving: list[str] = field(default_factory=list)
    logs_forbidden: bool = False
    logs_delay: float = 300.0


class SendGrid:
    """`app()` starts the thread that posts events by itself; `close()` ends it."""

    def __init__(self, clock: Clock, calls: Calls) -> None:
        self._clock = clock
        self._wire = Wire(vendor="sendgrid", calls=calls)
        self._webhook = Webhook(self._wire)
        self.public_key = self._webhook.public_key
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self.reset({})

    def app(self) -> Starlette:
        routes = [self._endpoint(*endpoint) for endpoint in api.ENDPOINTS]
        routes.append(self._endpoint("GET", "/v3/scopes", "", self._scopes))
        routes.append(self._endpoint("POST", "/v3/mail/send", "mail.send", self._send))
        routes.append(self._endpoint("POST", "/v3/logs", "", self._search_logs))
        routes.append(self._endpoint("GET", "/v3/logs/{message}", "", self._one_log))
        threading.Thread(target=self._post_by_itself, daemon=True).start()
        return Starlette(routes=[*routes, Mount("/_control", routes=self.control())])

    def close(self) -> None:
        self._ended.set()

    def control(self) -> list[Route]:
        return [
            lever("GET", "/state", self.state),
            lever("POST", "/reset", self.reset),
            lever("POST", "/outcomes", self.script),
            lever("POST", "/event", self.happen),
            lever("POST", "/webhook", self.behave),
            lever("POST", "/deliver", self.deliver),
            lever("POST", "/faults", self.fail),
        ]

    def state(self, _: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._settle()
            return {
                "lists": {kind: list(self._lists.lists[kind].values()) for kind in FIELDS},
                "groups": self._lists.groups(),
                "group_members": self._lists.memberships(),
                "mails": list(self._mails),
                "outcomes": self._scripts,
                "webhook": asdict(self._webhook.manners),
                "faults": asdict(self._faults),
                "coming": len(self._agenda),
                "lost_posts": self._webhook.lost_posts,
            }

    def reset(self, _: dict[str, Any]) -> dict[str, Any]:
        """Everything but the keys forgotten, the webhook's URL too."""
        with self._lock:
            self._lists = Suppressions()
            self._logs = Logs()
            self._agenda = Agenda(self._lists)
            self._scripts: dict[str, dict[str, Any]] = {}
            self._mails: deque[dict[str, Any]] = deque(maxlen=200)
            self._faults, self._meter = Faults(), Meter()
            self._webhook.reset()
            return {}

    def script(self, wish: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._scripts |= {who.lower(): outcomes.check(what) for who, what in wish.items()}
            return self._scripts

    def happen(self, wish: dict[str, Any]) -> dict[str, Any]:
        now = self._clock.now().timestamp()
        if "raw" in wish:
            self._webhook.tell(wish["raw"])
        elif wish["event"] == "test_batch":
            self._webhook.tell(test_batch(int(now)))
        else:
            with self._lock:
                self._agenda.add(now, wish)
                self._settle()
        return {}

    def behave(self, wish: dict[str, Any]) -> dict[str, Any]:
        self._webhook.set(wish)
        return asdict(self._webhook.manners)

    def deliver(self, _: dict[str, Any]) -> list[int]:
        self._settle()
        return self._webhook.flush()

    def fail(self, wish: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._faults = replace(self._faults, **wish)
            self._logs.delay = self._faults.logs_delay
            return asdict(self._faults)

    def _post_by_itself(self) -> None:
        while not self._ended.wait(_TICK):
            self._settle()
            self._webhook.flush(patient=True)

    def _settle(self) -> None:
        with self._lock:
            happened = self._agenda.due(self._clock.now().timestamp())
            for event in happened:
                self._logs.take(event)
            self._webhook.tell(happened)

    def _endpoint(self, method: str, path: str, scope: str, answer: api.Answer) -> Route:
        def act(request: Request, body: bytes) -> Response:
            time.sleep(self._faults.seconds)
            with self._lock:
                self._settle()
                headers = self._admit(request, path, scope)
                said = self._stumbling(request, answer(self._lists, request, body))
            response = said if isinstance(said, Response) else JSONResponse(said)
            if said is None:
                response = Response(status_code=204)
            response.headers.update(headers)
            return response

        return self._wire.route(method, path, act)

    def _stumbling(self, request: Request, said: Any) -> Any:
        """A page as the faults leave it; the list changes behind it."""
        if "offset" not in request.query_params:
            return said
        for kind in FIELDS:
            for address in self._faults.leaving:
                self._lists.remove(kind, address)
        self._faults = replace(self._faults, leaving=[])
        return said[: self._faults.cut.get(request.query_params["offset"])]

    def _admit(self, request: Request, path: str, scope: str) -> dict[str, str]:
        """The rate headers of a call that may go on. Minutes are real ones: a client that waits
        for `X-RateLimit-Reset` sleeps on a clock that nobody turns.
        """
        if self._faults.status:
            raise refuse(self._faults.status, "internal server error")
        scopes = scopes_of(request, self._faults.revoked)
        if scope and scope.format(**request.path_params) not in scopes:
            raise refuse(403, "access forbidden")
        limit = _SENDS_PER_MINUTE if scope == "mail.send" else self._faults.rate
        used, reset = self._meter.count(f"{request.method} {path}", time.time())
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Reset": str(reset),
        }
        if used > limit:
            refused = refuse(429, "too many requests")
            refused.response.headers.update(headers)
            raise refused
        return headers

    def _scopes(self, _: Suppressions, request: Request, __: bytes) -> Any:
        return {"scopes": sorted(scopes_of(request, self._faults.revoked))}

    def _search_logs(self, _: Suppressions, __: Request, body: bytes) -> Any:
        self._may_read_logs()
        return self._logs.search(body, self._clock.now().timestamp())

    def _one_log(self, _: Suppressions, request: Request, __: bytes) -> Any:
        self._may_read_logs()
        return self._logs.one(request.path_params["message"], self._clock.now().timestamp())

    def _may_read_logs(self) -> None:
        if self._faults.logs_forbidden:
            raise refuse(403, "access forbidden")

    def _send(self, lists: Suppressions, _: Request, body: bytes) -> Response:
        envelopes = mail.parse(body)
        if not envelopes:
            return Response(status_code=200)
        message, now = secrets.token_urlsafe(16), self._clock.now()
        for part, envelope in enumerate(envelopes):
            reason = lists.drop_reason(envelope.email, envelope.group)
            script = self._script_of(envelope.email.lower())
            drop = [(0.0, {"event": "dropped", "reason": reason})]
            told = drop if reason else outcomes.steps(script)
            number = self._agenda.plan(envelope, message, part, now.timestamp(), told)
            self._logs.sent(number, now.timestamp(), envelope.email, envelope.subject)
            seen = {"at": now.isoformat(), "events": [event["event"] for _, event in told]}
            self._mails.append(asdict(envelope) | seen)
        self._settle()
        return Response(status_code=202, headers={"X-Message-Id": message})

    def _script_of(self, address: str) -> dict[str, Any]:
        domain = "@" + address.partition("@")[2]
        return self._scripts.get(address) or self._scripts.get(domain) or {"outcome": "deliver"}
