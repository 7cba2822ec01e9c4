"""One webhook event as it comes over the wire, and what its fields say together.

Source: twilio.com/docs/sendgrid/for-developers/tracking-events/event, and what
real posts do otherwise: a deferral speaks in `response`, numbers may be text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring_ascii
from typing import Any

import msgspec

from storage.failures import fold_recipient

# The vendor's own keys; whatever else an event carries are the sender's custom arguments.
KNOWN_KEYS = frozenset(
    """
    asm_group_id attempt bounce_classification category cert_err domain email event from ip
    marketing_campaign_id marketing_campaign_name marketing_campaign_split_id
    marketing_campaign_version mc_auto_name mc_auto_step_id mc_pod_id mc_stats newsletter
    phase_id pool post_type reason response send_at sg_content_type sg_event_id
    sg_machine_open sg_message_id singlesend_id singlesend_name smtp-id status template_hash
    template_id template_version_id timestamp tls type unique_arg_key url url_offset useragent
    """.split()  # noqa: SIM905 - a paragraph of names reads better than forty lines
)

_SKEW = timedelta(hours=1)
EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # SendGrid is no older
LONGEST_RECIPIENT = 512  # RFC 5321 allows 254; dropped addresses may be anything

# The batch that the dashboard's test button sends is signed like real traffic.
_TEST_ADDRESS = "example@test.com"
_TEST_ID = "14c5d75ce93.dfd.64b469"

_MESSAGE_ID = re.compile(r"<?([A-Za-z0-9_-]{22})(?=[.@])")


class Event(msgspec.Struct, kw_only=True):
    """The fields that matter. Convert with `strict=False`: numbers may come as text."""

    event: str
    timestamp: float
    email: str | None = ""
    sg_message_id: str | None = ""
    smtp_id: str | None = msgspec.field(default="", name="smtp-id")
    type: str | None = ""
    status: str | None = ""
    reason: str | None = ""
    response: str | None = ""
    attempt: int | None = None
    category: str | list[str] | None = None
    bounce_classification: str | None = ""


def words(event: Event) -> str:
    """What the receiving server said, or why SendGrid did not ask it."""
    return clean(event.reason) or clean(event.response)


def is_test(event: Event) -> bool:
    return (
        _TEST_ID in (event.sg_message_id or "")
        or _TEST_ID in (event.smtp_id or "")
        or fold_recipient(event.email or "") == _TEST_ADDRESS
    )


def moment(event: Event, now: datetime) -> datetime:
    """The event's own time; ValueError for one that cannot be."""
    if not EARLIEST.timestamp() <= event.timestamp <= (now + _SKEW).timestamp():
        raise ValueError(f"timestamp: {event.timestamp:.0f} is not a time between 2009 and now")
    return datetime.fromtimestamp(event.timestamp, UTC)


def recipient(event: Event) -> str:
    """The address as told, which in drops need not be one; ValueError without any."""
    told = clean(event.email)
    if not told:
        raise ValueError("email: empty, so nobody is concerned")
    if len(told) > LONGEST_RECIPIENT:
        raise ValueError(f"email: longer than {LONGEST_RECIPIENT} characters")
    return told


def message_id(event: Event) -> str:
    """SendGrid's id of the message: the part that all its events share.

    Other shapes than `<id>.<server>.<n>` exist (old drops, mail handed in by
    SMTP); they are taken whole. Late bounces have none.
    """
    for told in (event.sg_message_id or "", event.smtp_id or ""):
        if found := _MESSAGE_ID.match(told):
            return found[1]
    return clean(event.sg_message_id) or clean(event.smtp_id)


def custom_arguments(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the sender added; a key of the vendor's always is the vendor's."""
    return {
        key: clean(str(fields[key]))
        for key in fields.keys() - KNOWN_KEYS
        if isinstance(fields[key], str | int)
    }


def first_of(custom: Mapping[str, str], names: Sequence[str]) -> str:
    return next((custom[name] for name in names if custom.get(name)), "")


def tag(event: Event, custom: Mapping[str, str]) -> str:
    """The categories, or a custom argument named subject: events tell no subject themselves."""
    told = [event.category] if isinstance(event.category, str) else event.category or []
    return ", ".join(filter(None, map(clean, told))) or custom.get("subject", "")


def fingerprint(event: Event) -> str:
    """Of what stays when the event is told again; `sg_event_id` is known to change."""
    quoted = encode_basestring_ascii
    attempt = "null" if event.attempt is None else event.attempt
    # A JSON array, put together by hand because that takes half the time.
    parts = (
        f"[{quoted(event.event)}, {quoted(fold_recipient(clean(event.email)))}, "
        f"{int(event.timestamp)}, {quoted(message_id(event))}, {quoted(event.type or '')}, "
        f"{quoted(words(event))}, {attempt}]"
    )
    return hashlib.sha256(parts.encode()).hexdigest()[:40]


def clean(text: str | None) -> str:
    """Without what no database keeps, NULs and halves of surrogate pairs, or blanks around."""
    if not text:
        return ""
    if text.isascii():
        return text.replace("\0", "").strip()
    return text.replace("\0", "").encode(errors="replace").decode().strip()
