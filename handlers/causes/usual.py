"""What follows from a cause, unless a rule or a correction knows better."""

from __future__ import annotations

from storage.failures import Cause, Mender, Permanence

MENDER_OF = {
    Cause.MAILBOX_FULL: Mender.RECIPIENT,
    Cause.USER_UNKNOWN: Mender.ADMIN,
    Cause.DOMAIN_NOT_FOUND: Mender.ADMIN,
    Cause.USER_MOVED_OR_DISABLED: Mender.ADMIN,
    Cause.POLICY_BLOCKED: Mender.RECIPIENT_IT,
    Cause.REPUTATION_BLOCKED: Mender.SENDER,
    Cause.CONTENT_REJECTED: Mender.SENDER,
    Cause.MESSAGE_TOO_BIG: Mender.SENDER,
    Cause.THROTTLED: Mender.NOBODY,
    Cause.CONNECTION_FAILED: Mender.NOBODY,
    Cause.SERVER_ERROR: Mender.RECIPIENT_IT,
    Cause.AUTH_FAILURE: Mender.SENDER,
    Cause.RELAY_DENIED: Mender.RECIPIENT_IT,
    Cause.SPAM_DETECTED: Mender.SENDER,
    Cause.VIRUS_DETECTED: Mender.SENDER,
    Cause.SYNTAX_OR_PROTOCOL: Mender.SENDER,
    Cause.EXPIRED: Mender.NOBODY,
    Cause.FEEDBACK_OR_VACATION: Mender.NOBODY,
    Cause.OTHER: Mender.SUPPORT,
}
# Time alone may mend it; a full mailbox has a good address, yet empties nothing by itself.
WAITING_HELPS = frozenset(
    {Cause.THROTTLED, Cause.CONNECTION_FAILED, Cause.SERVER_ERROR, Cause.EXPIRED}
)
# Hard: the address itself will not take mail.
_PERMANENCE = {
    Cause.USER_UNKNOWN: Permanence.HARD,
    Cause.DOMAIN_NOT_FOUND: Permanence.HARD,
    Cause.FEEDBACK_OR_VACATION: Permanence.NONE,
}


def permanence_of(cause: Cause) -> Permanence:
    return _PERMANENCE.get(cause, Permanence.SOFT)
