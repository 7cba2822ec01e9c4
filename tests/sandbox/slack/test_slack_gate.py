"""Tokens, scopes, arguments and rates of the Web API."""

import json

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import seed


def post(slack, method, token=seed.BOT_TOKEN, **request):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    url = f"{slack.base_url}/api/{method}"
    return httpx.post(url, headers=headers, trust_env=False, **request)


def test_the_bot_learns_who_it_is(web):
    answer = web.auth_test()
    assert answer["user_id"] == seed.BOT_USER
    assert answer["team_id"] == seed.TEAM


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-someone-else", "invalid_auth")]
)
def test_a_call_without_the_right_token_is_refused_with_200(slack, token, error):
    answer = post(slack, "auth.test", token)
    assert answer.status_code == 200
    assert answer.json() == {"ok": False, "error": error}


def test_a_revoked_token_opens_nothing(web, control, refusal):
    control("faults", token_revoked=True)
    assert refusal(web.auth_test)["error"] == "token_revoked"


def test_a_missing_scope_is_named_with_those_that_were_given(web, control, refusal):
    control("faults", scopes=["commands", "users:read"])
    answer = refusal(web.chat_postMessage, channel="C0DIGEST1", text="hi")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert answer["provided"] == "commands,users:read"


def test_an_unknown_method_is_said_to_be_unknown(web, refusal):
    assert refusal(lambda: web.api_call("chat.shout"))["error"] == "unknown_method"


def test_a_missing_argument_is_named(web, refusal):
    answer = refusal(lambda: web.api_call("chat.update", json={"channel": "C0DIGEST1"}))
    assert answer["error"] == "invalid_arguments"
    assert "missing required field: ts" in answer["errors"]


def test_forms_and_json_are_both_read(slack):
    blocks = [{"type": "divider"}]
    form = {"channel": "C0DIGEST1", "text": "a", "blocks": json.dumps(blocks)}
    body = {**form, "blocks": blocks}
    for answer in (
        post(slack, "chat.postMessage", data=form),
        post(slack, "chat.postMessage", json=body),
    ):
        assert answer.json()["message"]["blocks"][0]["type"] == "divider"


def test_json_is_not_read_where_slack_does_not_read_it(slack):
    answer = post(slack, "users.info", json={"user": "U0MEMBER1"})
    assert answer.json()["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("body", "error"), [("{", "invalid_json"), ('{"blocks": "["}', "invalid_blocks_format")]
)
def test_broken_json_is_refused(slack, body, error):
    kind = {"content-type": "application/json"}
    url = f"{slack.base_url}/api/chat.postMessage?token={seed.BOT_TOKEN}"
    assert httpx.post(url, content=body, headers=kind, trust_env=False).json()["error"] == error


def test_the_sixth_message_at_once_in_a_channel_has_to_wait(web):
    for number in range(5):
        web.chat_postMessage(channel="C0DIGEST1", text=str(number))
    with pytest.raises(SlackApiError) as caught:
        web.chat_postMessage(channel="C0DIGEST1", text="6")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert web.chat_postMessage(channel="C0APPROVE", text="elsewhere")["ok"]


def test_a_rate_limit_can_be_switched_on_for_some_calls(web, control, refusal):
    control("faults", rate_limited=1)
    assert refusal(web.auth_test)["error"] == "ratelimited"
    assert web.auth_test()["ok"]


def test_an_error_can_be_switched_on_for_a_method(web, control, refusal):
    control("faults", errors={"usergroups.users.list": "plan_upgrade_required"})
    answer = refusal(web.usergroups_users_list, usergroup="S0APPROVE")
    assert answer["error"] == "plan_upgrade_required"


def test_a_message_can_arrive_though_its_answer_does_not(slack, control, state):
    control("faults", timeout_after_post=1)
    hasty = WebClient(seed.BOT_TOKEN, base_url=f"{slack.base_url}/api/", timeout=1)
    with pytest.raises(TimeoutError):
        hasty.chat_postMessage(channel="C0DIGEST1", text="did it arrive?")
    assert state()["messages"]["C0DIGEST1"][0]["text"] == "did it arrive?"


def test_a_fault_that_does_not_exist_is_refused(control):
    assert control("faults", sunshine=1) == {"error": "unknown faults: sunshine"}


def test_every_call_is_logged_without_its_token(slack, web):
    web.auth_test()
    newest = slack.calls.newest[-1]
    assert (newest.vendor, newest.direction, newest.status) == ("slack", "in", 200)
    assert newest.headers["authorization"] == "-"
