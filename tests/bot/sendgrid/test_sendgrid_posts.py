"""A post as the handlers take it: whole or in pieces, now or out of quarantine."""

import json
from datetime import UTC, datetime

import pytest

from bot.sendgrid.posts import again, telling
from handlers.causes import built_in
from storage.failures import SetAside, Source

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
AT = int(NOW.timestamp()) - 60
BOUNCE = {"event": "bounce", "type": "bounce", "email": "taro@example.jp", "timestamp": AT}
OPENED = {"event": "open", "email": "taro@example.jp", "timestamp": AT}
SUSPENDED = {"event": "account_status_change", "type": "compliance_suspend", "timestamp": AT}
USED_UP = {"event": "dropped", "reason": "Recipient List over Package Quota", "timestamp": AT}


def read(*elements):
    return telling(json.dumps(elements).encode(), NOW, built_in())


def test_every_element_is_counted_once():
    told = read(BOUNCE, OPENED, SUSPENDED, 7)
    assert told.batch.elements == 4
    assert (len(told.batch.failures), len(told.batch.set_aside), told.batch.ignored) == (1, 1, 2)
    assert told.batch.told_by is Source.SENDGRID_EVENTS


def test_a_post_of_nothing_is_still_sendgrids():
    assert (read().batch.elements, read().batch.told_by) == (0, Source.SENDGRID_EVENTS)


def test_what_concerns_the_account_is_news():
    suspended, used_up = read(SUSPENDED, USED_UP).news
    assert (suspended.alarm, suspended.daily) == ("account_suspended", False)
    assert (used_up.alarm, used_up.daily) == ("over_quota", True)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"\xff\xfe", b'[{"event":'])
def test_what_is_no_array_is_set_aside_whole(body):
    batch = telling(body, NOW, built_in()).batch
    [aside] = batch.set_aside
    assert (aside.body, aside.whole, batch.elements) == (body, True, 1)


def aside(body, **more):
    return SetAside(source=Source.SENDGRID_EVENTS, body=body, reason="odd", **more)


def test_an_element_out_of_quarantine_is_read_as_a_post_of_one():
    batch = again(aside(json.dumps(BOUNCE).encode()), NOW, built_in()).batch
    assert (len(batch.failures), batch.set_aside) == (1, ())


def test_an_array_that_was_an_element_does_not_become_a_post():
    batch = again(aside(json.dumps([BOUNCE]).encode()), NOW, built_in()).batch
    assert (batch.failures, len(batch.set_aside)) == ((), 1)


def test_a_whole_post_out_of_quarantine_is_read_as_it_came():
    batch = again(aside(json.dumps([BOUNCE, 7]).encode(), whole=True), NOW, built_in()).batch
    assert (len(batch.failures), len(batch.set_aside)) == (1, 1)
