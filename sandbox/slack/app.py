"""The HTTP side: Web API, `response_url`s and uploads for the bot; control for page and tests."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack import delivery, hooks, methods, people
from sandbox.slack.seed import Json
from sandbox.slack.workspace import Impossible, Refused, Workspace

_STRUCTURED = ("blocks", "view", "metadata", "files")
_Answer = Callable[[Workspace, Request, bytes], Awaitable[Response]]


def routes(slack: Workspace) -> list[Route]:
    def logged(path: str, answer: _Answer) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            response = await answer(slack, request, body)
            seen = (str(request.url), dict(request.headers), body.decode(errors="replace"))
            said = (response.status_code, bytes(response.body).decode())
            slack.calls.note("slack", "in", request.method, *seen, *said)
            return response

        return Route(path, endpoint, methods=["GET", "POST"])

    return [
        logged("/api/{method}", _api),
        logged("/commands/{team}/{secret}", _hook),
        logged("/actions/{team}/{secret}", _hook),
        logged("/upload/{file}", _upload),
    ]


def _arguments(request: Request, body: bytes, reads_json: bool) -> Json:
    kind = request.headers.get("content-type", "")
    args: Json = dict(request.query_params)
    if not kind.startswith("application/json"):
        args |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    elif reads_json and body:
        args |= _parsed(body, "invalid_json")
    for name in _STRUCTURED:
        if isinstance(args.get(name), str):
            wrong = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            args[name] = _parsed(args[name], wrong)
    return args


def _parsed(text: str | bytes, error: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(error) from None


async def _api(slack: Workspace, request: Request, body: bytes) -> Response:
    name = request.path_params["method"]
    method = methods.METHODS.get(name)
    try:
        args = _arguments(request, body, method is None or method.json)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme.lower() == "bearer" else args.get("token", "")
        answer = methods.call(slack, name, token, args)
    except Refused as refusal:
        said = {"ok": False, "error": refusal.error, **refusal.extra}
        if refusal.error == "ratelimited":
            return JSONResponse(said, 429, {"Retry-After": "1"})
        return JSONResponse(said)
    if name == "chat.postMessage" and slack.faults["timeout_after_post"] > 0:
        slack.faults["timeout_after_post"] -= 1
        await _hang(slack, request)
    return JSONResponse({"ok": True, **answer})


async def _hang(slack: Workspace, request: Request) -> None:
    """Say nothing until the caller gives up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(slack.hang_seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass


async def _hook(slack: Workspace, request: Request, body: bytes) -> Response:
    try:
        hooks.respond(slack, request.url.path, _parsed(body, "invalid_payload"))
    except Refused as refusal:
        status = 404 if refusal.error in hooks.GONE else 400
        return JSONResponse({"ok": False, "error": refusal.error}, status)
    return PlainTextResponse("ok")


async def _upload(slack: Workspace, request: Request, body: bytes) -> Response:
    if (file := slack.files.get(request.path_params["file"])) is None:
        return PlainTextResponse("not found", 404)
    form = request.headers.get("content-type", "").startswith("multipart/")
    async with request.form() as parts:
        for part in parts.values() if form else ():
            body = part.encode() if isinstance(part, str) else await part.read()
    file["content"] = body
    return PlainTextResponse(f"OK - {len(body)}")


def state(slack: Workspace) -> Json:
    stacks = slack.modals.items()
    return {
        "users": list(slack.users.values()),
        "channels": list(slack.channels.values()),
        "groups": slack.groups,
        "messages": slack.messages,
        "ephemerals": slack.ephemerals,
        "modals": {user: [people.shown(each) for each in stack] for user, stack in stacks},
        "files": [{k: v for k, v in f.items() if k != "content"} for f in slack.files.values()],
        "faults": slack.faults,
    }


def set_faults(slack: Workspace, **faults: Any) -> Json:
    if unknown := faults.keys() - slack.faults.keys():
        raise Impossible(f"unknown faults: {', '.join(sorted(unknown))}")
    slack.faults.update(faults)
    return slack.faults


def reset(slack: Workspace) -> Json:
    slack.reset()
    return {}


_CONTROLS: dict[str, Callable[..., Json]] = {
    "command": people.command,
    "say": people.say,
    "press": people.press,
    "submit": people.submit,
    "close": people.close,
    "event": delivery.event,
    "connect": delivery.connect,
    "faults": set_faults,
    "reset": reset,
}


def control(slack: Workspace) -> list[Route]:
    """`GET /state`, `GET /files/{id}`, and one `POST` per thing to do, arguments as JSON."""

    async def show(_request: Request) -> Response:
        with slack.lock:
            return JSONResponse(state(slack))

    async def file(request: Request) -> Response:
        found = slack.files.get(request.path_params["file"], {})
        return Response(found.get("content", b""), 200 if found else 404)

    def acting(name: str, act: Callable[..., Json]) -> Route:
        async def endpoint(request: Request) -> Response:
            wish = json.loads(await request.body() or b"{}")
            try:
                inspect.signature(act).bind(slack, **wish)
                seen = await run_in_threadpool(act, slack, **wish)
            except (TypeError, Impossible) as problem:
                return JSONResponse({"error": str(problem)}, 400)
            with slack.lock:
                return JSONResponse(seen)

        return Route(f"/{name}", endpoint, methods=["POST"])

    acts = [acting(name, act) for name, act in _CONTROLS.items()]
    return [Route("/state", show), Route("/files/{file}", file), *acts]
