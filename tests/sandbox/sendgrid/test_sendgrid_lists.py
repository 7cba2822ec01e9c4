"""The suppression lists, driven by the vendor's own package."""

import time
from urllib.parse import quote

import pytest
from python_http_client import exceptions
from sendgrid import SendGridAPIClient

from sandbox.sendgrid import DELETE_KEY, HOST_KEY, READ_KEY


@pytest.fixture
def api(sandbox):
    def client(key):
        api = SendGridAPIClient(key, host=sandbox.url).client
        api.timeout = 5
        return api

    return client


@pytest.fixture
def bounce(sandbox):
    def bounce(*emails, **script):
        for email in emails:
            sandbox.control("outcomes", **{email: {"outcome": "bounce"} | script})
            assert sandbox.send(email).status_code == 202

    return bounce


def emails(answer):
    return [element["email"] for element in answer.to_dict]


def test_a_bounce_is_listed_with_its_reason_and_status(api, bounce, clock):
    bounce("taro@example.jp", status="5.2.1", reason="550 5.2.1 closed")
    [entry] = api(READ_KEY).suppression.bounces.get().to_dict
    assert (entry["email"], entry["reason"]) == ("taro@example.jp", "550 5.2.1 closed")
    assert entry["status"] == "5.2.1"
    assert abs(entry["created"] - clock.now().timestamp()) < 5


def test_a_filter_by_address_is_a_prefix_in_which_percent_stands_for_anything(api, bounce):
    bounce("a@example.co", "a@example.com", "b@example.com")
    bounces = api(READ_KEY).suppression.bounces
    assert set(emails(bounces.get(query_params={"email": "A@example.co"}))) == {
        "a@example.co",
        "a@example.com",
    }
    assert set(emails(bounces.get(query_params={"email": "%.com"}))) == {
        "a@example.com",
        "b@example.com",
    }


def test_the_filter_is_exact_for_invalid_addresses(api, sandbox):
    sandbox.control("outcomes", **{"@example.test": {"outcome": "invalid"}})
    sandbox.send("a@example.test")
    invalid = api(READ_KEY).suppression.invalid_emails
    assert emails(invalid.get(query_params={"email": "a@example"})) == []
    assert emails(invalid.get(query_params={"email": "a@example.test"})) == ["a@example.test"]


def test_pages_are_cut_by_limit_and_offset(api, bounce):
    bounce(*(f"p{number}@example.jp" for number in range(5)))
    bounces = api(READ_KEY).suppression.bounces
    pages = [emails(bounces.get(query_params={"limit": 2, "offset": at})) for at in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({email for page in pages for email in page}) == 5


@pytest.mark.parametrize("query", [{"limit": 501}, {"limit": 0}, {"offset": -1}, {"limit": "x"}])
def test_a_page_out_of_range_is_refused(api, query):
    with pytest.raises(exceptions.BadRequestsError):
        api(READ_KEY).suppression.bounces.get(query_params=query)


def test_start_and_end_time_are_inclusive(api, bounce):
    bounce("taro@example.jp")
    bounces = api(READ_KEY).suppression.bounces
    created = bounces.get().to_dict[0]["created"]

    def between(start, end):
        return emails(bounces.get(query_params={"start_time": start, "end_time": end}))

    assert between(created, created) == ["taro@example.jp"]
    assert between(created + 1, created + 9) == between(created - 9, created - 1) == []


def test_one_address_is_a_list_of_one_or_none(api, bounce):
    bounce("taro+x/y@example.jp")
    bounces = api(READ_KEY).suppression.bounces
    assert emails(bounces._(quote("Taro+x/y@example.jp", safe="")).get()) == ["taro+x/y@example.jp"]
    assert bounces._("nobody@example.jp").get().to_dict == []


@pytest.mark.parametrize("kind", ["bounces", "blocks", "spam_reports", "invalid_emails"])
def test_a_second_delete_answers_404(api, sandbox, kind):
    outcome = {"bounces": "bounce", "blocks": "block", "invalid_emails": "invalid"}
    script = {"outcome": outcome.get(kind, "spam"), "after": 0}
    sandbox.control("outcomes", **{"taro@example.jp": script})
    sandbox.send("taro@example.jp")
    entry = api(HOST_KEY).suppression._(kind)._("taro@example.jp")
    assert entry.delete().status_code == 204
    with pytest.raises(exceptions.NotFoundError):
        entry.delete()


def test_a_second_delete_of_a_global_unsubscribe_answers_204(api, sandbox):
    sandbox.control("event", event="unsubscribe", email="taro@example.jp")
    entry = api(HOST_KEY).asm.suppressions._("global")._("taro@example.jp")
    assert entry.get().to_dict == {"recipient_email": "taro@example.jp"}
    assert [entry.delete().status_code, entry.delete().status_code] == [204, 204]
    assert entry.get().to_dict == {}


def test_a_group_unsubscribe_shows_in_every_view_of_the_groups(api, sandbox):
    event = {"event": "group_unsubscribe", "email": "taro@example.jp", "asm_group_id": 31001}
    sandbox.control("event", **event)
    asm = api(READ_KEY).asm
    found = asm.suppressions._("taro@example.jp").get().to_dict["suppressions"]
    assert {group["id"]: group["suppressed"] for group in found} == {31001: True, 31002: False}
    assert asm.groups.get().to_dict[0]["unsubscribes"] == 1
    assert asm.groups._("31001").suppressions.get().to_dict == ["taro@example.jp"]
    assert asm.suppressions.get().to_dict[0]["group_id"] == 31001


@pytest.mark.parametrize("body", [{"emails": ["taro@example.jp"]}, {"delete_all": True}])
def test_no_key_may_empty_a_list(api, bounce, body):
    bounce("taro@example.jp")
    bounces = api(HOST_KEY).suppression.bounces
    with pytest.raises(exceptions.ForbiddenError):
        bounces.delete(request_body=body)
    assert emails(bounces.get()) == ["taro@example.jp"]


def test_keys_may_only_what_their_scopes_say(api):
    reads = set(api(READ_KEY).scopes.get().to_dict["scopes"])
    deletes = set(api(DELETE_KEY).scopes.get().to_dict["scopes"])
    assert deletes - reads == {"suppression.bounces.delete", "suppression.invalid_emails.delete"}
    with pytest.raises(exceptions.ForbiddenError) as refused:
        api(DELETE_KEY).suppression.spam_reports._("taro@example.jp").delete()
    assert b'"access forbidden"' in refused.value.body


def test_an_unknown_key_is_refused(api):
    with pytest.raises(exceptions.UnauthorizedError) as refused:
        api("SG.nobody").suppression.bounces.get()
    assert b'"authorization required"' in refused.value.body


def test_too_many_calls_close_the_endpoint_until_the_reset(api, sandbox):
    sandbox.control("faults", rate=0)
    with pytest.raises(exceptions.TooManyRequestsError) as refused:
        api(READ_KEY).suppression.blocks.get()
    headers = refused.value.headers
    assert headers["X-RateLimit-Remaining"] == "0"
    assert 0 < int(headers["X-RateLimit-Reset"]) - time.time() <= 60


def test_faults_take_scopes_away_and_stop_the_service(api, sandbox):
    sandbox.control("faults", revoked=["suppression.bounces.read"])
    with pytest.raises(exceptions.ForbiddenError):
        api(READ_KEY).suppression.bounces.get()
    sandbox.control("faults", status=503)
    with pytest.raises(exceptions.ServiceUnavailableError):
        api(READ_KEY).suppression.blocks.get()


def test_exchanges_are_noted_without_the_key(api, sandbox, calls):
    api(READ_KEY).suppression.bounces.get()
    [noted] = calls.newest
    assert (noted.vendor, noted.direction, noted.status) == ("sendgrid", "in", 200)
    assert READ_KEY not in str(noted)


def test_a_page_can_come_short(api, bounce, sandbox):
    bounce("a@example.jp", "b@example.jp", "c@example.jp")
    bounces = api(READ_KEY).suppression.bounces
    sandbox.control("faults", cut={"0": 1})
    assert len(bounces.get(query_params={"limit": "2", "offset": "0"}).to_dict) == 1
    assert len(bounces.get(query_params={"limit": "2", "offset": "2"}).to_dict) == 1


def test_a_list_can_change_between_two_pages(api, bounce, sandbox):
    bounce("a@example.jp", "b@example.jp")
    bounces = api(READ_KEY).suppression.bounces
    sandbox.control("faults", leaving=["a@example.jp"])
    assert len(bounces.get(query_params={"offset": "0"}).to_dict) == 2
    assert emails(bounces.get(query_params={"offset": "0"})) == ["b@example.jp"]
