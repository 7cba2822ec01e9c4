"""Settings, read once: environment `NOTIFY_ERRORS_*` over `notify-errors.toml`.

Every secret may also be a file's path in `NAME_FILE`. Each vendor's group is
absent or complete. ConfigError names the variable and the mend.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot import parsing
from bot.specs import BELONGS, GROUPS, SPECS
from storage.retention import Keep

PREFIX = "NOTIFY_ERRORS_"


class ConfigError(Exception):
    """The start cannot go on; the message is one line with the variable and the mend."""


@contextmanager
def naming(setting: str) -> Iterator[None]:
    """A value that only its own library can judge is refused under its setting's name."""
    try:
        yield
    except ValueError as error:
        raise ConfigError(f"{PREFIX}{setting} {error}") from None


@dataclass(frozen=True, kw_only=True)
class Slack:
    bot_token: str
    signing_secret: str
    api_url: str


@dataclass(frozen=True, kw_only=True)
class SendGrid:
    """`api_url` is the host alone, without `/v3`. Without a public key no webhook is heard."""

    api_key: str
    delete_api_key: str
    webhook_public_keys: tuple[str, ...]
    api_url: str
    poll_seconds: float
    logs: bool


@dataclass(frozen=True, kw_only=True)
class LineWorks:
    """`private_key` is PEM text."""

    client_id: str
    client_secret: str
    service_account: str
    private_key: str
    bot_id: str
    bot_secrets: tuple[str, ...]
    auth_url: str


@dataclass(frozen=True, kw_only=True)
class HostFeed:
    url: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set. A vendor that is not connected is None."""

    host: str
    port: int
    database_url: str
    log_level: str
    zone: ZoneInfo
    locale: str
    clock_url: str | None
    slack: Slack | None
    sendgrid: SendGrid | None
    line_works: LineWorks | None
    line_works_api_url: str
    line_works_daily_cap: int | None
    line_works_rate_per_minute: float
    rules_file: Path | None
    relay_keys: tuple[str, ...]
    payload_keys: tuple[str, ...]
    push_tokens: tuple[str, ...]
    host_feed: HostFeed | None
    admins: frozenset[str]
    approvers: frozenset[str]
    same_person: Mapping[str, str]
    approval_channel: str
    admin_channel: str
    digest_channels: tuple[str, ...]
    digest_at: time
    sending_window: tuple[time, time]
    company_holidays: frozenset[date]
    keep: Keep
    support_contact: str
    service_name: str
    sender_domain: str
    sender_ips: tuple[str, ...]
    links: Mapping[str, str]
    domain_fails_at: int


def load(
    environ: Mapping[str, str] = os.environ, file: Path = Path("notify-errors.toml")
) -> Settings:
    """Read the settings; raises ConfigError."""
    found = _parsed(_collected(environ, file))
    _whole_groups(found)
    settings = _settings(found)
    _sensible(settings)
    return settings


def _collected(environ: Mapping[str, str], file: Path) -> dict[str, str]:
    """Name without prefix -> text, the environment over the file."""
    given = _from_file(file)
    for name, value in environ.items():
        if name.startswith(PREFIX) and value:
            given[name.removeprefix(PREFIX)] = value
    for name in [name for name in given if name.endswith("_FILE")]:
        wanted = name.removesuffix("_FILE")
        if wanted in SPECS and SPECS[wanted].secret:
            given[wanted] = _secret_from(name, given.pop(name))
    for name in given:
        if name not in SPECS:
            near = difflib.get_close_matches(name, SPECS, n=1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else "remove it"
            raise ConfigError(f"{PREFIX}{name} is not a setting: {hint}")
    return given


def _from_file(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}; mend that line") from None
    told = {
        name.upper(): ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in table.items()
    }
    return {name: value for name, value in told.items() if value}


def _secret_from(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise ConfigError(f"{PREFIX}{name} names {path}: {reason}; name a readable file") from None


def _parsed(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, spec in SPECS.items():
        value = given.get(name, spec.default)
        try:
            found[name] = None if value is None else spec.parse(value)
        except ValueError as error:
            said = "is not usable; " + str(error) if spec.secret else str(error)
            raise ConfigError(f"{PREFIX}{name} {said}") from None
    return found


def _whole_groups(found: Mapping[str, Any]) -> None:
    for group, names in GROUPS.items():
        missing = [name for name in names if not found[name]]
        more = [name for name, of in BELONGS.items() if of == group and found[name]]
        if missing and (more or len(missing) < len(names)):
            listed = ", ".join(PREFIX + name for name in missing)
            raise ConfigError(
                f"{listed} missing: {group} needs all of its settings, or none of them"
            )


def _settings(found: Mapping[str, Any]) -> Settings:
    return Settings(
        host=found["HOST"],
        port=found["PORT"],
        database_url=found["DATABASE_URL"],
        log_level=found["LOG_LEVEL"],
        zone=found["TIMEZONE"],
        locale=found["LOCALE"],
        clock_url=found["CLOCK_URL"],
        slack=_slack(found),
        sendgrid=_sendgrid(found),
        line_works=_line_works(found),
        line_works_api_url=found["LINEWORKS_API_URL"],
        line_works_daily_cap=found["LINEWORKS_DAILY_CAP"] or None,
        line_works_rate_per_minute=found["LINEWORKS_RATE_PER_MINUTE"],
        rules_file=Path(found["RULES_FILE"]) if found["RULES_FILE"] else None,
        relay_keys=found["RELAY_KEY"] or (),
        payload_keys=found["PAYLOAD_KEY"] or (),
        push_tokens=found["PUSH_TOKEN"] or (),
        host_feed=HostFeed(url=found["HOST_FEED_URL"], token=found["HOST_FEED_TOKEN"])
        if found["HOST_FEED_URL"]
        else None,
        admins=_people(found["ADMINS"]),
        approvers=_people(found["APPROVERS"]),
        same_person=parsing.same_person((*found["ADMINS"], *found["APPROVERS"])),
        approval_channel=found["APPROVAL_CHANNEL"],
        admin_channel=found["ADMIN_CHANNEL"],
        digest_channels=found["DIGEST_CHANNEL"],
        digest_at=found["DIGEST_AT"],
        sending_window=found["SENDING_WINDOW"],
        company_holidays=found["COMPANY_HOLIDAYS"],
        keep=found["RETENTION_DAYS"],
        support_contact=found["SUPPORT_CONTACT"],
        service_name=found["SERVICE_NAME"],
        sender_domain=found["SENDER_DOMAIN"] or "",
        sender_ips=found["SENDER_IPS"],
        links=_links(found),
        domain_fails_at=found["DOMAIN_FAILS_AT"],
    )


def _links(found: Mapping[str, Any]) -> dict[str, str]:
    """The customer's own pages, by the setting's name behind LINK_."""
    return {
        name.removeprefix("LINK_").lower(): value
        for name, value in found.items()
        if name.startswith("LINK_") and value
    }


def _slack(found: Mapping[str, Any]) -> Slack | None:
    if not found["SLACK_BOT_TOKEN"]:
        return None
    return Slack(
        bot_token=found["SLACK_BOT_TOKEN"],
        signing_secret=found["SLACK_SIGNING_SECRET"],
        api_url=found["SLACK_API_URL"],
    )


def _sendgrid(found: Mapping[str, Any]) -> SendGrid | None:
    if not found["SENDGRID_API_KEY"]:
        return None
    return SendGrid(
        api_key=found["SENDGRID_API_KEY"],
        delete_api_key=found["SENDGRID_DELETE_API_KEY"],
        webhook_public_keys=found["SENDGRID_WEBHOOK_PUBLIC_KEY"] or (),
        api_url=found["SENDGRID_API_URL"],
        poll_seconds=found["SENDGRID_POLL_SECONDS"],
        logs=found["SENDGRID_LOGS"] == "auto",
    )


def _line_works(found: Mapping[str, Any]) -> LineWorks | None:
    if not found["LINEWORKS_CLIENT_ID"]:
        return None
    return LineWorks(
        client_id=found["LINEWORKS_CLIENT_ID"],
        client_secret=found["LINEWORKS_CLIENT_SECRET"],
        service_account=found["LINEWORKS_SERVICE_ACCOUNT"],
        private_key=found["LINEWORKS_PRIVATE_KEY"],
        bot_id=found["LINEWORKS_BOT_ID"],
        bot_secrets=found["LINEWORKS_BOT_SECRET"],
        auth_url=found["LINEWORKS_AUTH_URL"],
    )


def _people(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(ref for item in listed for ref in item.split("="))


def _sensible(settings: Settings) -> None:
    """What no single setting can see."""
    if not settings.slack and not settings.line_works:
        raise ConfigError(
            f"{PREFIX}SLACK_BOT_TOKEN missing: connect Slack or LINE WORKS, so that there is a chat"
        )
    for name, people in (("ADMINS", settings.admins), ("APPROVERS", settings.approvers)):
        if not people:
            raise ConfigError(f"{PREFIX}{name} is empty: name at least one person")
    if settings.relay_keys and not settings.payload_keys:
        raise ConfigError(
            f"{PREFIX}PAYLOAD_KEY missing: the relay keeps what was refused, encrypted with it"
        )
    _places_connected(settings)
    if settings.clock_url:
        _loopback_only(settings)


def _places_connected(settings: Settings) -> None:
    connected = {"slack": settings.slack, "lineworks": settings.line_works}
    places = (settings.approval_channel, settings.admin_channel, *settings.digest_channels)
    for place in filter(None, places):
        product = place.partition(":")[0]
        if not connected[product]:
            raise ConfigError(
                f"{PREFIX}*_CHANNEL names {place}, but {product} is not connected: "
                "set its group, or name another place"
            )


def _loopback_only(settings: Settings) -> None:
    """A clock that can be turned must never meet a real vendor."""
    urls = {
        "CLOCK_URL": settings.clock_url,
        "SLACK_API_URL": settings.slack and settings.slack.api_url,
        "SENDGRID_API_URL": settings.sendgrid and settings.sendgrid.api_url,
        "LINEWORKS_API_URL": settings.line_works_api_url
        if settings.line_works or settings.relay_keys
        else None,
        "LINEWORKS_AUTH_URL": settings.line_works and settings.line_works.auth_url,
        "HOST_FEED_URL": settings.host_feed and settings.host_feed.url,
    }
    for name, value in urls.items():
        if value and urlsplit(value).hostname not in parsing.LOOPBACK:
            raise ConfigError(
                f"{PREFIX}{name} is not on this machine: {PREFIX}CLOCK_URL is for the sandbox only"
            )
