"""What may be asked for, and whose turn it is."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.offers import Offer, is_private, mender, offer, stays_stopped
from storage.cases import tell
from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Mender, Source
from storage.lists import ListEntry, ListName, Membership

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)


def case_of(kind, *, medium=Medium.EMAIL, dropped_by=None, kept="", delivered=None):
    failure = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="1",
        medium=medium,
        kind=kind,
        recipient="taro@example.jp",
        occurred_at=NOON,
        dropped_by=dropped_by,
        kept_message=kept,
    )
    return tell([failure], delivered)


def holding(*names, read_at=NOON + timedelta(hours=1)):
    entries = tuple(ListEntry(name=name, address="taro@example.jp") for name in names)
    return Membership(entries=entries, read_at=read_at)


def test_a_fresh_hard_bounce_is_taken_for_listed_until_the_lists_were_read():
    assert offer(case_of(Kind.HARD_BOUNCE), holding(read_at=None)) is Offer.REMOVE


def test_a_reading_right_after_the_bounce_proves_nothing():
    assert offer(case_of(Kind.HARD_BOUNCE), holding(read_at=NOON)) is Offer.REMOVE


def test_the_lists_decide_once_they_were_read_after_the_bounce():
    assert offer(case_of(Kind.HARD_BOUNCE), holding()) is Offer.NONE
    assert offer(case_of(Kind.SOFT_BOUNCE), holding(ListName.BOUNCES)) is Offer.REMOVE


@pytest.mark.parametrize(
    ("kind", "dropped_by"),
    [
        (Kind.SOFT_BOUNCE, None),
        (Kind.DEFERRED, None),
        (Kind.SPAM_REPORT, None),
        (Kind.UNSUBSCRIBED, None),
        (Kind.INVALID_ADDRESS, None),
        (Kind.DROPPED, DroppedBy.SPAM_REPORT_LIST),
        (Kind.DROPPED, DroppedBy.UNSUBSCRIBE_LIST),
        (Kind.DROPPED, DroppedBy.OVER_QUOTA),
    ],
)
def test_what_must_not_be_lifted_is_never_offered(kind, dropped_by):
    listed = holding(ListName.BLOCKS, ListName.SPAM_REPORTS, ListName.UNSUBSCRIBES)
    assert offer(case_of(kind, dropped_by=dropped_by), listed) is Offer.NONE


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        (Kind.DAILY_CAP, Offer.TOMORROW),
        (Kind.DAILY_CAP_SUSPECTED, Offer.TOMORROW),
        (Kind.TOO_FREQUENT, Offer.SEND_AGAIN),
        (Kind.UNANSWERED, Offer.SEND_AGAIN),
        (Kind.NO_SUCH_ID, Offer.NONE),
        (Kind.MESSAGE_REJECTED, Offer.NONE),
    ],
)
def test_line_works_messages_are_sent_again_where_time_alone_was_in_the_way(kind, offered):
    assert offer(case_of(kind, medium=Medium.LINE_WORKS, kept="k")) is offered


def test_a_message_that_was_not_kept_cannot_be_sent_again():
    assert offer(case_of(Kind.DAILY_CAP, medium=Medium.LINE_WORKS)) is Offer.NONE


def test_a_cleared_case_offers_nothing():
    cleared = case_of(Kind.HARD_BOUNCE, delivered=NOON + timedelta(days=1))
    assert offer(cleared, holding(ListName.BOUNCES)) is Offer.NONE


def test_mail_stays_stopped_by_the_recipients_own_will():
    assert stays_stopped(holding(ListName.BOUNCES, ListName.GROUPS))
    assert not stays_stopped(holding(ListName.BOUNCES, ListName.BLOCKS))


def test_complaints_and_opt_outs_are_private():
    assert is_private(Kind.SPAM_REPORT, None)
    assert is_private(Kind.DROPPED, DroppedBy.UNSUBSCRIBE_LIST)
    assert not is_private(Kind.HARD_BOUNCE, None)


@pytest.mark.parametrize(
    ("kind", "dropped_by", "cause", "whose"),
    [
        (Kind.HARD_BOUNCE, None, Cause.USER_UNKNOWN, Mender.ADMIN),
        (Kind.HARD_BOUNCE, None, Cause.MAILBOX_FULL, Mender.RECIPIENT),
        (Kind.DEFERRED, None, Cause.MAILBOX_FULL, Mender.RECIPIENT),
        (Kind.DEFERRED, None, Cause.AUTH_FAILURE, Mender.SENDER),
        (Kind.DEFERRED, None, Cause.CONNECTION_FAILED, Mender.NOBODY),
        (Kind.DROPPED, DroppedBy.BOUNCE_LIST, Cause.POLICY_BLOCKED, Mender.RECIPIENT_IT),
        (Kind.DROPPED, DroppedBy.OVER_QUOTA, Cause.OTHER, Mender.SUPPORT),
        (Kind.MISSING_SCOPE, None, Cause.OTHER, Mender.LINEWORKS_ADMIN),
        (Kind.PROVIDER_DOWN, None, Cause.OTHER, Mender.PROVIDER),
    ],
)
def test_whose_turn_it_is_follows_kind_list_and_cause(kind, dropped_by, cause, whose):
    assert mender(kind, dropped_by, cause) is whose


def test_somebody_is_named_for_every_kind_and_cause():
    for kind in Kind:
        for dropped_by in (None, *DroppedBy):
            for cause in Cause:
                assert mender(kind, dropped_by, cause) in Mender
