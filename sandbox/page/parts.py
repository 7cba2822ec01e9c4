"""What the page shows, as JSON texts with a mark each: only what changed travels."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.calls import Calls
from sandbox.slack import Slack
from sandbox.slack import app as workspace

Json = dict[str, Any]

_MOST, _MAILS, _CALLS, _BODY = 100, 30, 60, 20_000
_ROLES = {
    "U0ADMIN01": "管理者 / Admin",
    "U0ADMIN02": "もう一人の管理者 / Second admin",
    "U0APPROV1": "承認者 / Approver",
    "U0MEMBER1": "メンバー / Member",
    "U0GUEST01": "ゲスト / Guest",
    "U0STRANGE": "社外の人 / Stranger",
    "U0ENGLISH": "英語の管理者 / English-speaking admin",
}


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer(now: datetime, texts: Mapping[str, str], seen: Mapping[str, str]) -> Response:
    marks = {name: f"{zlib.crc32(body.encode()):08x}" for name, body in texts.items()}
    news = ",".join(
        f'"{name}":{{"mark":"{marks[name]}","value":{body}}}'
        for name, body in texts.items()
        if seen.get(name) != marks[name]
    )
    body = f'{{"now":"{now.isoformat()}","parts":{{{news}}}}}'
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def people(slack: Slack, members: list[Json]) -> list[Json]:
    """Everybody that the page can be. Who bears one name in both products is one person."""
    users = {each["real_name"]: each for each in slack.users.values() if not each["is_bot"]}
    named = {each["name"]: each for each in members}
    found = [(user, named.get(name, {})) for name, user in users.items()]
    return [_person(*each) for each in found + [({}, m) for m in members if m["name"] not in users]]


def _person(user: Json, member: Json) -> Json:
    number, name = user.get("id", ""), user.get("real_name") or member["name"]
    return {
        "id": number or member["id"],
        "name": name,
        "role": _ROLES.get(number, ""),
        "slack": number,
        "lineworks": member.get("id", ""),
        "login": member.get("email", ""),
        "locale": user.get("locale", "ja-JP"),
        "tz": user.get("tz", "Asia/Tokyo"),
    }


def slack(slack: Slack, user: str) -> str:
    """The workspace as `user` sees it: their channels, what only they read, the modal on top."""
    with slack.lock:
        state = workspace.state(slack)
        mine = [each for each in state["channels"] if user and slack.sees(user, each)]
        return text(
            {
                "names": {each["id"]: each["real_name"] for each in state["users"]},
                "channels": [each | {"is_archived": slack.is_archived(each)} for each in mine],
                "messages": {each["id"]: state["messages"][each["id"]][-_MOST:] for each in mine},
                "ephemerals": state["ephemerals"].get(user, [])[-_MOST:],
                "modal": (state["modals"].get(user) or [None])[-1],
            }
        )


def lineworks(state: Json, member: str) -> str:
    mine = [
        talk | {"messages": talk["messages"][-_MOST:]}
        for talk in state["talks"]
        if any(each["id"] == member for each in talk["members"])
    ]
    return text({"me": member, "bots": state["bots"], "talks": mine})


def sendgrid(state: Json) -> str:
    groups = [
        {"email": each["email"], "created": each["created_at"], "reason": each["group_name"]}
        for each in state["group_members"]
    ]
    mails = state["mails"][: -_MAILS - 1 : -1]
    return text({"lists": state["lists"] | {"groups": groups}, "mails": mails})


def calls(calls: Calls) -> str:
    """Newest first."""
    newest = [asdict(each) for each in list(calls.newest)[: -_CALLS - 1 : -1]]
    return text(
        [each | {name: each[name][:_BODY] for name in ("body", "response")} for each in newest]
    )


def faults(slack: Slack, lineworks: Json, sendgrid: Json) -> str:
    """By the path of the lever that changes them."""
    held = {"slack/faults": slack.faults}
    held |= {f"sendgrid/{name}": sendgrid[name] for name in ("faults", "webhook")}
    return text(held | {f"lineworks/{name}": lineworks[name] for name in ("faults", "plan")})
