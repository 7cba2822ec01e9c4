"""The workspace that the sandbox starts with, as data: people, channels, public secrets."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

TEAM = "T0NOTIFY1"
TEAM_DOMAIN = "mihon-shoji"
PARTNER_TEAM = "T0PARTNER"
APP = "A0NOTIFY1"
BOT_USER = "U0NOTIBOT"
BOT = "B0NOTIBOT"
BOT_TOKEN = "xoxb-100000000001-100000000002-SandboxNotifyErrors"
SIGNING_SECRET = "5a9d0b0c4c8f4f9f8a3e2d1c0b9a8f7e"
COMMANDS = ("/notify-errors",)
SCOPES = (
    "commands",
    "chat:write",
    "files:write",
    "users:read",
    "usergroups:read",
    "channels:read",
    "groups:read",
    "im:write",
)
FAULTS: Json = {
    "rate_limited": 0,  # so many next calls of the Web API answer 429
    "timeout_after_post": 0,  # so many next messages are posted and never answered
    "archived": [],
    "kicked": [],  # channels that the bot was removed from
    "token_revoked": False,
    "scopes": list(SCOPES),
    "errors": {},  # method -> the error it answers
}


def _person(user: str, name: str, real_name: str, **extra: Any) -> Json:
    base = {"id": user, "team_id": TEAM, "name": name, "real_name": real_name}
    japan = {"locale": "ja-JP", "tz": "Asia/Tokyo", "tz_offset": 32400}
    return {**base, **japan, "is_bot": False, "is_restricted": False, **extra}


_ENGLISH: Json = {"locale": "en-US", "tz": "Europe/London", "tz_offset": 0}

USERS: list[Json] = [
    _person("U0ADMIN01", "yamada", "山田 花子"),
    _person("U0ADMIN02", "suzuki", "鈴木 一郎"),
    _person("U0APPROV1", "sato", "佐藤 恵"),
    _person("U0MEMBER1", "tanaka", "田中 健"),
    _person("U0GUEST01", "takahashi", "高橋 光", is_restricted=True),
    _person("U0STRANGE", "nakamura", "中村 翼", team_id=PARTNER_TEAM, is_stranger=True),
    _person("U0ENGLISH", "emma", "Emma Brown", **_ENGLISH),
    _person(BOT_USER, "notify-errors", "notify-errors", is_bot=True),
]

_STAFF = ("U0ADMIN01", "U0ADMIN02", "U0APPROV1")
_COMPANY = (*_STAFF, "U0MEMBER1", "U0ENGLISH")


def channel(number: str, name: str, members: tuple[str, ...], **extra: bool) -> Json:
    flags = {"is_private": False, "is_archived": False, "is_ext_shared": False, "is_im": False}
    return {"id": number, "name": name, "members": [*members, BOT_USER], **flags, **extra}


CHANNELS: list[Json] = [
    channel("C0DIGEST1", "通知エラー", (*_COMPANY, "U0GUEST01")),
    channel("C0APPROVE", "通知エラー-承認", _STAFF, is_private=True),
    channel("C0ADMINS1", "通知エラー-管理", _STAFF[:2], is_private=True),
    channel("C0SHARED1", "共同プロジェクト", (*_COMPANY, "U0STRANGE"), is_ext_shared=True),
    channel("C0ARCHIVE", "旧-通知エラー", _COMPANY, is_archived=True),
]

GROUPS: dict[str, list[str]] = {"S0APPROVE": ["U0APPROV1"]}
