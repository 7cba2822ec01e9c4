"""A stand-in for LINE WORKS: token endpoint, bot API, callbacks, and the people who read.

The bot API is at `/v1.0`, the token endpoint at `/oauth2/v2.0/token`. Levers under `/_control`:
`GET /state` · `GET /file?id=` · `POST /reset` · `POST /plan` the fields of `limits.Plan`
`POST /say` `{user, text, room?, bot?}` · `POST /press` `{user, message, action}` (number or label)
`POST /callback` `{url, bot?}` · `POST /members` `{members: [{email, name, domain?}]}`
`POST /join` `{room, title?, members?, bot?}` · `POST /leave` `{room, bot?}`
`POST /faults` the fields of `tenant.Faults`: names of `answers.toml`, and for sends `lost` and
`arrived`, which nobody answers.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.lineworks import api, people
from sandbox.lineworks.talks import Talk, pressed
from sandbox.lineworks.tenant import Tenant
from sandbox.wire import Wire, lever

__all__ = ["LineWorks"]

Json = dict[str, Any]


class LineWorks:
    """`private_key` is the PEM of both apps' service accounts; ids and secrets are in `people`."""

    def __init__(self, clock: Clock, calls: Calls) -> None:
        self._tenant = Tenant(clock, Wire(vendor="lineworks", calls=calls))
        self.private_key = self._tenant.tokens.private_key

    def app(self) -> Starlette:
        control = Mount("/_control", routes=self.control())
        return Starlette(routes=[*api.routes(self._tenant), control])

    def control(self) -> list[Route]:
        levers = {
            "/reset": self.reset,
            "/say": self.say,
            "/press": self.press,
            "/callback": self.callback,
            "/faults": self.fail,
            "/plan": self.plan,
            "/members": self.enrol,
            "/join": self.join,
            "/leave": self.leave,
        }
        return [
            lever("GET", "/state", self.state),
            lever("GET", "/file", self.file),
            *(lever("POST", path, act) for path, act in levers.items()),
        ]

    def state(self, _: Json) -> Json:
        tenant = self._tenant
        with tenant.lock:
            return {
                "members": [asdict(member) for member in tenant.talks.members.values()],
                "bots": {bot: name for bot, (name, _) in people.BOTS.items()},
                "talks": tenant.talks.seen(),
                "plan": asdict(tenant.limits.plan),
                "sent": {f"{bot} {day}": n for (bot, day), n in tenant.limits.spent.items()},
                "faults": asdict(tenant.faults),
                "callbacks": tenant.callbacks,
            }

    def file(self, wish: Json) -> Response:
        return Response(self._tenant.files.content(wish["id"]))

    def reset(self, _: Json) -> Json:
        """Everything but the key forgotten, tokens and callback URLs too."""
        with self._tenant.lock:
            self._tenant.reset()
        return {}

    def say(self, wish: Json) -> Json:
        return self._post(wish, {"type": "text", "text": wish["text"]})

    def _post(self, wish: Json, said: Json) -> Json:
        """A member writes in a room or, without one, to a bot; every bot there is told."""
        tenant, bot = self._tenant, int(wish.get("bot", people.CHAT_BOT))
        with tenant.lock:
            member, begins = tenant.talks.member(wish["user"]), False
            if wish.get("room"):
                talk = tenant.talks.room(bot, wish["room"])
            else:
                talk, begins = tenant.talks.with_bot(bot, member)
            tenant.write(talk, member.name, said)
        if begins:
            tenant.tell(bot, talk, "begin", member.id)
        bots = sorted(talk.bots)
        told = [tenant.tell(one, talk, "message", member.id, content=said) for one in bots]
        return {"statuses": told}

    def press(self, wish: Json) -> Json:
        """A text with its postback, a postback of its own, or nothing: as the action says."""
        tenant = self._tenant
        with tenant.lock:
            member = tenant.talks.member(wish["user"])
            talk, shown = tenant.talks.find(member, int(wish["message"]))
        action, bot = pressed(shown, wish["action"]), min(talk.bots)
        said = {"type": "text", "text": action["posts"]}
        if action["type"] == "message":
            said |= {key: action[key] for key in ("postback",) if key in action}
            place = {"room": talk.channel} if talk.title else {}
            return self._post({"user": member.id, "bot": bot} | place, said)
        if action["type"] != "postback":
            return {"statuses": []}
        if action["posts"]:
            with tenant.lock:
                tenant.write(talk, member.name, said)
        return {"statuses": [tenant.tell(bot, talk, "postback", member.id, data=action["data"])]}

    def callback(self, wish: Json) -> dict[int, str]:
        self._tenant.callbacks[int(wish.get("bot", people.CHAT_BOT))] = wish["url"]
        return self._tenant.callbacks

    def fail(self, wish: Json) -> Json:
        tenant = self._tenant
        with tenant.lock:
            tenant.faults = replace(tenant.faults, **wish)
            tenant.tokens.refuse_as = tenant.faults.token
            tenant.tokens.granted = set(tenant.faults.scopes)
            return asdict(tenant.faults)

    def plan(self, wish: Json) -> Json:
        with self._tenant.lock:
            limits = self._tenant.limits
            limits.plan = replace(limits.plan, **wish)
            return asdict(limits.plan)

    def enrol(self, wish: Json) -> list[Json]:
        new = [people.member(**member) for member in wish["members"]]
        with self._tenant.lock:
            self._tenant.talks.members |= {member.id: member for member in new}
        return [asdict(member) for member in new]

    def join(self, wish: Json) -> Json:
        """A bot enters a room, which is made if need be."""
        talks, bot = self._tenant.talks, int(wish.get("bot", people.CHAT_BOT))
        with self._tenant.lock:
            members = [talks.member(identity) for identity in wish.get("members", [])]
            room = Talk(channel=wish["room"], title=wish.get("title", "room"), members=members)
            talk = talks.talks.setdefault(room.channel, room)
            talk.bots.add(bot)
        return {"statuses": [self._tenant.tell(bot, talk, "join")]}

    def leave(self, wish: Json) -> Json:
        bot = int(wish.get("bot", people.CHAT_BOT))
        with self._tenant.lock:
            talk = self._tenant.talks.room(bot, wish["room"])
            talk.bots.remove(bot)
        return {"statuses": [self._tenant.tell(bot, talk, "leave")]}
