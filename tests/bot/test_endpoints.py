"""What arrives by HTTP: verified, understood, stored before it is answered."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import endpoints
from bot.host import push
from bot.sendgrid.kinds import judged
from bot.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER
from bot.vocabulary import vocabulary
from handlers import inbox
from handlers.causes import built_in
from handlers.house import House, Policy
from storage.failures import Kind, Medium, Source
from storage.opening import open_store
from storage.views import CaseQuery
from tests.bot.webhook import Webhook
from tests.fakes import TOKYO, FakeClock
from tests.rule_sets import rule_set_of

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
BOUNCE = {
    "email": "taro@example.jp",
    "event": "bounce",
    "type": "bounce",
    "timestamp": int(NOW.timestamp()) - 60,
    "status": "5.1.1",
    "reason": "550 5.1.1 no such person",
    "sg_event_id": "Zm9v",
}


@pytest.fixture
def house(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'e.db'}")
    policy = Policy(admin_channel="slack:CADMINS")
    yield House(
        tenant="t",
        store=store,
        clock=FakeClock(NOW),
        zone=TOKYO,
        locale="ja",
        policy=policy,
        chats={},
    )
    store.close()


@pytest.fixture
def webhook(house):
    return Webhook(house)


def recipients(house):
    return [case.recipient for case in house.store.cases(house.tenant, CaseQuery())]


def test_a_signed_post_is_stored_before_it_is_answered(house, webhook):
    assert webhook.post([BOUNCE]).status == 204
    assert recipients(house) == ["taro@example.jp"]


def test_what_arrives_is_read_by_the_rules_of_the_house(house):
    row = {"name": "ours", "cause": "policy_blocked", "words": ["no such"], "tier": "operator"}
    own = replace(house, rules=rule_set_of(row))
    assert Webhook(own).post([BOUNCE]).status == 204
    [stored] = own.store.failures("t", Medium.EMAIL, "taro@example.jp")
    assert (stored.reading.rule, stored.reading.rule_set) == ("ours", own.rules.version)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({SIGNATURE_HEADER.lower(): ""}, 401),
        ({TIMESTAMP_HEADER.lower(): ""}, 401),
        ({SIGNATURE_HEADER.lower(): "bm9uc2Vuc2U="}, 403),
        ({TIMESTAMP_HEADER.lower(): "1"}, 403),
    ],
)
def test_a_bad_or_missing_signature_stores_nothing(house, webhook, headers, status):
    assert webhook.post([BOUNCE], **headers).status == status
    assert recipients(house) == []
    assert house.store.coverage(house.tenant) == []


def test_a_post_that_another_tenants_key_signed_is_refused_and_stores_nothing(house, webhook):
    stranger = Webhook(replace(house, tenant="other"))
    body, headers = stranger.signed([BOUNCE])
    assert webhook.endpoint(body, headers).status == 403
    assert recipients(house) == []
    assert stranger.endpoint(body, headers).status == 204
    assert recipients(house) == []


def test_while_one_post_is_read_the_next_is_kept_before_it_is_answered(house, webhook):
    with house.reading:
        assert webhook.post([BOUNCE]).status == 204
        assert webhook.post([BOUNCE], **{SIGNATURE_HEADER.lower(): "bm9uc2Vuc2U="}).status == 403
    body, _ = webhook.signed([BOUNCE])
    assert [one.body for one in house.store.first_in_inbox(house.tenant, 9)] == [body]
    assert recipients(house) == []
    inbox.read(replace(house, vocabulary=vocabulary()))
    assert recipients(house) == ["taro@example.jp"]


def test_a_malformed_element_is_set_aside_and_spoils_no_other(house, webhook):
    assert webhook.post([{"event": 1}, BOUNCE, "x"]).status == 204
    assert recipients(house) == ["taro@example.jp"]
    bodies = [one.body for one in house.store.quarantined(house.tenant, 0, 9)]
    assert bodies == [b'{"event": 1}', b'"x"']


@pytest.mark.parametrize("body", [b'{"event":"bounce"}', b"<html>\xff", b"", b"[" * 100_000])
def test_a_signed_body_that_nobody_can_read_is_kept_whole_and_taken(house, webhook, body):
    # Answered otherwise, SendGrid would repeat it for a day and then drop it.
    assert [webhook.post(body).status for _ in range(2)] == [204, 204]
    [kept] = house.store.quarantined(house.tenant, 0, 9)
    assert (kept.body, kept.whole, kept.times) == (body, True, 2)
    assert "JSON" in kept.reason
    [notice] = house.store.due_notices(house.tenant, NOW, 9)
    assert notice.subject.startswith("post_unreadable|")


def test_a_repeated_post_is_one_failure(house, webhook):
    for event_id in ("one", "two"):
        webhook.post([{**BOUNCE, "sg_event_id": event_id}])
    assert house.store.case(house.tenant, Medium.EMAIL, "taro@example.jp").times_seen == 1


def test_a_suspended_account_alarms_the_admins_once(house, webhook):
    event = {
        "event": "account_status_change",
        "sg_event_id": "a",
        "timestamp": BOUNCE["timestamp"],
        "type": "compliance_suspend",
    }
    for _ in range(2):
        assert webhook.post([event]).status == 204
    notices = house.store.due_notices(house.tenant, NOW, 9)
    assert [one.topic for one in notices] == ["alarm"]
    assert "account_suspended" in notices[0].subject


def test_a_used_up_plan_is_one_alarm_a_day_whether_a_drop_names_somebody_or_not(house, webhook):
    over = {**BOUNCE, "event": "dropped", "reason": "Recipient List over Package Quota"}
    later = {**over, "timestamp": BOUNCE["timestamp"] + 9, "email": ""}
    assert webhook.post([over, later]).status == 204
    assert webhook.post([{**later, "timestamp": BOUNCE["timestamp"] + 19}]).status == 204
    notices = house.store.due_notices(house.tenant, NOW, 9)
    assert [one.subject.partition("|")[0] for one in notices] == ["over_quota"]


TOKEN = {"authorization": "Bearer push", "content-type": "application/json"}


@pytest.fixture
def failures(house):
    rules = push.Rules(
        causes=built_in(),
        classify=dict.fromkeys(Medium, judged),
        seal=None,
        resendable=lambda body: True,
        deadline=lambda at: at,
    )
    return endpoints.failures(house, ["push"], rules)


@pytest.fixture
def people(house):
    return endpoints.persons(house, ["push"])


TOLD = {"id": "n-1", "medium": "line_works", "recipient": "x@works", "kind": "no_such_id"}


def test_a_failure_told_again_otherwise_is_answered_what_differs(house, failures):
    told = TOLD | {"occurred_at": NOW.isoformat()}
    failures(json.dumps(told).encode(), TOKEN)
    body = json.dumps([told, told | {"tag": "other"}, told | {"kind": "unanswered"}]).encode()
    answered = json.loads(failures(body, TOKEN).body)
    assert [(one["state"], one.get("note", "")) for one in answered["elements"]] == [
        ("repeated", ""),
        ("repeated", "told before with another tag: the first telling stands"),
        ("accepted", ""),
    ]
    [newest, first] = house.store.failures(house.tenant, Medium.LINE_WORKS, "x@works")
    assert {newest.kind, first.kind} == {Kind.NO_SUCH_ID, Kind.UNANSWERED}
    # Another kind is a further word on the same notification.
    assert house.store.case(house.tenant, Medium.LINE_WORKS, "x@works").times_seen == 1


def test_too_many_elements_are_answered_with_the_limit_and_nothing_is_kept(house, failures):
    told = TOLD | {"occurred_at": NOW.isoformat()}
    answer = failures(json.dumps([told] * 5001).encode(), TOKEN)
    assert (answer.status, json.loads(answer.body)["limit"]) == (413, 5000)
    assert recipients(house) == []


def test_of_two_tellings_of_a_person_in_one_body_the_last_counts(house, people):
    told = [{"id": "u", "name": name, "email": "x@example.jp"} for name in ("first", "last")]
    assert people(json.dumps(told).encode(), TOKEN).status == 200
    assert house.store.person_of(house.tenant, Medium.EMAIL, "x@example.jp").name == "last"


def test_a_host_may_tell_failures_itself(house, failures):
    answer = failures(json.dumps(TOLD | {"occurred_at": NOW.isoformat()}).encode(), TOKEN)
    assert answer.status == 200
    case = house.store.case(house.tenant, Medium.LINE_WORKS, "x@works")
    assert case.kind is Kind.NO_SUCH_ID
    assert [one.source for one in house.store.coverage(house.tenant)] == [Source.HOST_PUSH]


def test_what_a_host_tells_adds_up_told_twice_partly_known_and_empty(house, failures):
    def told(*ids):
        return json.dumps([TOLD | {"id": one, "occurred_at": NOW.isoformat()} for one in ids])

    posts = (told("a", "b"), told("a", "b"), told("b", "c", "c"), "[]", '[{"id": "odd"}]')
    sums = []
    for post in posts:
        answer = json.loads(failures(post.encode(), TOKEN).body)
        sums.append((answer["accepted"], answer["repeated"], answer["error"]))
    assert sums == [(2, 0, 0), (0, 2, 0), (1, 2, 0), (0, 0, 0), (0, 0, 1)]
    [tally] = house.store.tallies(house.tenant)
    assert (tally.elements, tally.new, tally.repeated, tally.set_aside) == (7, 3, 4, 0)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"[]", 401),
        ({"authorization": "Bearer other"}, b"[]", 401),
        ({**TOKEN, "content-type": "text/plain"}, b"[]", 415),
        ({**TOKEN, "content-type": "application/jsonx"}, b"[]", 415),
        (TOKEN, b"{", 400),
        (TOKEN, b'{"id":"n"}', 400),
    ],
)
def test_what_a_host_must_mend_is_named(failures, people, headers, body, status):
    for endpoint in (failures, people):
        answer = endpoint(body, headers)
        assert answer.status == status
        assert json.loads(answer.body)


@pytest.mark.parametrize(
    "told", ["APPLICATION/JSON", "Application/Json;charset=UTF-8", "application/json ; a=b"]
)
def test_the_content_type_is_read_in_any_case_with_whatever_follows(failures, people, told):
    for endpoint in (failures, people):
        assert endpoint(b"[]", {**TOKEN, "content-type": told}).status == 200


def test_people_are_known_by_address_and_by_none_on_purpose(house, people):
    told = [
        {"id": "1", "name": "山田", "email": "taro@example.jp", "line_works_id": "taro@works"},
        {"id": "2", "name": "鈴木", "no_address": True},
    ]
    assert people(json.dumps(told).encode(), TOKEN).status == 200
    assert house.store.person_of(house.tenant, Medium.LINE_WORKS, "taro@works").name == "山田"
    assert house.store.find_people(house.tenant, "鈴木")[0].no_address
