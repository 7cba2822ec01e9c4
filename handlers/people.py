"""Who is speaking, and what they may do. Asked anew at every act."""

from __future__ import annotations

from enum import StrEnum

from handlers.conversation import Profile
from handlers.house import House, chat_of, product_of
from handlers.ports import VendorError


class Role(StrEnum):
    """What a person may do here. An approver is not an admin by itself, nor the reverse."""

    MEMBER = "member"  # opens the masked lists of a digest in their channel
    ADMIN = "admin"  # looks up, reads in clear, exports, asks
    APPROVER = "approver"  # decides, and looks up what they decide on


def profile(house: House, person: str) -> Profile:
    """The chat product's word on a person, and the installation's where it does not answer."""
    return _known(house, person) or Profile(
        ref=person, name=person.partition(":")[2], locale=house.locale, zone=house.zone
    )


def _known(house: House, person: str) -> Profile | None:
    chat = house.chats.get(product_of(person))
    try:
        return chat.profile(person) if chat else None
    except VendorError:
        return None


def first_id(house: House, person: str) -> str:
    """The one id by which a person with two chat products is known."""
    return house.policy.same_person.get(person, person)


def same_person(house: House, one: str, other: str) -> bool:
    return first_id(house, one) == first_id(house, other)


def roles(house: House, person: str, place: str = "") -> frozenset[Role]:
    """What `person` may do, standing in `place`. Guests and strangers may do nothing."""
    who = _known(house, person)
    if who and (who.outsider or not who.active):
        return frozenset()
    found = set()
    if _among(house, person, house.policy.admins):
        found.add(Role.ADMIN)
    if _among(house, person, house.policy.approvers):
        found.add(Role.APPROVER)
    if who and place in house.policy.digest_channels:
        found.add(Role.MEMBER)
    return frozenset(found)


def _among(house: House, person: str, listed: frozenset[str]) -> bool:
    known = {first_id(house, ref) for ref in _people(house, listed)}
    return first_id(house, person) in known


def _people(house: House, listed: frozenset[str]) -> frozenset[str]:
    """Groups spelled out; a group that cannot be read has nobody, so nobody gains a role."""
    found: set[str] = set()
    for ref in listed:
        if "-group:" not in ref:
            found.add(ref)
            continue
        try:
            found |= chat_of(house, ref).group(ref)
        except VendorError:
            continue
    return frozenset(found)


def may_look_up(house: House, person: str) -> bool:
    return bool(roles(house, person) & {Role.ADMIN, Role.APPROVER})


def may_ask(house: House, person: str) -> bool:
    return Role.ADMIN in roles(house, person)


def may_decide(house: House, person: str) -> bool:
    return Role.APPROVER in roles(house, person)
