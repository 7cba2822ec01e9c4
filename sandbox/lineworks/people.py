"""Who and what the tenant holds at the start: apps, bots, members, rooms. All of it public."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

CLIENT_ID, CLIENT_SECRET = "sandbox-chat-client", "sandbox-chat-secret"
SERVICE_ACCOUNT = "chat01.serviceaccount@example.co.jp"
HOST_CLIENT_ID, HOST_CLIENT_SECRET = "sandbox-host-client", "sandbox-host-secret"
HOST_SERVICE_ACCOUNT = "host01.serviceaccount@example.co.jp"
APPS = {
    CLIENT_ID: (CLIENT_SECRET, SERVICE_ACCOUNT),
    HOST_CLIENT_ID: (HOST_CLIENT_SECRET, HOST_SERVICE_ACCOUNT),
}

CHAT_BOT, NOTICE_BOT = 7001001, 7001002
BOTS = {
    CHAT_BOT: ("通知エラー", "sandbox-chat-bot-secret"),
    NOTICE_BOT: ("お知らせ", "sandbox-notice-bot-secret"),
}

DOMAIN, FOREIGN_DOMAIN = 400100200, 400900900
DIGEST_ROOM = "0f3c9a5e-1b2d-4c6f-8e90-aa11bb22cc33"
APPROVAL_ROOM = "5d1e7b80-9c4a-4f3e-b2d6-dd44ee55ff66"


@dataclass(frozen=True, kw_only=True)
class Member:
    """`email` is the login, which stands for the id wherever the API takes one."""

    id: str
    email: str
    name: str
    domain: int


def member(email: str, name: str, domain: int = DOMAIN) -> Member:
    identity = str(uuid.uuid5(uuid.NAMESPACE_DNS, email))
    return Member(id=identity, email=email, name=name, domain=domain)


YAMADA = member("yamada@example.co.jp", "山田 花子")
SUZUKI = member("suzuki@example.co.jp", "鈴木 一郎")
SATO = member("sato@example.co.jp", "佐藤 恵")
TANAKA = member("tanaka@example.co.jp", "田中 健")
TAKAHASHI = member("takahashi@example.co.jp", "高橋 光")
FOREIGNER = member("ito@partner.example.com", "伊藤 誠", FOREIGN_DOMAIN)
MEMBERS = (YAMADA, SUZUKI, SATO, TANAKA, TAKAHASHI, FOREIGNER)
ROOMS = {
    DIGEST_ROOM: ("通知エラーの報告", (YAMADA, SUZUKI, SATO, TANAKA)),
    APPROVAL_ROOM: ("通知エラーの承認", (SUZUKI, SATO)),
}
