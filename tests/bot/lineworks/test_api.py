"""A call is repeated only where nothing can have been done."""

from __future__ import annotations

import threading

import pytest

from bot import http
from bot.lineworks.api import Api, messages_path
from bot.lineworks.errors import LineWorksError
from storage.failures import Kind

RATE = {"code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"}
PATH = "/bots/7/users/taro/messages"


def refused(api):
    with pytest.raises(LineWorksError) as caught:
        api.post(PATH, {})
    return caught.value


def test_a_call_is_signed_in_and_says_that_it_is_json(api, vendor):
    api.post(PATH, {"content": {"text": "花"}})
    (call,) = vendor.calls
    assert (call.method, call.target) == ("POST", f"/v1.0{PATH}")
    assert call.header("Authorization") == "Bearer AAA+/="
    assert call.header("Content-Type") == "application/json"
    assert call.json == {"content": {"text": "花"}}


def test_an_id_stays_one_segment_of_the_path():
    assert messages_path("7", "users", "a/b?x@example.jp") == (
        "/bots/7/users/a%2Fb%3Fx%40example.jp/messages"
    )


def test_a_refused_token_is_renewed_once(api, vendor):
    vendor.will_say(401, {"code": "UNAUTHORIZED"})
    vendor.token(access_token="OLD", expires_in=9999)
    vendor.token(access_token="NEW", expires_in=9999)
    api.post(PATH, {})
    assert [call.header("Authorization") for call in vendor.calls] == ["Bearer OLD", "Bearer NEW"]


@pytest.mark.parametrize(
    ("headers", "calls"), [(['WWW-AUTHENTICATE: Bearer error="insufficient_scope"'], 2), ([], 1)]
)
def test_a_token_that_lacks_a_scope_is_not_used_again(api, vendor, headers, calls):
    vendor.will_say(403, {"code": "FORBIDDEN", "description": "Forbidden"}, *headers)
    refused(api)
    api.post(PATH, {})
    assert len(vendor.token_calls) == calls


def test_a_token_refused_twice_is_bad_credentials(api, vendor):
    vendor.will_say(401)
    vendor.will_say(401)
    assert refused(api).kind is Kind.BAD_CREDENTIALS
    assert len(vendor.calls) == 2


@pytest.mark.parametrize(("status", "body"), [(429, RATE), (503, b""), (500, b"oops")])
def test_the_rate_and_the_providers_trouble_are_waited_out(api, vendor, status, body):
    vendor.will_say(status, body)
    assert api.post(PATH, {}).status_code == 201
    assert len(vendor.calls) == 2


def test_waiting_has_an_end(api, vendor):
    for _ in range(4):
        vendor.will_say(503)
    assert refused(api).kind is Kind.PROVIDER_DOWN
    assert len(vendor.calls) == 3


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b"", Kind.DAILY_CAP_SUSPECTED),
        (404, {"code": "USER_NOT_EXIST"}, Kind.NO_SUCH_ID),
        (504, b"", Kind.UNANSWERED),
    ],
)
def test_what_waiting_does_not_mend_is_not_repeated(api, vendor, status, body, kind):
    vendor.will_say(status, body)
    assert refused(api).kind is kind
    assert len(vendor.calls) == 1


def test_a_line_that_breaks_may_have_delivered_and_is_not_repeated(api, vendor):
    vendor.will_break_off()
    error = refused(api)
    assert (error.kind, error.unanswered) == (Kind.UNANSWERED, True)
    assert len(vendor.calls) == 1


def test_a_vendor_that_cannot_be_reached_is_down(tokens, client):
    tokens.current()
    error = refused(Api("http://127.0.0.1:1/v1.0", tokens, client))
    assert (error.kind, error.unanswered) == (Kind.PROVIDER_DOWN, False)


def test_an_answer_that_does_not_come_in_time_may_have_arrived(tokens, vendor):
    vendor.will_hang()
    with http.client(read=0.05) as hasty:
        assert refused(Api(f"{vendor.url}/v1.0", tokens, hasty)).unanswered


def test_the_word_of_an_error_names_nobody(api, vendor):
    vendor.will_say(404, {"code": "USER_NOT_EXIST", "description": "taro@example.jp"})
    assert refused(api).word == "no_such_id: USER_NOT_EXIST"


def test_a_token_is_not_carried_to_another_kind_of_address(tokens, client):
    with pytest.raises(LineWorksError, match="upload_url_unsafe"):
        Api("https://www.worksapis.com/v1.0", tokens, client).upload("http://127.0.0.1/", "a", b"")


def test_one_room_has_one_sender_at_a_time(api):
    order = []

    def second():
        with api.alone_in("r"):
            order.append("second")

    thread = threading.Thread(target=second)
    with api.alone_in("r"):
        thread.start()
        with api.alone_in("another"):
            thread.join(0.05)
            order.append("first")
    thread.join()
    assert order == ["first", "second"]
