"""Digest lines, and the keys that find their cases again."""

from datetime import UTC, datetime

import pytest

from handlers.groups import GroupKey, key_of, lines
from handlers.privacy import masked, without_addresses
from storage.failures import Cause, DroppedBy, Kind, Medium
from storage.views import Group

SINCE, UNTIL = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)


def group(kind, count, new=0, cause=Cause.OTHER, medium=Medium.EMAIL, dropped_by=None):
    return Group(
        medium=medium,
        kind=kind,
        dropped_by=dropped_by,
        cause=cause,
        count=count,
        new=new,
        oldest=SINCE,
        newest=UNTIL,
    )


def test_causes_of_one_kind_become_one_line_with_the_commonest_first():
    groups = [
        group(Kind.HARD_BOUNCE, 2, new=1, cause=Cause.MAILBOX_FULL),
        group(Kind.HARD_BOUNCE, 5, new=2, cause=Cause.USER_UNKNOWN),
    ]
    (line,) = lines(groups, SINCE, UNTIL)
    assert (line.count, line.new, line.cause) == (7, 3, Cause.USER_UNKNOWN)


def test_lines_stand_in_the_order_of_the_two_tabs():
    groups = [
        group(Kind.DAILY_CAP, 1, medium=Medium.LINE_WORKS),
        group(Kind.DEFERRED, 1),
        group(Kind.HARD_BOUNCE, 1),
    ]
    kinds = [line.key.kind for line in lines(groups, SINCE, UNTIL)]
    assert kinds == [Kind.HARD_BOUNCE, Kind.DEFERRED, Kind.DAILY_CAP]


def test_drops_are_told_apart_by_their_list():
    groups = [
        group(Kind.DROPPED, 1, dropped_by=DroppedBy.BOUNCE_LIST),
        group(Kind.DROPPED, 1, dropped_by=DroppedBy.INVALID_LIST),
    ]
    assert len(lines(groups, SINCE, UNTIL)) == 2


def test_a_key_is_found_again_from_its_text():
    key = GroupKey(
        medium=Medium.EMAIL,
        kind=Kind.DROPPED,
        dropped_by=DroppedBy.BOUNCE_LIST,
        since=SINCE,
        until=UNTIL,
    )
    assert key_of(key.text()) == key


@pytest.mark.parametrize("text", ["", "email", "email/never/-/0/1", "a/b/c/d/e", "x" * 99])
def test_a_text_that_we_did_not_write_is_no_key(text):
    assert key_of(text) is None


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("taro.yamada@example.co.jp", "t***@example.co.jp"),
        ("a@example.jp", "a***@example.jp"),
        ("5b1c-77", "5***"),
        ('"taro@home"@example.jp', '"***@example.jp'),
        ("", "***"),
    ],
)
def test_a_masked_recipient_keeps_a_letter_and_the_domain(recipient, shown):
    assert masked(recipient) == shown


def test_the_providers_words_lose_their_addresses():
    text = without_addresses("550 5.1.1 <taro@example.jp>: User unknown")
    assert text == "550 5.1.1 <t***@example.jp>: User unknown"
