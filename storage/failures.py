"""What happened to a notification: failures, deliveries, and the words that sort them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from storage.folding import fold


class Medium(StrEnum):
    """How the notification travelled."""

    EMAIL = "email"
    LINE_WORKS = "line_works"


class Source(StrEnum):
    """Where a failure was learnt."""

    SENDGRID_EVENTS = "sendgrid_events"
    SENDGRID_LISTS = "sendgrid_lists"
    SENDGRID_LOGS = "sendgrid_logs"
    LINEWORKS_RELAY = "lineworks_relay"
    HOST_PUSH = "host_push"
    HOST_FEED = "host_feed"
    CSV = "csv"


class Kind(StrEnum):
    """What the provider did, from its fields alone; never from its words."""

    # E-mail.
    HARD_BOUNCE = "hard_bounce"  # the receiving server refused for good; the address is listed
    SOFT_BOUNCE = "soft_bounce"  # refused this time, or given up after retries; not listed
    DEFERRED = "deferred"  # asked to wait; SendGrid retries by itself
    DROPPED = "dropped"  # SendGrid never tried: a list or a reason of its own, see DroppedBy
    INVALID_ADDRESS = "invalid_address"  # SendGrid lists the address as unusable
    SPAM_REPORT = "spam_report"  # the recipient complained; counted apart
    UNSUBSCRIBED = "unsubscribed"  # the recipient opted out; counted apart
    # LINE WORKS.
    TOO_FREQUENT = "too_frequent"  # over the plan's rate; passes within a minute
    DAILY_CAP = "daily_cap"  # over the tenant's daily maximum, said so
    DAILY_CAP_SUSPECTED = "daily_cap_suspected"  # probably that; the answer does not prove it
    NO_SUCH_ID = "no_such_id"  # no such member, or not to be reached
    ID_OUTSIDE_DOMAIN = "id_outside_domain"  # an id of another domain
    WRONG_DOMAIN_INFO = "wrong_domain_info"  # the organisation's domain data do not fit
    MISSING_SCOPE = "missing_scope"  # the app may not use the bot API
    BAD_CREDENTIALS = "bad_credentials"  # the app's identity is refused
    BOT_NOT_ALLOWED = "bot_not_allowed"  # the bot may not reach this member or room
    MESSAGE_REJECTED = "message_rejected"  # the message itself was refused
    PROVIDER_DOWN = "provider_down"  # the provider's own trouble
    UNANSWERED = "unanswered"  # no answer came: it may have arrived
    # Both.
    UNCLASSIFIED = "unclassified"  # the fields say nothing that we know


_EMAIL_KINDS = frozenset(
    {
        Kind.HARD_BOUNCE,
        Kind.SOFT_BOUNCE,
        Kind.DEFERRED,
        Kind.DROPPED,
        Kind.INVALID_ADDRESS,
        Kind.SPAM_REPORT,
        Kind.UNSUBSCRIBED,
    }
)
KINDS = {
    Medium.EMAIL: _EMAIL_KINDS | {Kind.UNCLASSIFIED},
    Medium.LINE_WORKS: frozenset(Kind) - _EMAIL_KINDS,
}


class DroppedBy(StrEnum):
    """Why SendGrid dropped: which list holds the address, or a reason of the sender's."""

    BOUNCE_LIST = "bounce_list"
    INVALID_LIST = "invalid_list"
    SPAM_REPORT_LIST = "spam_report_list"
    UNSUBSCRIBE_LIST = "unsubscribe_list"
    OVER_QUOTA = "over_quota"
    SPAM_CONTENT = "spam_content"
    BAD_HEADER = "bad_header"
    DUPLICATE = "duplicate"
    OTHER = "other"


class Cause(StrEnum):
    """Why, as the receiving server's words state it."""

    MAILBOX_FULL = "mailbox_full"
    USER_UNKNOWN = "user_unknown"
    DOMAIN_NOT_FOUND = "domain_not_found"
    USER_MOVED_OR_DISABLED = "user_moved_or_disabled"
    POLICY_BLOCKED = "policy_blocked"
    REPUTATION_BLOCKED = "reputation_blocked"
    CONTENT_REJECTED = "content_rejected"
    MESSAGE_TOO_BIG = "message_too_big"
    THROTTLED = "throttled"
    CONNECTION_FAILED = "connection_failed"
    SERVER_ERROR = "server_error"
    AUTH_FAILURE = "auth_failure"
    RELAY_DENIED = "relay_denied"
    SPAM_DETECTED = "spam_detected"
    VIRUS_DETECTED = "virus_detected"
    SYNTAX_OR_PROTOCOL = "syntax_or_protocol"
    EXPIRED = "expired"
    FEEDBACK_OR_VACATION = "feedback_or_vacation"
    OTHER = "other"


class Permanence(StrEnum):
    """Is the address itself dead? Apart from that, waiting may help or not."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"  # not a failure at all


class Mender(StrEnum):
    """Who can act."""

    RECIPIENT = "recipient"
    RECIPIENT_IT = "recipient_it"
    ADMIN = "admin"
    LINEWORKS_ADMIN = "lineworks_admin"
    SUPPORT = "support"
    SENDER = "sender"
    PROVIDER = "provider"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read from the provider's words.

    `confidence` is 0 to 1; `rule` names its origin, `rule_set` the version of the
    rules that it stood in.
    """

    cause: Cause = Cause.OTHER
    permanence: Permanence = Permanence.SOFT
    confidence: float = 0.0
    rule: str = ""
    rule_set: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What one source told about one notification to one recipient.

    `source_id` is a fingerprint of what does not change when the source tells
    it again; of each recipient, `(source, source_id)` is stored once. `reference` names the
    notification: SendGrid's message, the host's X-Notify-Id. Times are aware.
    """

    source: Source
    source_id: str
    medium: Medium
    kind: Kind
    recipient: str
    occurred_at: datetime
    dropped_by: DroppedBy | None = None
    reading: Reading = field(default_factory=Reading)
    provider_text: str = ""
    smtp_code: str = ""
    guessed: bool = False  # the likeliest kind, which the answer alone does not prove
    status: str = ""  # enhanced status (RFC 3463), or the HTTP status of LINE WORKS
    reference: str = ""
    tag: str = ""
    bot_id: str = ""
    raw: str = ""  # the vendor's fields as JSON, so that rules can be run again
    history: bool = False  # listed before the source was connected: never new, no alarm
    each_telling_counts: bool = False  # no id of its own: equal ones are counted, not dropped
    kept_message: str = ""  # id of the stored message that may be sent again
    times_seen: int = 1
    told_at: datetime | None = None  # when this store first learnt it


@dataclass(frozen=True, kw_only=True)
class Success:
    """A delivery: moves the recipient's last success and the counts, and is no row."""

    source: Source
    source_id: str
    medium: Medium
    recipient: str
    occurred_at: datetime
    reference: str = ""
    history: bool = False  # told by an old record: not counted among what was sent


# The references of these are the host's own ids: one by one of them is that by another.
BY_HOSTS_IDS = frozenset({Source.LINEWORKS_RELAY, Source.HOST_PUSH, Source.HOST_FEED})


def accepted_id(reference: str, medium: Medium, recipient: str) -> str:
    """The source id of what was delivered under a host's id, whoever of BY_HOSTS_IDS tells it.

    Hosts may name one notification to many with one id.
    """
    told = f"{medium}\n{fold_recipient(recipient)}\n{reference}"
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:40]


@dataclass(frozen=True, kw_only=True)
class KeptMessage:
    """A LINE WORKS message that was refused, kept to be sent again. `body` is encrypted."""

    id: str
    bot_id: str
    target: str  # "users" or "channels"
    recipient: str
    body: bytes
    kept_at: datetime
    deadline: datetime
    reference: str = ""
    resendable: bool = True


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """An element that could not be understood, kept byte for byte.

    `whole`: not one element but all that was told at once. `reason` names no person.
    """

    source: Source
    body: bytes
    reason: str
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one telling of a source brings; stored all at once or not at all.

    `ignored` of its elements are nothing to store. `retried` is the number in
    quarantine of what it was read from, which leaves it with the same write; `posts`
    are the numbers of those in the inbox, and so do they, unless `more` of what they
    told is to follow.
    """

    failures: tuple[Failure, ...] = ()
    successes: tuple[Success, ...] = ()
    kept: tuple[KeptMessage, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    source: Source | None = None  # needed where nothing else names it
    ignored: int = 0
    retried: int = 0
    posts: tuple[int, ...] = ()
    more: bool = False

    @property
    def told_by(self) -> Source | None:
        for events in (self.failures, self.successes, self.set_aside):
            if events and not self.source:
                return events[0].source
        return self.source

    @property
    def elements(self) -> int:
        return len(self.failures) + len(self.successes) + len(self.set_aside) + self.ignored


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What became of a batch: elements = new + repeated + set_aside + ignored.

    `pushed_out` had been set aside before, and made room.
    """

    new: int = 0
    repeated: int = 0
    set_aside: int = 0
    ignored: int = 0
    pushed_out: int = 0
    new_failures: tuple[Failure, ...] = ()


def told_again(stored: Failure, telling: Failure) -> Failure:
    """Two tellings of a failure whose every telling counts: the words of the later one."""
    later = max(
        (stored, telling),
        key=lambda one: (one.occurred_at, one.kind, one.status, one.provider_text, one.recipient),
    )
    return replace(later, times_seen=stored.times_seen + telling.times_seen)


def fold_recipient(recipient: str) -> str:
    """The form in which recipients are compared; the told form is kept for display and sending.

    One for all spellings of one mailbox, see `storage.folding`.
    """
    told = recipient.strip()
    folded = told.lower()
    # Nearly every address is plain, and this is asked for each event.
    plain = told.isascii() and '"' not in told and "\0" not in told
    if plain and told[-1:] != "." and "xn--" not in folded:
        return folded
    return fold(told)


def domain_of(recipient: str) -> str:
    """The part behind the last `@`, folded; empty where there is none."""
    return fold_recipient(recipient).rpartition("@")[2].strip() if "@" in recipient else ""
