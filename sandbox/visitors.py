"""People at work: what they type, press and fill in, and what they then see. HTTP alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox import reading
from sandbox.reading import Json, Seen
from sandbox.stage import DIGEST_CHANNEL, NotSeenError, Stage, until

Log = Callable[[str], None]


def silent(_: str) -> None:
    """For whoever needs no transcript."""


@dataclass(kw_only=True)
class Visitor:
    """`name` stands in the transcript, where what was `heard` before is not told in full again.

    `_mark` is where the news since the last act begin.
    """

    stage: Stage
    user: str
    name: str
    log: Log = silent
    heard: set[str] = field(default_factory=set)
    _mark: Any = field(default=None, init=False)

    def sees(self, *words: str) -> Seen:
        """Wait for a message, new since the last act, that holds all the words."""
        shown: list[Seen] = []

        def look() -> Seen | None:
            shown[:] = list(self._news())
            fits = [one for one in shown if all(word in str(one) for word in words)]
            return fits[-1] if fits else None

        try:
            seen = until(f"{self.name}: {' + '.join(words)}", look)
        except NotSeenError as error:
            said = "\n---\n".join(map(str, shown)) or "nothing new"
            raise NotSeenError(f"{error}\nbut there was:\n{said}") from None
        first, known = str(seen).partition("\n")[0], str(seen) in self.heard
        self._tell("«", f"{first} …" if known and first != str(seen) else str(seen))
        self.heard.add(str(seen))
        return seen

    def _tell(self, mark: str, text: str) -> None:
        first, *rest = text.splitlines() or [""]
        self.log("\n".join([f"{self.name} {mark} {first}", *(f"    {line}" for line in rest)]))

    def _news(self) -> Iterator[Seen]:
        raise NotImplementedError


@dataclass(kw_only=True)
class SlackVisitor(Visitor):
    """Somebody in Slack, standing in `channel`."""

    channel: str = DIGEST_CHANNEL

    def types(self, line: str, *words: str) -> Seen:
        """Type a command; its answer, which must hold the words."""
        self._begin(line)
        wish = {"user": self.user, "channel": self.channel, "text": line}
        self._unharmed(self.stage.slack.pull("command", wish))
        return self.sees(*words)

    def presses(self, seen: Seen, label: str, beside: str = "") -> None:
        self._begin(f"[{label}] {beside}".strip())
        where = {"user": self.user, "channel": seen.message["channel"], "ts": seen.message["ts"]}
        self._unharmed(self.stage.slack.pull("press", where | seen.button(label, beside)))

    def fills(self, values: dict[str, Any]) -> Json:
        """Send the modal that stands before this person; `{question: answer}`."""
        modal = self.modal()
        self._begin(f"{modal['title']['text']}: {values}")
        typed = {
            block["block_id"]: {block["element"]["action_id"]: values[block["block_id"]]}
            for block in modal["blocks"]
            if block["block_id"] in values
        }
        wish = {"user": self.user, "view_id": modal["id"], "values": typed}
        return self._unharmed(self.stage.slack.pull("submit", wish))

    def closes(self) -> None:
        wish = {"user": self.user, "view_id": self.modal()["id"]}
        self._unharmed(self.stage.slack.pull("close", wish))

    def modal(self) -> Json:
        stack: list[Json] = until(
            f"{self.name}: a modal", lambda: self.stage.slack.state()["modals"][self.user]
        )
        self._tell("«", str(reading.slack(stack[-1])))
        return stack[-1]

    def looks(self) -> None:
        """What is here already counts as news."""
        self._mark = ""

    def _begin(self, act: str) -> None:
        self._mark = f"{self.stage.clock.now().timestamp():.6f}"
        self._tell("»", act)

    def _unharmed(self, seen: Json) -> Json:
        if seen["error"]:
            raise NotSeenError(f"{self.name}: Slack says {seen['error']!r}")
        return seen

    def _news(self) -> Iterator[Seen]:
        state = self.stage.slack.state()
        here = {each["id"] for each in state["channels"] if self.user in each["members"]}
        open_to_all = [m for channel in here for m in state["messages"][channel]]
        messages = [*open_to_all, *state["ephemerals"][self.user]]
        stamped = [(m.get("edited", m)["ts"], m) for m in messages]
        for stamp, message in sorted(stamped, key=lambda pair: pair[0]):
            if stamp >= (self._mark or ""):
                yield reading.slack(message)


@dataclass(kw_only=True)
class LineWorksVisitor(Visitor):
    """Somebody in LINE WORKS: `user` is their id. What they say goes to the bot's 1:1 talk."""

    def types(self, line: str, *words: str) -> Seen:
        self._begin(line)
        self.stage.line_works.pull("say", {"user": self.user, "text": line})
        return self.sees(*words)

    def presses(self, seen: Seen, label: str, beside: str = "") -> None:
        self._begin(f"[{label}] {beside}".strip())
        where = {"user": self.user, "message": seen.message["id"]}
        self.stage.line_works.pull("press", where | seen.button(label, beside))

    def _begin(self, act: str) -> None:
        self._mark = max((m["id"] for m in self._messages()), default=0)
        self._tell("»", act)

    def looks(self) -> None:
        self._mark = 0

    def _messages(self) -> list[Json]:
        """What bots have written where this person reads."""
        state = self.stage.line_works.state()
        bots = set(state["bots"].values())
        mine = [t for t in state["talks"] if self.user in [one["id"] for one in t["members"]]]
        said = [m for talk in mine for m in talk["messages"] if m["from"] in bots]
        return sorted(said, key=lambda m: int(m["id"]))

    def _news(self) -> Iterator[Seen]:
        yield from (reading.line_works(m) for m in self._messages() if m["id"] > (self._mark or 0))
