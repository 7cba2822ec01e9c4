"""The bot API v1.0 over one tenant: sends, rooms, attachments."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.lineworks import content
from sandbox.lineworks.answers import ANSWERS, refusal
from sandbox.lineworks.limits import spell
from sandbox.lineworks.people import BOTS, CHAT_BOT, DOMAIN
from sandbox.lineworks.talks import Talk
from sandbox.lineworks.tenant import Tenant
from sandbox.wire import NoAnswer, Refused

_BOT = "/v1.0/bots/{bot:int}"
_ROOM = _BOT + "/channels/{channel}"
_SENDING = ("bot.message", "bot")
_READING = (*_SENDING, "bot.read")

Answer = Callable[[Tenant, Request, bytes], Response]


def routes(tenant: Tenant) -> list[Route]:
    return [
        tenant.wire.route("POST", "/oauth2/v2.0/token", tenant.tokens.issue),
        *(_route(tenant, *endpoint) for endpoint in _ENDPOINTS),
    ]


def _route(
    tenant: Tenant, method: str, path: str, scopes: tuple[str, ...], answer: Answer
) -> Route:
    def act(request: Request, body: bytes) -> Response:
        with tenant.lock:
            tenant.tokens.admit(request, *scopes)
            headers = tenant.limits.count(f"{method} {path}", tenant.clock.now())
            try:
                if request.path_params.get("bot", CHAT_BOT) not in BOTS:
                    raise refusal("unknown_bot")
                response = answer(tenant, request, body)
            except Refused as refused:
                response = refused.response
        spell(response, headers)
        return response

    return tenant.wire.route(method, path, act)


def _send(tenant: Tenant, request: Request, body: bytes) -> Response:
    bot, to = int(request.path_params["bot"]), str(request.path_params["to"])
    fault = tenant.faults.strikes(to, body.decode(errors="replace"))
    if fault == "lost":
        raise NoAnswer
    if fault in ANSWERS:
        raise refusal(fault)
    tenant.limits.spend(bot, tenant.clock.now())
    said = content.parse(body)
    talk, begins = _talk(tenant, request, bot, to)
    if "fileId" in said:
        said["file"] = tenant.files.check(said["fileId"], tenant.clock.now().timestamp())
    tenant.write(talk, BOTS[bot][0], said)
    if fault == "arrived":
        raise NoAnswer
    greeting = BackgroundTask(tenant.tell, bot, talk, "begin", talk.members[0].id)
    return Response(status_code=201, background=greeting if begins else None)


def _talk(tenant: Tenant, request: Request, bot: int, to: str) -> tuple[Talk, bool]:
    """Where the message is to stand, and whether a 1:1 talk begins with it."""
    if "/channels/" in request.url.path:
        return tenant.talks.room(bot, to), False
    member = tenant.talks.member(to)
    if member.domain != DOMAIN:
        raise refusal("foreign_domain")
    return tenant.talks.with_bot(bot, member)


def _found(tenant: Tenant, request: Request) -> Talk:
    return tenant.talks.room(request.path_params["bot"], request.path_params["channel"])


def _room(tenant: Tenant, request: Request, _: bytes) -> Response:
    talk = _found(tenant, request)
    kind = {"type": "MULTI_USERS" if talk.title else "SINGLE_USER"}
    said = {"channelId": talk.channel, "title": talk.title, "channelType": kind}
    return JSONResponse(said | {"domainId": DOMAIN})


def _room_members(tenant: Tenant, request: Request, _: bytes) -> Response:
    members = [member.id for member in _found(tenant, request).members]
    return JSONResponse({"members": members, "responseMetaData": {"nextCursor": None}})


def _announce(tenant: Tenant, request: Request, body: bytes) -> Response:
    try:
        name = json.loads(body).get("fileName")
    except (AttributeError, ValueError):
        name = None
    file = tenant.files.announce(name, tenant.clock.now().timestamp())
    return JSONResponse({"fileId": file, "uploadUrl": f"{request.base_url}upload/{file}"})


def _upload(tenant: Tenant, request: Request, body: bytes) -> Response:
    kind, now = request.headers.get("content-type", ""), tenant.clock.now().timestamp()
    return JSONResponse(tenant.files.receive(request.path_params["file"], kind, body, now))


_ENDPOINTS: list[tuple[str, str, tuple[str, ...], Answer]] = [
    ("POST", _BOT + "/users/{to:path}/messages", _SENDING, _send),
    ("POST", _BOT + "/channels/{to}/messages", _SENDING, _send),
    ("GET", _ROOM, _READING, _room),
    ("GET", _ROOM + "/members", _READING, _room_members),
    ("POST", _BOT + "/attachments", _SENDING, _announce),
    ("POST", "/upload/{file}", _SENDING, _upload),
]
