"""Listens to Slack: verifies, hands over to the desk, answers.

Slack waits three seconds, so the desk decides at once; what takes a call to
Slack (an answer to a press, a modal, a file) follows in the pool.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

import msgspec
import structlog
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.slack.client import TRIGGER_DEAD, SlackChat
from bot.slack.forms import filled
from bot.slack.payloads import Pressed, command, pressed
from bot.slack.render import blocks, text
from handlers.conversation import Command, Filled, Form, Message, Mistakes, Press
from handlers.ports import VendorError

R = TypeVar("R")

_ANY = re.compile(r".*", re.DOTALL)
_STAMP = re.compile(r"[0-9]{1,12}")
_log = structlog.get_logger()


class Desk(Protocol):
    """Who decides what people get to read. Each verb returns well within three seconds."""

    def command(self, command: Command) -> Message: ...

    def press(self, press: Press) -> Message | Form | None: ...

    def fill(self, filled: Filled) -> Message | Mistakes | None: ...

    def too_late(self, person: str) -> Message:
        """Slack gave up waiting for the form: please press again."""
        ...

    def trouble(self, person: str) -> tuple[Message, str]:
        """Something failed on our side; second, the number in it, for the log."""
        ...


def bolt_app(signing_secret: str, chat: SlackChat, desk: Desk, pool: Executor) -> App:
    """Every command, button and modal of our app, whatever its name: the desk knows them.

    A valid signature is the whole authorization; no event is listened to.
    """
    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.ERROR)  # below that, Bolt logs whole bodies
    app = App(
        name="notify-errors",
        logger=quiet,
        signing_secret=signing_secret,
        authorize=_trusted,
        process_before_response=True,
    )
    listeners = _Listeners(chat=chat, desk=desk, pool=pool)
    app.command(_ANY)(listeners.command)
    app.block_action(_ANY)(listeners.press)
    app.view_submission(_ANY)(listeners.fill)
    app.error(_broken)
    return app


def handle(app: App, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one request of Slack."""
    stamp = headers.get("x-slack-request-timestamp", "0")
    if not (headers.get("x-slack-signature", "").isascii() and _STAMP.fullmatch(stamp)):
        # Slack's own verifier raises on these instead of refusing them.
        return 401, {"content-type": "text/plain"}, b"the signature is none of Slack's"
    try:
        request = _request(body.decode(), headers)
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Bolt reads a body before it checks who sent it.
        return 400, {"content-type": "text/plain"}, b"the body is neither a form nor a JSON object"
    try:
        response = app.dispatch(request)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        # Bolt looks at parts of a payload before it asks whether anybody listens to it.
        response = _broken(error)
    return response.status, response.first_headers(), response.body.encode()


def _request(body: str, headers: Mapping[str, str]) -> BoltRequest:
    request = BoltRequest(body=body, headers=dict(headers))
    if body and not request.body:
        # Bolt 1.30 takes any form with the letters `payload` in it for an interaction.
        request.body = dict(parse_qsl(body, keep_blank_values=True))
        request.context = BoltRequest(body=request.body, mode="socket_mode").context
    return request


def _trusted(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _broken(error: Exception) -> BoltResponse:
    """What is signed, and yet nothing that Slack documents, is no fault of ours."""
    _note(error)
    raised_in = traceback.extract_tb(error.__traceback__)[-1].filename
    if isinstance(error, msgspec.DecodeError) or f"{os.sep}slack_bolt{os.sep}" in raised_in:
        return BoltResponse(status=400, body="the payload is none that we know")
    return BoltResponse(status=500)


def _note(error: Exception, number: str = "") -> None:
    """What broke and where, without the message: it may quote what people wrote."""
    at = traceback.extract_tb(error.__traceback__)[-1:]
    _log.error(
        "slack_answer_failed",
        number=number,
        error=type(error).__name__,
        word=error.word if isinstance(error, VendorError) else "",
        where=[f"{frame.name}:{frame.lineno}" for frame in at],
    )


@dataclass(frozen=True, kw_only=True)
class _Listeners:
    chat: SlackChat
    desk: Desk
    pool: Executor

    def command(self, ack: Ack, body: dict[str, Any]) -> None:
        asked = command(body)
        message = self._decided(asked.person, lambda: self.desk.command(asked))
        ack(text=text(message), blocks=blocks(message), response_type="ephemeral")
        if message.files:
            self._later(asked.person, asked.reply_to, lambda: self.chat.post(asked.person, message))

    def press(self, ack: Ack, body: dict[str, Any]) -> None:
        held = pressed(body)
        ack()
        person, reply_to = held.press.person, held.press.reply_to
        match self._decided(person, lambda: self.desk.press(held.press)):
            case Form() as form:
                self._later(person, reply_to, lambda: self._open(held, form))
            case Message() as message:
                self._later(
                    person, reply_to, lambda: self._answer(person, reply_to, message, held.thread)
                )
            case None:
                pass

    def fill(self, ack: Ack, body: dict[str, Any]) -> None:
        sent = filled(body)
        reply = self._decided(sent.person, lambda: self.desk.fill(sent))
        if isinstance(reply, Mistakes):
            ack(response_action="errors", errors=dict(reply.by_question))
            return
        ack()
        if reply:
            self._later(
                sent.person, sent.reply_to, lambda: self._answer(sent.person, sent.reply_to, reply)
            )

    def _decided(self, person: str, decide: Callable[[], R]) -> R | Message:
        try:
            return decide()
        except Exception as error:  # noqa: BLE001 the boundary: people get words, no traceback
            return self._regret(error, person)

    def _regret(self, error: Exception, person: str) -> Message:
        number = ""
        try:
            message, number = self.desk.trouble(person)
            return message
        finally:
            _note(error, number)

    def _later(self, person: str, reply_to: str, act: Callable[[], object]) -> None:
        def guarded() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 as above
                self._answer(person, reply_to, self._regret(error, person))

        self.pool.submit(guarded).add_done_callback(_settled)

    def _open(self, held: Pressed, form: Form) -> None:
        press = held.press
        try:
            self.chat.open(held.trigger, form, place=press.place, reply_to=press.reply_to)
        except VendorError as error:
            if error.word not in TRIGGER_DEAD:
                raise
            late = self.desk.too_late(press.person)
            self._answer(press.person, press.reply_to, late, held.thread)

    def _answer(self, person: str, reply_to: str, message: Message, thread: str = "") -> None:
        """Where it was asked; what cannot go there, by direct message."""
        replied = reply_to != person and self._replied(reply_to, replace(message, files=()), thread)
        if message.files or not replied:
            self.chat.post(person, message)

    def _replied(self, reply_to: str, message: Message, thread: str) -> bool:
        """A reply's address dies after five messages or 30 minutes."""
        try:
            self.chat.post(reply_to, message, thread=thread)
        except VendorError as error:
            if error.permanent:
                return False
            raise
        return True


def _settled(answer: Future[None]) -> None:
    """The pool keeps a failure to itself otherwise."""
    if not answer.cancelled() and isinstance(error := answer.exception(), Exception):
        _note(error)
