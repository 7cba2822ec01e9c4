"""Notices: kept with what made them true, worded when they leave, posted at most once."""

from __future__ import annotations

from datetime import datetime

from handlers.house import House, product_of
from handlers.people import first_id, profile
from storage.digests import Notice
from storage.failures import Medium

# A place that is one person rather than a room or a channel.
_DIRECT = ("slack:U", "slack:W", "lineworks-user:", "slack-reply:")


def notice(topic: str, subject: str, place: str, due_at: datetime, key: str = "") -> Notice:
    """A notice under a `key` of its own, the subject by itself: told twice, kept once."""
    return Notice(
        id=f"{topic}:{key or subject}:{place}",
        topic=topic,
        subject=subject,
        place=place,
        due_at=due_at,
    )


def direct_place(person: str) -> str:
    """Where to reach one person alone."""
    product, _, name = person.partition(":")
    return f"lineworks-user:{name}" if product == "lineworks" else person


def is_direct(place: str) -> bool:
    """Whether only one person reads there."""
    return place.startswith(_DIRECT)


def locale_in(house: House, place: str) -> str:
    """The reader's language in a direct place, the installation's in a shared one."""
    if place.startswith("lineworks-user:"):
        return profile(house, f"lineworks:{place.partition(':')[2]}").locale
    if place.startswith(("slack:U", "slack:W")):
        return profile(house, place).locale
    return house.locale


def admin_places(house: House) -> tuple[str, ...]:
    """Where the admins are told of what concerns the installation itself."""
    policy = house.policy
    if policy.admin_channel:
        return (policy.admin_channel,)
    return policy.digest_channels[:1]


def approval_place(house: House) -> str:
    """Where requests are decided."""
    policy = house.policy
    return policy.approval_channel or next(iter(admin_places(house)), "")


def name_of(house: House, person: str) -> str:
    """How a person is called where they are named.

    LINE WORKS tells a bot no names: whoever is known in the other product, or by
    the customer's system, is called as there.
    """
    known = first_id(house, person)
    if product_of(known) in house.chats and product_of(known) != "lineworks":
        return profile(house, known).name
    member = house.store.person_of(house.tenant, Medium.LINE_WORKS, person.partition(":")[2])
    return member.name if member and member.name else profile(house, person).name
