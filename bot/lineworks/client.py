"""LINE WORKS as a chat, and the sender of kept messages."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from cryptography.fernet import MultiFernet

from bot.lineworks.api import Api, messages_path
from bot.lineworks.errors import LineWorksError
from bot.lineworks.kept import opened
from bot.lineworks.render import Content, contents
from handlers.conversation import File, Message, Profile
from handlers.ports import Sent
from storage.failures import KeptMessage, Kind
from storage.requests import Outcome

_TARGETS = {"lineworks": "channels", "lineworks-user": "users"}


class LineWorksChat:
    """Places are `lineworks:ROOM` and `lineworks-user:ID`.

    There are no message ids and no edits: a reference names the place, and a
    conclusion is a follow-up there. `locale` and `zone` are the installation's,
    since the bot's scope tells neither of a person.
    """

    def __init__(self, api: Api, bot_id: str, locale: str, zone: ZoneInfo) -> None:
        self._api = api
        self._bot_id = bot_id
        self._locale = locale
        self._zone = zone

    def sign_in(self) -> None:
        """Raises LineWorksError where our account is refused, or lacks a scope."""
        self._api.sign_in()

    def post(self, place: str, message: Message, *, thread: str = "") -> str:  # noqa: ARG002 - there are no threads
        """Files are uploaded first, so that their trouble comes before anything was posted."""
        files = [self._uploaded(file) for file in message.files]
        return self.post_contents(place, [*contents(message), *files])

    def post_contents(self, place: str, shown: Sequence[Content]) -> str:
        """Post what is no Message, such as a question; raises as `post` does."""
        path = self._path(place)
        with self._api.alone_in(place):
            for number, content in enumerate(shown):
                try:
                    self._api.post(path, {"content": content})
                except LineWorksError as error:
                    raise _after(number, error) from None
        return f"{place}#{secrets.token_hex(4)}"

    def conclude(self, ref: str, message: Message) -> None:
        self.post(ref.rpartition("#")[0], message)

    def profile(self, person: str) -> Profile:
        """LINE WORKS calls nobody by name without a wider scope: the id has to do."""
        return Profile(
            ref=person, name=person.partition(":")[2], locale=self._locale, zone=self._zone
        )

    def group(self, ref: str) -> frozenset[str]:  # noqa: ARG002 - LINE WORKS has no groups that speak to bots
        return frozenset()

    def _path(self, place: str) -> str:
        product, _, name = place.partition(":")
        if product not in _TARGETS or not name:
            raise LineWorksError("no_such_place", kind=Kind.NO_SUCH_ID)
        return messages_path(self._bot_id, _TARGETS[product], name)

    def _uploaded(self, file: File) -> Content:
        """What stands for the file in a message, for 24 hours."""
        answer = self._api.post(f"/bots/{self._bot_id}/attachments", {"fileName": file.name})
        try:
            told = json.loads(answer.content)
            file_id, url = str(told["fileId"]), str(told["uploadUrl"])
        except (ValueError, KeyError, TypeError):
            raise LineWorksError("attachment_unreadable", kind=Kind.UNCLASSIFIED) from None
        self._api.upload(url, file.name, file.content)
        return {"type": "file", "fileId": file_id}


def _after(number: int, error: LineWorksError) -> LineWorksError:
    """What went out before the error stays: the whole cannot be called refused."""
    return LineWorksError(f"partly: {error.word}", kind=Kind.UNANSWERED) if number else error


class LineWorksSender:
    """Sends a kept message as the bot that it came from, with our own service account."""

    def __init__(self, api: Api, cipher: MultiFernet) -> None:
        self._api = api
        self._cipher = cipher

    def send(self, kept: KeptMessage) -> Sent:
        body = opened(self._cipher, kept.body)
        if body is None:
            return Sent(outcome=Outcome.REFUSED, kind=Kind.UNCLASSIFIED, word="payload_key_lost")
        try:
            self._api.post_once(messages_path(kept.bot_id, kept.target, kept.recipient), body)
        except LineWorksError as error:
            outcome = Outcome.UNANSWERED if error.unanswered else Outcome.REFUSED
            return Sent(
                outcome=outcome, kind=error.kind, word=error.word, retry_after=error.retry_after
            )
        return Sent(outcome=Outcome.SENT)
