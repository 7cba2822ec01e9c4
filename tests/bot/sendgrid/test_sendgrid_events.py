"""What the Event Webhook tells, case by case; the posts are in tests/payloads/sendgrid."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sendgrid.events import Parsed, parse
from bot.sendgrid.kinds import AccountChange, judged
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source

PAYLOADS = Path(__file__).parents[2] / "payloads" / "sendgrid"
SENT_AT = datetime.fromtimestamp(1790000000, UTC)
NOW = SENT_AT + timedelta(days=20)


def post(name):
    return (PAYLOADS / f"{name}.json").read_bytes()


def failure(name):
    batch = parse(post(name), NOW).batch
    assert (len(batch.failures), batch.set_aside, batch.successes) == (1, (), ())
    return batch.failures[0]


def changed(name, **fields):
    """The one event of a payload with some fields told otherwise; None takes one out."""
    [event] = json.loads(post(name))
    told = {key: value for key, value in {**event, **fields}.items() if value is not None}
    return json.dumps([told]).encode()


KINDS = {
    "deferred": Kind.DEFERRED,
    "deferred_by_sendgrid": Kind.DEFERRED,
    "deferred_as_documented": Kind.DEFERRED,
    "bounce_hard": Kind.HARD_BOUNCE,
    "bounce_blocked": Kind.SOFT_BOUNCE,
    "bounce_blocked_without_status": Kind.SOFT_BOUNCE,
    "bounce_expired": Kind.SOFT_BOUNCE,
    "bounce_without_type_hard": Kind.HARD_BOUNCE,
    "bounce_without_type_soft": Kind.SOFT_BOUNCE,
    "bounce_without_type_and_status": Kind.UNCLASSIFIED,
    "bounce_of_unknown_type": Kind.UNCLASSIFIED,
    "bounce_async": Kind.SOFT_BOUNCE,
    "spamreport": Kind.SPAM_REPORT,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
}

DROPS = {
    "bounced": DroppedBy.BOUNCE_LIST,
    "odd_spelling": DroppedBy.BOUNCE_LIST,
    "invalid_as_seen": DroppedBy.INVALID_LIST,
    "invalid_as_documented": DroppedBy.INVALID_LIST,
    "spam_report": DroppedBy.SPAM_REPORT_LIST,
    "unsubscribed": DroppedBy.UNSUBSCRIBE_LIST,
    "over_quota": DroppedBy.OVER_QUOTA,
    "spam_content": DroppedBy.SPAM_CONTENT,
    "bad_header": DroppedBy.BAD_HEADER,
    "duplicate": DroppedBy.DUPLICATE,
    "otherwise": DroppedBy.OTHER,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_the_fields_alone_decide_the_kind(name, kind):
    told = failure(name)
    assert (told.kind, told.dropped_by) == (kind, None)


@pytest.mark.parametrize(("name", "dropped_by"), DROPS.items())
def test_a_drop_says_which_list_or_reason_stopped_it(name, dropped_by):
    told = failure(f"dropped_{name}")
    assert (told.kind, told.dropped_by) == (Kind.DROPPED, dropped_by)
    assert told.reading == Reading()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("5.1.1", "", Kind.HARD_BOUNCE),
        ("4.2.2", "550", Kind.SOFT_BOUNCE),
        ("", "550", Kind.HARD_BOUNCE),
        ("", "451", Kind.SOFT_BOUNCE),
        ("", "", Kind.UNCLASSIFIED),
    ],
)
def test_of_mail_that_another_carries_only_the_reply_is_known(status, code, kind):
    assert judged(status, code, "it came back") == (kind, False)


def test_a_hard_bounce_is_told_with_all_that_it_says():
    told = failure("bounce_hard")
    assert (told.source, told.medium) == (Source.SENDGRID_EVENTS, Medium.EMAIL)
    assert told.recipient == "Hanako@Example.jp"
    assert told.occurred_at == SENT_AT + timedelta(seconds=31)
    assert (told.smtp_code, told.status) == ("550", "5.1.1")
    assert told.provider_text == "550 5.1.1 no such person here"
    assert told.reading.cause is Cause.USER_UNKNOWN
    assert json.loads(told.raw)["sg_event_id"] == "ZXZ0LWV4YW1wbGUt4"


def test_a_deferral_speaks_in_response_and_its_status_stands_in_the_words():
    told = failure("deferred")
    assert told.provider_text.startswith("451 4.7.1")
    assert (told.smtp_code, told.status) == ("451", "4.7.1")
    assert told.reading.cause is Cause.THROTTLED


def test_numbers_may_come_as_text_and_text_as_numbers():
    told = failure("deferred_as_documented")
    assert told.occurred_at == SENT_AT
    assert told.provider_text == "421 4.4.2 connection timed out"


def test_empty_categories_are_left_out_of_the_tag():
    assert failure("bounce_hard").tag == "monthly, survey"
    assert failure("bounce_blocked").tag == "survey"
    assert failure("bounce_async").tag == ""


def test_without_categories_a_subject_among_the_custom_arguments_is_the_tag():
    told = parse(changed("deferred", subject="安否確認"), NOW).batch.failures[0]
    assert told.tag == "安否確認"


def test_the_hosts_own_id_names_the_notification():
    assert failure("bounce_hard").reference == "n-1002"
    assert parse(post("delivered"), NOW).batch.successes[0].reference == "n-1001"


def test_the_hosts_id_may_have_another_name():
    body = changed("deferred", notif_id=None, mail_no=17)
    assert parse(body, NOW, host_ids=("mail_no",)).batch.failures[0].reference == "17"


def test_a_name_of_the_vendors_is_never_the_hosts_id():
    told = parse(post("bounce_blocked"), NOW, host_ids=("type",)).batch.failures[0]
    assert told.reference == "Ab12Cd34Ef56Gh78Ij90Kl"


@pytest.mark.parametrize(
    ("message_id", "smtp_id", "reference"),
    [
        ("Ab12Cd34Ef56Gh78Ij90Kl.recvd-6f7c-1.0", None, "Ab12Cd34Ef56Gh78Ij90Kl"),
        (None, "<Ab12Cd34Ef56Gh78Ij90Kl@geopod-ismtpd-7>", "Ab12Cd34Ef56Gh78Ij90Kl"),
        ("filter0093p1las1-203-5746-3.0", "<Ab12Cd34Ef56Gh78Ij90Kl@x>", "Ab12Cd34Ef56Gh78Ij90Kl"),
        ("filter0093p1las1-203-5746-3.0", None, "filter0093p1las1-203-5746-3.0"),
        (None, "<20261123.1@mail.example.co.jp>", "<20261123.1@mail.example.co.jp>"),
        (None, None, ""),
    ],
)
def test_without_it_the_message_is_named_by_the_part_all_its_events_share(
    message_id, smtp_id, reference
):
    body = changed("deferred", notif_id=None, sg_message_id=message_id, **{"smtp-id": smtp_id})
    assert parse(body, NOW).batch.failures[0].reference == reference


def test_a_late_bounce_has_no_id_and_is_kept_all_the_same():
    told = failure("bounce_async")
    assert (told.reference, told.recipient) == ("", "siro@example.jp")


def test_a_delivery_is_a_success_and_no_failure():
    parsed = parse(post("delivered"), NOW)
    [success] = parsed.batch.successes
    assert (success.recipient, parsed.batch.failures) == ("taro@example.jp", ())
    assert success.occurred_at == SENT_AT + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("name", "count"),
    [("processed_open_click", 3), ("group_resubscribe", 1), ("dashboard_test", 11)],
)
def test_what_is_no_failure_and_the_dashboards_test_are_ignored(name, count):
    parsed = parse(post(name), NOW)
    assert parsed.ignored == count
    assert parsed.batch.failures == parsed.batch.successes == parsed.batch.set_aside == ()


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("compliance_suspend", AccountChange.SUSPENDED),
        ("compliance_deactivate", AccountChange.SUSPENDED),
        ("compliance_ban", AccountChange.BANNED),
        ("reactivate", AccountChange.REACTIVATED),
        ("something_new", AccountChange.CHANGED),
    ],
)
def test_a_change_of_the_account_is_an_alarm(word, change):
    parsed = parse(changed("account_suspended", type=word), NOW)
    [alarm] = parsed.alarms
    assert (alarm.change, alarm.word) == (change, word)
    assert alarm.occurred_at == SENT_AT + timedelta(seconds=1000500)


def test_a_drop_without_an_address_is_set_aside():
    [aside] = parse(post("dropped_without_address"), NOW).batch.set_aside
    assert aside.reason == "email: empty, so nobody is concerned"
    assert json.loads(aside.body)["reason"] == "Invalid"


def test_what_cannot_be_understood_spoils_nothing_else():
    batch = parse(post("one_good_among_broken"), NOW).batch
    assert [one.recipient for one in batch.failures] == ["hanako@example.jp"]
    assert len(batch.set_aside) == 12
    assert all(one.source is Source.SENDGRID_EVENTS for one in batch.set_aside)


def test_the_reason_for_setting_aside_names_the_field():
    reasons = [one.reason for one in parse(post("one_good_among_broken"), NOW).batch.set_aside]
    assert "Expected `object`, got `str`" in reasons
    assert "Object missing required field `timestamp`" in reasons
    assert "Expected `float`, got `str` - at `$.timestamp`" in reasons
    assert "event: 'teleported' is not a name that we know" in reasons


@pytest.mark.parametrize(
    ("ahead", "kept"), [(timedelta(minutes=59), 1), (timedelta(minutes=61), 0)]
)
def test_a_clock_may_be_wrong_by_an_hour_and_no_more(ahead, kept):
    body = changed("bounce_hard", timestamp=int((NOW + ahead).timestamp()))
    assert len(parse(body, NOW).batch.failures) == kept


@pytest.mark.parametrize("timestamp", ["nan", "inf", 0, 1e300])
def test_a_time_that_cannot_be_is_set_aside(timestamp):
    batch = parse(changed("bounce_hard", timestamp=timestamp), NOW).batch
    assert (len(batch.set_aside), batch.failures) == (1, ())


def test_half_a_surrogate_pair_spoils_its_own_element_alone():
    body = post("bounce_hard").rstrip()[:-1] + rb',{"email":"\ud83d","event":"deferred"}]'
    batch = parse(body, NOW).batch
    assert (len(batch.failures), len(batch.set_aside)) == (1, 1)


def test_bytes_that_are_no_utf8_are_kept_as_they_came():
    body = post("bounce_hard").rstrip()[:-1] + b',{"email":"t\xe9@example.jp"}]'
    batch = parse(body, NOW).batch
    assert len(batch.failures) == 1
    assert batch.set_aside[0].body == b'{"email":"t\xe9@example.jp"}'


def test_a_nul_never_reaches_the_storage():
    body = changed("bounce_hard", email="ha\0nako@example.jp", reason="550 no\0 such user")
    told = parse(body, NOW).batch.failures[0]
    assert (told.recipient, told.provider_text) == ("hanako@example.jp", "550 no such user")
    assert "\0" not in told.raw


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'"bounce"', b"[{]", b"[" * 100_000])
def test_a_body_that_is_no_array_is_an_error_with_a_mend(body):
    with pytest.raises(ValueError, match="send"):
        parse(body, NOW)


def test_told_again_an_event_has_the_same_fingerprint_whatever_its_event_id():
    first = failure("deferred")
    again = parse(changed("deferred", sg_event_id="b3RoZXI", tls=0, email="Taro@example.jp"), NOW)
    assert again.batch.failures[0].source_id == first.source_id


@pytest.mark.parametrize(
    "fields",
    [
        {"attempt": "1"},
        {"timestamp": 1790000001},
        {"email": "jiro@example.jp"},
        {"response": "451 4.7.1 come back later"},
        {"sg_message_id": "Zz98Yy76Xx54Ww32Vv10Uu.recvd-6f7c-1-6AC1-2.5"},
        {"event": "bounce"},
        {"type": "blocked"},
    ],
)
def test_another_fact_has_another_fingerprint(fields):
    other = parse(changed("deferred", **fields), NOW).batch.failures[0]
    assert other.source_id != failure("deferred").source_id


def test_no_two_of_the_example_events_share_a_fingerprint():
    told = [
        one.source_id
        for path in PAYLOADS.glob("*.json")
        for one in parse(path.read_bytes(), NOW).batch.failures
        if path.stem != "dropped_odd_spelling"
    ]
    assert len(told) == len(set(told)) > 20


SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [*KINDS, "bounce", "deferred", "dropped", "delivered", "open", "spamreport"]
)
NEARLY_AN_EVENT = st.fixed_dictionaries(
    {},
    optional={
        "event": NAMES | SOMETHING,
        "email": st.sampled_from(["taro@example.jp", ""]) | SOMETHING,
        "timestamp": st.integers(0, 2_000_000_000) | SOMETHING,
        "type": st.sampled_from(["bounce", "blocked"]) | SOMETHING,
        "reason": SOMETHING,
        "attempt": SOMETHING,
        "category": SOMETHING,
        "notif_id": SOMETHING,
        "sg_message_id": SOMETHING,
    },
)


@given(st.lists(SOMETHING | NEARLY_AN_EVENT, max_size=6))
def test_whatever_is_in_the_array_every_element_is_accounted_for(elements):
    parsed = parse(json.dumps(elements).encode(), NOW)
    batch = parsed.batch
    kept = len(batch.failures) + len(batch.successes) + len(batch.set_aside)
    assert kept + parsed.ignored + len(parsed.alarms) == len(elements)


@given(st.binary(max_size=200))
def test_bytes_are_understood_or_refused_with_a_value_error(body):
    with contextlib.suppress(ValueError):
        assert isinstance(parse(body, NOW), Parsed)
