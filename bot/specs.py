"""The table of settings: how each is read, its default, and which belong together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot import parsing


@dataclass(frozen=True)
class Spec:
    """How one setting is read. A secret may also be a file's path, and is never shown."""

    parse: Callable[[str], Any] = parsing.text
    default: str | None = None  # None: absent unless given
    secret: bool = False


_SECRET = Spec(secret=True)
_SECRETS = Spec(parsing.items, secret=True)  # rotates: newest first
SPECS: dict[str, Spec] = {
    "HOST": Spec(default="127.0.0.1"),
    "PORT": Spec(parsing.whole_number(0, 65535), "8025"),
    "DATABASE_URL": Spec(default="sqlite:///notify-errors.db"),
    "LOG_LEVEL": Spec(parsing.one_of("debug", "info", "warning", "error"), "info"),
    "TIMEZONE": Spec(parsing.zone, "Asia/Tokyo"),
    "LOCALE": Spec(parsing.one_of("ja", "en"), "ja"),
    "CLOCK_URL": Spec(parsing.url()),
    "SLACK_BOT_TOKEN": _SECRET,
    "SLACK_SIGNING_SECRET": _SECRET,
    "SLACK_API_URL": Spec(parsing.url("/api/"), "https://slack.com/api/"),
    "SENDGRID_API_KEY": _SECRET,
    "SENDGRID_DELETE_API_KEY": _SECRET,
    "SENDGRID_WEBHOOK_PUBLIC_KEY": Spec(parsing.items),
    "SENDGRID_API_URL": Spec(parsing.url(), "https://api.sendgrid.com"),
    "SENDGRID_POLL_SECONDS": Spec(parsing.number(10, 86400), "300"),
    "SENDGRID_LOGS": Spec(parsing.one_of("auto", "off"), "auto"),
    "LINEWORKS_CLIENT_ID": Spec(),
    "LINEWORKS_CLIENT_SECRET": _SECRET,
    "LINEWORKS_SERVICE_ACCOUNT": Spec(),
    "LINEWORKS_PRIVATE_KEY": _SECRET,
    "LINEWORKS_BOT_ID": Spec(),
    "LINEWORKS_BOT_SECRET": _SECRETS,
    "LINEWORKS_API_URL": Spec(parsing.url("/v1.0"), "https://www.worksapis.com/v1.0"),
    "LINEWORKS_AUTH_URL": Spec(
        parsing.url("/oauth2/v2.0"), "https://auth.worksmobile.com/oauth2/v2.0"
    ),
    "LINEWORKS_DAILY_CAP": Spec(parsing.whole_number(1, 10_000_000)),
    "LINEWORKS_RATE_PER_MINUTE": Spec(parsing.number(2, 10_000), "60"),
    "RULES_FILE": Spec(),
    "RELAY_KEY": _SECRETS,
    "PAYLOAD_KEY": Spec(parsing.keys, secret=True),
    "PUSH_TOKEN": _SECRETS,
    "HOST_FEED_URL": Spec(parsing.guarded_url),
    "HOST_FEED_TOKEN": _SECRET,
    "ADMINS": Spec(parsing.people, ""),
    "APPROVERS": Spec(parsing.people, ""),
    "APPROVAL_CHANNEL": Spec(parsing.room, ""),
    "ADMIN_CHANNEL": Spec(parsing.room, ""),
    "DIGEST_CHANNEL": Spec(parsing.rooms, ""),
    "DIGEST_AT": Spec(parsing.clock_time, "09:00"),
    "SENDING_WINDOW": Spec(parsing.window, "09:00-18:00"),
    "COMPANY_HOLIDAYS": Spec(parsing.days, ""),
    "RETENTION_DAYS": Spec(parsing.retention, "400"),
    "SUPPORT_CONTACT": Spec(default=""),
    "SERVICE_NAME": Spec(default=""),
    "SENDER_DOMAIN": Spec(parsing.domain),
    "SENDER_IPS": Spec(parsing.networks, ""),
    "LINK_USER_SETTINGS": Spec(parsing.link),
    "LINK_NOTIFICATION_SETTINGS": Spec(parsing.link),
    "LINK_EXTERNAL_SETTINGS": Spec(parsing.link),
    "LINK_IT_GUIDE": Spec(parsing.link),
    "LINK_RUNBOOK": Spec(parsing.link),
    "DOMAIN_FAILS_AT": Spec(parsing.whole_number(2, 1000), "3"),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "Slack": ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
    "SendGrid": ("SENDGRID_API_KEY", "SENDGRID_DELETE_API_KEY"),
    "The host's feed": ("HOST_FEED_URL", "HOST_FEED_TOKEN"),
    "LINE WORKS": (
        "LINEWORKS_CLIENT_ID",
        "LINEWORKS_CLIENT_SECRET",
        "LINEWORKS_SERVICE_ACCOUNT",
        "LINEWORKS_PRIVATE_KEY",
        "LINEWORKS_BOT_ID",
        "LINEWORKS_BOT_SECRET",
    ),
}
# Of use only with its group.
BELONGS = {"SENDGRID_WEBHOOK_PUBLIC_KEY": "SendGrid"}
