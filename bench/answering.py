"""A server that answers one look-up twice: as a slash command, and in bare Starlette."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import uvicorn
from slack_sdk.signature import SignatureVerifier
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import WallClock
from bot.lineworks.hang_up import SERVER_OPTIONS
from bot.slack.client import SlackChat
from bot.slack.listeners import bolt_app, handle
from bot.web import Answer, application
from bot.wiring import TENANT, Desk
from handlers import lookups
from handlers.conversation import Profile
from handlers.house import House, Policy
from sandbox.serving import free_socket
from storage.opening import open_store

SECRET = "bench"  # noqa: S105 - of this bench alone
ASKER = "U0BENCH01"
_POOL = 8


class Acquainted(SlackChat):
    """Knows whoever asks, as the real one does from the second command on."""

    def profile(self, person: str) -> Profile:
        return Profile(ref=person, name="bench", locale="ja", zone=ZoneInfo("Asia/Tokyo"))


@dataclass(frozen=True)
class Bare:
    """The signature checked, the form read, the same person looked up, and nothing else."""

    house: House

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._answer, body, dict(request.headers))

    def _answer(self, body: bytes, headers: Mapping[str, str]) -> Response:
        if not SignatureVerifier(SECRET).is_valid_request(body, dict(headers)):
            return Response(status_code=401)
        text = parse_qs(body.decode())["text"][0].split()[-1]
        found = lookups.find(self.house, text)
        return JSONResponse({"text": repr(found)})


def main() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    chat = Acquainted("xoxb-bench", base_url="http://127.0.0.1:9/api/", locale="ja", zone=zone)
    house = House(
        tenant=TENANT,
        store=open_store(f"sqlite:///{Path(sys.argv[1])}"),
        clock=WallClock(),
        zone=zone,
        locale="ja",
        policy=Policy(admins=frozenset({f"slack:{ASKER}"})),
        chats={"slack": chat},
    )
    bolt = bolt_app(SECRET, chat, Desk(house), ThreadPoolExecutor(_POOL))

    def slack(body: bytes, headers: Mapping[str, str]) -> Answer:
        status, answered, content = handle(bolt, body, headers)
        return Answer(status=status, body=content, headers=answered)

    app = application({"/slack/events": slack}, house.store.ready, None)
    app.router.routes.append(Route("/bare", Bare(house).__call__, methods=["POST"]))
    listener = free_socket()
    listener.listen()
    print(f"listens on :{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, **SERVER_OPTIONS)).run([listener])


if __name__ == "__main__":
    main()
