"""Every combination of fields that SendGrid is known to tell, and what each is to us."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sendgrid.events import parse
from bot.sendgrid.kinds import AccountChange, Classification, classification
from storage.failures import Cause, DroppedBy, Kind

SENT_AT = datetime.fromtimestamp(1790000000, UTC)
NOW = SENT_AT + timedelta(days=20)
ABSENT = object()

EVENT = {
    "email": "taro@example.jp",
    "event": "bounce",
    "timestamp": 1790000000,
    "sg_event_id": "ZXZ0LWV4YW1wbGU",
    "sg_message_id": "Ab12Cd34Ef56Gh78Ij90Kl.recvd-6f7c-1-6AB0-1.0",
}

TYPES = {
    "bounce": Kind.HARD_BOUNCE,
    "Bounce": Kind.HARD_BOUNCE,
    " BOUNCE ": Kind.HARD_BOUNCE,
    "blocked": Kind.SOFT_BOUNCE,
    "BLOCKED": Kind.SOFT_BOUNCE,
    "expired": Kind.SOFT_BOUNCE,
    "Expired": Kind.SOFT_BOUNCE,
    "teleported": Kind.UNCLASSIFIED,
}
NO_TYPE = [ABSENT, None, "", " "]

# What the status says where no type does.
STATUSES = {
    "4.2.2": Kind.SOFT_BOUNCE,
    "4.0.0": Kind.SOFT_BOUNCE,
    "5.1.1": Kind.HARD_BOUNCE,
    "5.0.0": Kind.HARD_BOUNCE,
    " 5.7.1 ": Kind.HARD_BOUNCE,
    "2.0.0": Kind.UNCLASSIFIED,
    "": Kind.UNCLASSIFIED,
    None: Kind.UNCLASSIFIED,
    ABSENT: Kind.UNCLASSIFIED,
}

EVENTS = {
    "deferred": Kind.DEFERRED,
    "dropped": Kind.DROPPED,
    "spamreport": Kind.SPAM_REPORT,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
}

DROPS = {
    "Bounced Address": DroppedBy.BOUNCE_LIST,
    "Unsubscribed Address": DroppedBy.UNSUBSCRIBE_LIST,
    "Spam Reporting Address": DroppedBy.SPAM_REPORT_LIST,
    "Invalid": DroppedBy.INVALID_LIST,
    "Invalid Address": DroppedBy.INVALID_LIST,
    "Spam Content": DroppedBy.SPAM_CONTENT,
    "Invalid SMTPAPI header": DroppedBy.BAD_HEADER,
    "Recipient List over Package Quota": DroppedBy.OVER_QUOTA,
    "Duplicate message": DroppedBy.DUPLICATE,
    "Something new": DroppedBy.OTHER,
    "": DroppedBy.OTHER,
}
SPELLINGS = (str, str.upper, str.lower, str.title, "  {} \n".format)

# The pages', the Logs' and the classification endpoint's, and the old short forms.
CLASSIFICATIONS = {
    "Invalid Address": Classification.INVALID,
    "invalid": Classification.INVALID,
    "Technical": Classification.TECHNICAL,
    "Technical Failure": Classification.TECHNICAL,
    "technical": Classification.TECHNICAL,
    "Content": Classification.CONTENT,
    "content": Classification.CONTENT,
    "Reputation": Classification.REPUTATION,
    "reputation": Classification.REPUTATION,
    "Frequency/Volume": Classification.FREQUENCY,
    "Frequency or Volume Too High": Classification.FREQUENCY,
    "frequency": Classification.FREQUENCY,
    "Mailbox Unavailable": Classification.MAILBOX,
    "mailbox": Classification.MAILBOX,
    "Unclassified": Classification.UNCLASSIFIED,
    "unclassified": Classification.UNCLASSIFIED,
    "Something new": Classification.UNCLASSIFIED,
    "": None,
    "  ": None,
}


def parsed(**fields):
    told = {name: value for name, value in {**EVENT, **fields}.items() if value is not ABSENT}
    return parse(json.dumps([told]).encode(), NOW)


def failure(**fields):
    batch = parsed(**fields).batch
    assert (len(batch.failures), batch.set_aside) == (1, ())
    return batch.failures[0]


def aside(**fields):
    batch = parsed(**fields).batch
    assert (batch.failures, len(batch.set_aside)) == ((), 1)
    return batch.set_aside[0]


@pytest.mark.parametrize(("type_", "kind"), TYPES.items())
def test_a_bounce_is_what_its_type_says_whatever_its_status(type_, kind):
    assert {failure(type=type_, status=status).kind for status in STATUSES} == {kind}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_without_a_type_the_class_of_the_status_speaks(status, kind):
    assert {failure(type=type_, status=status).kind for type_ in NO_TYPE} == {kind}


@pytest.mark.parametrize(("event", "kind"), EVENTS.items())
def test_no_other_event_hears_type_or_status(event, kind):
    told = [
        failure(event=event, type=type_, status=status)
        for type_, status in product([*TYPES, *NO_TYPE], STATUSES)
    ]
    assert {one.kind for one in told} == {kind}


@pytest.mark.parametrize(("reason", "dropped_by"), DROPS.items())
def test_a_drop_reason_is_known_in_any_spelling(reason, dropped_by):
    told = [failure(event="dropped", reason=spelt(reason)) for spelt in SPELLINGS]
    assert {(one.kind, one.dropped_by) for one in told} == {(Kind.DROPPED, dropped_by)}


@pytest.mark.parametrize(("told", "word"), CLASSIFICATIONS.items())
def test_a_classification_is_one_word_in_all_its_spellings(told, word):
    assert {classification(spelt(told)) for spelt in SPELLINGS} == {word}


@given(st.text())
def test_a_classification_is_of_the_closed_set_whatever_is_told(told):
    assert classification(told) in {*Classification, None}


@pytest.mark.parametrize("told", CLASSIFICATIONS)
def test_a_classification_never_overrides_the_type(told):
    kinds = {type_: failure(type=type_, bounce_classification=told).kind for type_ in TYPES}
    assert kinds == TYPES


@pytest.mark.parametrize("told", CLASSIFICATIONS)
def test_a_classification_never_overrides_the_words(told):
    text = "552 5.2.2 mailbox full"
    read = failure(type="blocked", reason=text, bounce_classification=told).reading
    assert read == failure(type="blocked", reason=text).reading
    assert read.cause is Cause.MAILBOX_FULL


@pytest.mark.parametrize(
    ("told", "cause"),
    [("Frequency or Volume Too High", Cause.THROTTLED), ("REPUTATION", Cause.REPUTATION_BLOCKED)],
)
def test_where_the_words_say_nothing_the_classification_is_heard(told, cause):
    assert (
        failure(type="blocked", reason="sorry", bounce_classification=told).reading.cause is cause
    )


@pytest.mark.parametrize(
    ("reason", "response", "words"),
    [
        ("550 no", ABSENT, "550 no"),
        (ABSENT, "550 no", "550 no"),
        (None, "550 no", "550 no"),
        ("", "550 no", "550 no"),
        (" ", "550 no", "550 no"),
        ("550 no", "550 5.1.1 another", "550 no"),
        (ABSENT, ABSENT, ""),
    ],
)
@pytest.mark.parametrize("event", ["bounce", "deferred"])
def test_words_stand_in_reason_or_in_response(event, reason, response, words):
    assert failure(event=event, reason=reason, response=response).provider_text == words


@pytest.mark.parametrize(
    "variants",
    [
        [{"attempt": "1"}, {"attempt": 1}],
        [{"timestamp": 1790000000}, {"timestamp": "1790000000"}, {"timestamp": 1790000000.0}],
        [{}, {"tls": 0}, {"tls": 1}, {"tls": True}, {"tls": "1"}, {"tls": None}],
        [{}, {"cert_err": "1"}, {"cert_err": 1}, {"cert_err": False}, {"cert_err": None}],
        [{"type": "blocked"}, {"type": "blocked", "bounce_classification": "Content"}],
        [{}, {"ip": "192.0.2.1"}, {"pool": {"name": "p", "id": 1}}, {"sg_machine_open": True}],
    ],
)
def test_other_spellings_of_one_fact_tell_the_same_failure(variants):
    told = [failure(event="bounce", **one) for one in variants]
    facts = {(f.source_id, f.kind, f.occurred_at, f.reference, f.tag) for f in told}
    assert len(facts) == 1


@pytest.mark.parametrize(
    ("category", "tag"),
    [
        ("survey", "survey"),
        (["survey", "monthly"], "survey, monthly"),
        (["", "survey", " "], "survey"),
        ([""], ""),
        ([], ""),
        ("", ""),
        (None, ""),
        (ABSENT, ""),
    ],
)
def test_categories_come_as_text_or_as_a_list_with_holes(category, tag):
    assert failure(category=category).tag == tag


@pytest.mark.parametrize(
    ("type_", "kind"), [("bounce", Kind.HARD_BOUNCE), ("blocked", Kind.SOFT_BOUNCE)]
)
def test_a_late_bounce_is_of_whom_it_was_sent_to_not_of_whom_it_names(type_, kind):
    told = failure(
        type=type_, status="5.1.1", sg_message_id=ABSENT, reason="550 other@example.net unknown"
    )
    assert (told.kind, told.recipient, told.reference) == (kind, "taro@example.jp", "")
    assert "other@example.net" in told.provider_text


OVER_QUOTA = "Recipient List over Package Quota"
NO_ADDRESS = ["", " ", None, ABSENT]


@pytest.mark.parametrize("email", NO_ADDRESS)
def test_a_used_up_plan_concerns_the_account_even_where_nobody_is_named(email):
    told = parsed(event="dropped", reason=OVER_QUOTA.upper(), email=email)
    assert [one.change for one in told.alarms] == [AccountChange.OVER_QUOTA]
    assert told.batch.set_aside == ()


@pytest.mark.parametrize(
    ("reason", "email"), [*product(sorted(DROPS.keys() - {OVER_QUOTA}), NO_ADDRESS)]
)
def test_a_drop_without_an_address_is_set_aside(reason, email):
    assert aside(event="dropped", reason=reason, email=email).reason.startswith("email: empty")


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("compliance_suspend", AccountChange.SUSPENDED),
        ("Compliance_Suspend", AccountChange.SUSPENDED),
        ("compliance_deactivate", AccountChange.SUSPENDED),
        ("compliance_ban", AccountChange.BANNED),
        ("reactivate", AccountChange.REACTIVATED),
        ("something_new", AccountChange.CHANGED),
        (None, AccountChange.CHANGED),
    ],
)
def test_a_change_of_the_account_needs_no_address(word, change):
    [alarm] = parsed(event="account_status_change", type=word, email=ABSENT).alarms
    assert (alarm.change, alarm.word) == (change, word or "")


@pytest.mark.parametrize(
    "event", ["bounced", "spam_report", "received", "cancel_drop", "", "x" * 99]
)
def test_an_event_by_an_unknown_name_is_set_aside_under_its_name(event):
    assert aside(event=event).reason == f"event: {event[:40]!r} is not a name that we know"
