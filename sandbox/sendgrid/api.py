"""The list endpoints of the Web API v3: a table of routes with the scope that each asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from sandbox.sendgrid.keys import refuse
from sandbox.sendgrid.suppressions import FIELDS, GROUPS, Suppressions

_LARGEST_PAGE = 500
_EVER = 2**40

# Answers JSON, or nothing (204).
Answer = Callable[[Suppressions, Request, bytes], Any]


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise refuse(400, f"{name} must be a number from {least} to {most}", name)
    return int(text)


def _list(request: Request) -> str:
    """The list that the path names; one address of the global list is asked at asm/ alone."""
    name = str(request.path_params.get("kind") or request.path_params["group"])
    by_address = "email" in request.path_params
    if name not in FIELDS.keys() | GROUPS.keys() or (by_address and name == "unsubscribes"):
        raise refuse(404, "resource not found")
    return name


def _email(request: Request) -> str:
    return str(request.path_params["email"])


def _page(lists: Suppressions, request: Request, _: bytes) -> Any:
    return lists.page(
        _list(request),
        request.query_params.get("email", ""),
        _number(request, "start_time", 0, 0, _EVER),
        _number(request, "end_time", _EVER, 0, _EVER),
        _number(request, "limit", _LARGEST_PAGE, 1, _LARGEST_PAGE),
        _number(request, "offset", 0, 0, _EVER),
    )


def _remove(lists: Suppressions, request: Request, _: bytes) -> None:
    if not lists.remove(_list(request), _email(request)):
        raise refuse(404, "resource not found")


def _unsubscribed(lists: Suppressions, request: Request, _: bytes) -> Any:
    found = lists.one("unsubscribes", _email(request))
    return {"recipient_email": found[0]["email"]} if found else {}


def _resubscribe(lists: Suppressions, request: Request, _: bytes) -> None:
    lists.remove("unsubscribes", _email(request))


def _members(lists: Suppressions, request: Request, _: bytes) -> Any:
    return [member["email"] for member in lists.lists[_list(request)].values()]


_KIND = "/v3/suppression/{kind}"
_GLOBAL = "/v3/asm/suppressions/global/{email:path}"
_MEMBERS = "/v3/asm/groups/{group}/suppressions"
_IN_GROUPS = "asm.groups.suppressions"

ENDPOINTS: list[tuple[str, str, str, Answer]] = [
    ("GET", _KIND, "suppression.{kind}.read", _page),
    (
        "GET",
        _KIND + "/{email:path}",
        "suppression.{kind}.read",
        lambda lists, request, _: lists.one(_list(request), _email(request)),
    ),
    ("DELETE", _KIND, "no key may empty a list", _page),
    ("DELETE", _KIND + "/{email:path}", "suppression.{kind}.delete", _remove),
    ("GET", _GLOBAL, "asm.suppressions.global.read", _unsubscribed),
    ("DELETE", _GLOBAL, "asm.suppressions.global.delete", _resubscribe),
    ("GET", "/v3/asm/groups", "asm.groups.read", lambda lists, *_: lists.groups()),
    ("GET", _MEMBERS, f"{_IN_GROUPS}.read", _members),
    ("DELETE", _MEMBERS + "/{email:path}", f"{_IN_GROUPS}.delete", _remove),
    ("GET", "/v3/asm/suppressions", f"{_IN_GROUPS}.read", lambda lists, *_: lists.memberships()),
    (
        "GET",
        "/v3/asm/suppressions/{email:path}",
        f"{_IN_GROUPS}.read",
        lambda lists, request, _: {"suppressions": lists.groups_of(_email(request))},
    ),
]
