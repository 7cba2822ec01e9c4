"""Members, rooms and what they read: one talk per bot and member, one per room."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.lineworks.answers import refusal
from sandbox.lineworks.content import actions
from sandbox.lineworks.people import CHAT_BOT, MEMBERS, ROOMS, Member


@dataclass(kw_only=True)
class Talk:
    """A room, or a 1:1 talk (which has no title)."""

    channel: str
    title: str
    members: list[Member]
    bots: set[int] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)


class Talks:
    """What the tenant's people see."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.members = {member.id: member for member in MEMBERS}
        self.talks = {
            channel: Talk(channel=channel, title=title, members=list(members), bots={CHAT_BOT})
            for channel, (title, members) in ROOMS.items()
        }

    def member(self, identity: str) -> Member:
        """By id or login; raises the vendor's guessed refusals of strangers."""
        for member in self.members.values():
            if identity in {member.id, member.email}:
                return member
        domains = {member.email.partition("@")[2] for member in self.members.values()}
        _, at, domain = identity.partition("@")
        raise refusal("wrong_domain" if at and domain not in domains else "unknown_id")

    def with_bot(self, bot: int, member: Member) -> tuple[Talk, bool]:
        """The 1:1 talk, and whether it begins now."""
        channel = str(uuid.uuid5(uuid.UUID(member.id), str(bot)))
        begins = channel not in self.talks
        talk = Talk(channel=channel, title="", members=[member], bots={bot})
        return self.talks.setdefault(channel, talk), begins

    def room(self, bot: int, channel: str) -> Talk:
        talk = self.talks.get(channel)
        if talk is None or bot not in talk.bots:
            raise refusal("unknown_room")
        return talk

    def write(self, talk: Talk, at: str, sender: str, content: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "id": next(self._numbers),
            "at": at,
            "from": sender,
            "type": content["type"],
            "text": content.get("text") or content.get("contentText") or content.get("altText", ""),
            "actions": actions(content),
            "content": content,
        }
        talk.messages.append(shown)
        return shown

    def find(self, member: Member, message: int) -> tuple[Talk, dict[str, Any]]:
        for talk in self.talks.values():
            for shown in talk.messages:
                if shown["id"] == message and member in talk.members:
                    return talk, shown
        raise ValueError(f"{member.name} reads no message {message}")

    def seen(self) -> list[dict[str, Any]]:
        return [asdict(talk) | {"bots": sorted(talk.bots)} for talk in self.talks.values()]


def pressed(shown: dict[str, Any], wish: int | str) -> dict[str, Any]:
    """The action by its place or its label."""
    for number, action in enumerate(shown["actions"]):
        if wish in {number, action["label"]}:
            return dict(action)
    raise ValueError(f"message {shown['id']} has no action {wish!r}")
