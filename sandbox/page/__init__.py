"""A page to play in: what people see, the vendors' insides, a clock to turn, faults to switch on.

One HTML file, one style sheet, one script, no build step. It polls `GET /state?person=ID&PART=MARK`:
the parts whose mark is another one than the caller's. Acts go to the stand-ins' own controls
under `/slack`, `/lineworks` and `/sendgrid`, to `/clock`, and to the customer's program:
`POST /try/mail` `{to, subject, outcome}` · `POST /try/notify` `{to, text}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.lineworks import LineWorks
from sandbox.page import parts
from sandbox.sendgrid import SendGrid
from sandbox.slack import Slack
from sandbox.wire import lever

_HERE = Path(__file__).parent
_FILES = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}
# Nothing from elsewhere and nothing inline: a message can never become a script.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:",
    "Cache-Control": "no-cache",
}


class Host(Protocol):
    """The customer's own program; each verb answers the status and body that it got."""

    def mail(self, to: str, subject: str) -> tuple[int, str]: ...

    def notify(self, to: str, text: str) -> tuple[int, str]: ...


@dataclass(frozen=True, kw_only=True)
class Page:
    slack: Slack
    lineworks: LineWorks
    sendgrid: SendGrid
    clock: Clock
    calls: Calls
    host: Host

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                *(_file(path, name) for path, name in _FILES.items()),
                Route("/state", self._state),
                *self.clock.routes(),
                Mount("/slack", routes=self.slack.control()),
                Mount("/lineworks", routes=self.lineworks.control()),
                Mount("/sendgrid", routes=self.sendgrid.control()),
                lever("POST", "/try/mail", self._mail),
                lever("POST", "/try/notify", self._notify),
            ]
        )

    def _state(self, request: Request) -> Response:
        """Synchronous, so that Starlette reads the stand-ins on a thread."""
        seen = dict(request.query_params)
        lineworks, sendgrid = self.lineworks.state({}), self.sendgrid.state({})
        everybody = parts.people(self.slack, lineworks["members"])
        known = (each for each in everybody if each["id"] == seen.get("person"))
        person = next(known, everybody[0])
        texts = {
            "people": parts.text(everybody),
            "slack": parts.slack(self.slack, person["slack"]),
            "lineworks": parts.lineworks(lineworks, person["lineworks"]),
            "sendgrid": parts.sendgrid(sendgrid),
            "calls": parts.calls(self.calls),
            "faults": parts.faults(self.slack, lineworks, sendgrid),
        }
        return parts.answer(self.clock.now(), texts, seen)

    def _mail(self, wish: dict[str, Any]) -> dict[str, int]:
        self.sendgrid.script({wish["to"]: {"outcome": wish["outcome"]}})
        return {"status": self.host.mail(wish["to"], wish["subject"])[0]}

    def _notify(self, wish: dict[str, Any]) -> dict[str, int]:
        return {"status": self.host.notify(wish["to"], wish["text"])[0]}


def _file(path: str, name: str) -> Route:
    def send(_request: Request) -> Response:
        return FileResponse(_HERE / name, headers=_HEADERS)

    return Route(path, send)
