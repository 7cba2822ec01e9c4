"""A Slack workspace that a bot can be driven against, over Slack's own HTTP."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from sandbox.slack import app as http
from sandbox.slack.workspace import Workspace


class Slack(Workspace):
    """Set `base_url` to where it is served and `events_url` to the bot's request URL."""

    def app(self) -> Starlette:
        return Starlette(routes=[*http.routes(self), Mount("/_control", routes=self.control())])

    def control(self) -> list[Route]:
        return http.control(self)
