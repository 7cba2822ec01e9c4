"""Log messages in our words: what is asked, and one fingerprint with the webhook's telling."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.sendgrid import events, logs
from handlers.causes import built_in
from handlers.ports import Logged, VendorError
from storage.failures import DroppedBy, Kind, Medium, SetAside, Source

SECOND = 1790000000
AT = datetime.fromtimestamp(SECOND, UTC)
NOW = AT + timedelta(days=1)
MESSAGE = "Ab12Cd34Ef56Gh78Ij90Kl.recvd-6f7c-1-6AB0-1.0"
ROW = {
    "from_email": "notice@example.co.jp",
    "sg_message_id": MESSAGE,
    "subject": "点検のお願い",
    "to_email": "taro@example.jp",
    "status": "bounced",
    "reason": "550 5.1.1 no such person here",
    "sg_message_id_created_at": "2026-09-21T13:33:15Z",
}
BOUNCE = {
    "event": "bounce",
    "email": "taro@example.jp",
    "type": "bounce",
    "status": "5.1.1",
    "reason": "550 5.1.1 no such person here",
    "timestamp": SECOND,
    "sg_event_id": "Ym91",
    "sg_message_id": MESSAGE,
    "smtp-id": "<Ab12Cd34Ef56Gh78Ij90Kl@geopod-ismtpd-7>",
    "bounce_classification": "Invalid Address",
}
DEFERRED = BOUNCE | {
    "event": "deferred",
    "attempt": "0",
    "response": "451 4.7.1 come back later\n",
}
for unknown in ("type", "status", "reason", "bounce_classification"):
    del DEFERRED[unknown]
DROPPED = {**BOUNCE, "event": "dropped", "reason": "Bounced Address"}
DELIVERED = {**BOUNCE, "event": "delivered", "response": "250 OK"}


def row(**changes):
    [one] = logs.found({"messages": [ROW | changes]}).rows
    return one


def told(*listed, one=None, **message):
    answer = {"events": [{**event, "custom_args": {}} for event in listed]} | message
    return logs.told(one or row(), answer, NOW)


def posted(*listed):
    return events.parse(json.dumps(listed).encode(), NOW).batch


def test_a_window_asks_for_whole_seconds_and_what_has_failed():
    since, until = AT + timedelta(milliseconds=500), AT + timedelta(milliseconds=900)
    assert logs.between(since, until) == (
        'sg_message_id_created_at >= TIMESTAMP "2026-09-21T14:13:20Z" '
        'AND sg_message_id_created_at < TIMESTAMP "2026-09-21T14:13:21Z" '
        "AND status IN ('deferred', 'dropped', 'bounced', 'blocked')"
    )


def test_an_address_is_asked_for_with_what_arrived_too():
    asked = logs.to("taro+a@example.jp", AT, NOW)
    assert asked.startswith("to_email = 'taro+a@example.jp' AND ")
    assert "'delivered'" in asked


@pytest.mark.parametrize("address", ["o'brien@example.jp", '"a b"@example.jp', "a\\b@example.jp"])
def test_an_address_with_a_quote_is_never_asked_for(address):
    with pytest.raises(VendorError, match="address_not_askable") as refused:
        logs.to(address, AT, NOW)
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("deferred", Kind.DEFERRED),
        ("dropped", Kind.DROPPED),
        ("bounced", Kind.HARD_BOUNCE),
        ("blocked", Kind.SOFT_BOUNCE),
        ("delivered", None),
        ("processed", None),
    ],
)
def test_a_row_sums_a_message_up(status, kind):
    assert row(status=status) == Logged(
        message=MESSAGE,
        recipient="taro@example.jp",
        kind=kind,
        created_at=datetime(2026, 9, 21, 13, 33, 15, tzinfo=UTC),
        text="550 5.1.1 no such person here",
    )


@pytest.mark.parametrize(
    "odd",
    [
        "rubbish",
        {},
        {**ROW, "sg_message_id": " "},
        {**ROW, "sg_message_id": ".."},
        {**ROW, "sg_message_id_created_at": "yesterday"},
        {**ROW, "sg_message_id_created_at": "2026-09-21T13:33:15"},
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_spoils_no_other(odd):
    found = logs.found({"messages": [odd, ROW]})
    assert (len(found.rows), found.size) == (1, 2)
    [aside] = found.set_aside
    assert json.loads(aside.body) == odd
    assert aside.source is Source.SENDGRID_LOGS


@pytest.mark.parametrize("answer", [None, [], {}, {"messages": None}, "text"])
def test_an_answer_of_another_shape_is_trouble(answer):
    with pytest.raises(VendorError, match="unreadable_answer"):
        logs.found(answer)


@pytest.mark.parametrize("event", [BOUNCE, DEFERRED, DROPPED], ids=lambda event: event["event"])
def test_an_event_has_the_fingerprint_of_the_webhooks_telling(event):
    [logged] = told(event).failures
    retold = {name: value for name, value in event.items() if name != "sg_event_id"}
    [heard] = posted(retold | {"sg_event_id": "changed"}).failures
    assert logged.source is Source.SENDGRID_LOGS
    assert logged.source_id == heard.source_id
    assert (logged.kind, logged.reading, logged.reference, logged.occurred_at) == (
        heard.kind,
        heard.reading,
        heard.reference,
        heard.occurred_at,
    )
    assert logged.medium is Medium.EMAIL


def test_custom_arguments_stand_apart_and_carry_the_hosts_own_id():
    bounce = BOUNCE | {"custom_args": {"notif_id": "n-1", "event": "mine"}}
    [failure] = logs.told(row(), {"events": [bounce]}, NOW).failures
    assert (failure.reference, failure.kind) == ("n-1", Kind.HARD_BOUNCE)
    [same] = told(BOUNCE, custom_args={"notif_id": "n-1"}).failures
    assert same.reference == "n-1"


def test_a_delivery_is_kept_under_the_webhooks_name_so_that_it_counts_once():
    [logged] = told(DEFERRED, DELIVERED).successes
    assert logged == posted(DELIVERED).successes[0]


def test_all_that_happened_is_told():
    later = {**BOUNCE, "timestamp": SECOND + 60, "type": "blocked"}
    kinds = [one.kind for one in told(DEFERRED, later).failures]
    assert kinds == [Kind.DEFERRED, Kind.SOFT_BOUNCE]


def test_a_mail_that_was_called_off_was_dropped_and_that_it_came_in_is_no_event():
    [failure] = told({**DROPPED, "event": "cancel_drop"}, {"event": "received"}).failures
    assert (failure.kind, failure.dropped_by) == (Kind.DROPPED, DroppedBy.BOUNCE_LIST)


@pytest.mark.parametrize("answer", [None, {"events": []}])
@pytest.mark.parametrize("status", ["deferred", "dropped", "bounced", "blocked"])
def test_without_events_the_summary_stands_in(status, answer):
    one = row(status=status)
    [failure] = logs.told(one, answer, NOW).failures
    assert (failure.kind, failure.occurred_at) == (one.kind, one.created_at)
    assert failure.provider_text == one.text


def test_of_what_did_not_fail_nothing_stands_in():
    assert logs.told(row(status="delivered"), None, NOW).failures == ()


def test_an_event_that_cannot_be_read_is_set_aside_beside_its_summary():
    batch = told({"event": "deferred"})
    assert [one.kind for one in batch.failures] == [Kind.HARD_BOUNCE]
    [aside] = batch.set_aside
    assert aside.source is Source.SENDGRID_LOGS


def test_a_message_of_another_shape_is_trouble():
    with pytest.raises(VendorError, match="unreadable_answer"):
        logs.told(row(), {"events": "none"}, NOW)


def test_a_stored_event_names_its_message():
    [logged], [heard] = told(BOUNCE).failures, posted(BOUNCE).failures
    assert logs.message_of(logged) == logs.message_of(heard) == MESSAGE


@pytest.mark.parametrize("raw", ["", "rubbish", "[]", "{}", '{"sg_message_id": 5}'])
def test_what_names_no_message_has_none(raw):
    from dataclasses import replace

    [heard] = posted(BOUNCE).failures
    assert logs.message_of(replace(heard, raw=raw)) == ""


def aside(told):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return SetAside(source=Source.SENDGRID_LOGS, body=body, reason="odd")


def test_a_row_out_of_quarantine_is_told_by_its_summary():
    batch = logs.again(aside(ROW), NOW, built_in()).batch
    assert batch.failures == logs.told(row(), None, NOW).failures


def test_an_event_out_of_quarantine_is_told_by_itself():
    batch = logs.again(aside(BOUNCE), NOW, built_in()).batch
    assert [one.source_id for one in batch.failures] == [told(BOUNCE).failures[0].source_id]
    assert {one.source for one in batch.failures} == {Source.SENDGRID_LOGS}


@pytest.mark.parametrize("told", [{**ROW, "status": "delivered"}, {**BOUNCE, "event": "open"}])
def test_what_has_not_failed_is_of_no_concern(told):
    batch = logs.again(aside(told), NOW, built_in()).batch
    assert (batch.elements, batch.ignored, batch.told_by) == (1, 1, Source.SENDGRID_LOGS)


@pytest.mark.parametrize("told", [b"", b"7", b"{}", {"event": "bounce"}])
def test_what_is_still_odd_stays_aside(told):
    assert len(logs.again(aside(told), NOW, built_in()).batch.set_aside) == 1
