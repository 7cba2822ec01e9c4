"""Who somebody is, as `users.info` tells it: language, clock, and whether one of us.

https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from handlers.conversation import Profile


@dataclass(frozen=True, kw_only=True)
class Home:
    """Our own workspace, and its organisation on Enterprise Grid; house language and clock."""

    team: str
    enterprise: str
    locale: str
    zone: ZoneInfo


class _Names(msgspec.Struct):
    display_name: str = ""
    real_name: str = ""


class _Grid(msgspec.Struct):
    enterprise_id: str = ""


class _User(msgspec.Struct):
    id: str
    name: str = ""
    real_name: str = ""
    team_id: str = ""
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    locale: str = ""
    tz: str | None = ""
    profile: _Names = msgspec.field(default_factory=_Names)
    enterprise_user: _Grid = msgspec.field(default_factory=_Grid)


def profile(user: object, home: Home) -> Profile:
    """Raises msgspec.ValidationError for anything but a user."""
    told = msgspec.convert(user, _User)
    names = (told.profile.display_name, told.profile.real_name, told.real_name, told.name, told.id)
    guest = told.is_restricted or told.is_ultra_restricted or told.is_stranger
    return Profile(
        ref=f"slack:{told.id}",
        name=next(filter(None, names)),
        locale=_locale(told.locale, home.locale),
        zone=_zone(told.tz, home.zone),
        active=not told.deleted,
        outsider=guest or not _ours(told, home),
    )


def hidden(person: str, home: Home) -> Profile:
    """Somebody whom Slack does not show to us: of another company, and nobody here."""
    name = person.removeprefix("slack:")
    return Profile(
        ref=person, name=name, locale=home.locale, zone=home.zone, active=False, outsider=True
    )


def _ours(user: _User, home: Home) -> bool:
    organisation = user.enterprise_user.enterprise_id
    return user.team_id == home.team or bool(organisation and organisation == home.enterprise)


def _locale(told: str, default: str) -> str:
    if not told:
        return default
    return "ja" if told.startswith("ja") else "en"


def _zone(told: str | None, default: ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(told) if told else default
    except (ValueError, ZoneInfoNotFoundError):
        return default
