"""What wears out: trigger ids, view hashes and response URLs."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

ADMIN = {"user": "U0ADMIN01", "channel": "C0DIGEST1"}


@pytest.fixture
def trigger(slack):
    return slack.new_trigger("U0ADMIN01")


@pytest.fixture
def hook(bot, control):
    control("command", **ADMIN, text="/notify-errors today")
    return bot.heard[0]["response_url"]


def respond(url, **body):
    return httpx.post(url, json=body, trust_env=False)


def test_a_trigger_opens_one_modal(web, refusal, trigger, view):
    assert web.views_open(trigger_id=trigger, view=view)["view"]["hash"]
    answer = refusal(web.views_open, trigger_id=trigger, view=view)
    assert answer["error"] == "exchanged_trigger_id"


def test_a_trigger_dies_after_three_seconds(web, refusal, wall, view, slack):
    trigger = slack.new_trigger("U0ADMIN01")
    wall.ahead = 3.0
    answer = refusal(web.views_open, trigger_id=trigger, view=view)
    assert answer["error"] == "expired_trigger_id"


def test_an_invented_trigger_is_refused(web, refusal, view):
    answer = refusal(web.views_open, trigger_id="1.2.3", view=view)
    assert answer["error"] == "invalid_trigger_id"


def test_a_wrong_view_does_not_use_the_trigger_up(web, refusal, trigger, view):
    wrong = {key: value for key, value in view.items() if key != "submit"}
    answer = refusal(web.views_open, trigger_id=trigger, view=wrong)
    assert answer["error"] == "invalid_arguments"
    assert web.views_open(trigger_id=trigger, view=view)["ok"]


def test_a_view_is_updated_under_its_newest_hash_only(web, refusal, trigger, view):
    old = web.views_open(trigger_id=trigger, view=view)["view"]
    new = web.views_update(view_id=old["id"], view=view, hash=old["hash"])["view"]
    assert new["hash"] != old["hash"]
    answer = refusal(web.views_update, view_id=old["id"], view=view, hash=old["hash"])
    assert answer["error"] == "hash_conflict"


def test_a_view_that_was_closed_is_not_found(web, control, refusal, trigger, view):
    number = web.views_open(trigger_id=trigger, view=view)["view"]["id"]
    control("close", user="U0ADMIN01", view_id=number)
    assert refusal(web.views_update, view_id=number, view=view)["error"] == "not_found"


def test_a_huge_view_is_too_large(web, refusal, trigger, view):
    big = {**view, "blocks": [{"type": "header", "text": "x" * 250_000}]}
    answer = refusal(web.views_open, trigger_id=trigger, view=big)
    assert answer["error"] == "view_too_large"


def test_a_response_url_speaks_to_the_asker_alone(hook, state):
    assert respond(hook, text="3 件").text == "ok"
    assert [each["text"] for each in state()["ephemerals"]["U0ADMIN01"]] == ["3 件"]


def test_a_response_url_can_speak_to_all(hook, state):
    respond(hook, text="3 件", response_type="in_channel")
    assert state()["messages"]["C0DIGEST1"][0]["text"] == "3 件"


def test_a_response_url_works_five_times(hook):
    answers = [respond(hook, text="again").status_code for _ in range(6)]
    assert answers == [200] * 5 + [404]


def test_a_response_url_lives_half_an_hour(slack, wall):
    url = slack.new_hook("commands", **ADMIN)
    wall.ahead = 30 * 60
    answer = respond(url, text="late")
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


def test_an_invented_response_url_leads_nowhere(slack):
    assert respond(f"{slack.base_url}/commands/T1/1", text="x").status_code == 404


def test_a_response_that_breaks_the_limits_is_refused(hook, state):
    assert respond(hook, blocks=[{"type": "poem"}]).json()["error"] == "invalid_blocks"
    assert httpx.post(hook, content="{", trust_env=False).json()["error"] == "invalid_payload"


@pytest.fixture
def pressed(web, bot, control, actions):
    """The response_url of a button in an ephemeral message."""
    bot.answer = lambda _payload: PlainTextResponse("")
    ts = web.chat_postEphemeral(**ADMIN, text="for you", blocks=[actions])["message_ts"]
    control("press", **ADMIN, ts=ts, action_id="go")
    return bot.heard[-1]["response_url"]


def test_an_ephemeral_message_is_replaced_through_its_response_url(pressed, state):
    respond(pressed, text="done", replace_original=True)
    (kept,) = state()["ephemerals"]["U0ADMIN01"]
    assert (kept["text"], kept["blocks"]) == ("done", [])


def test_an_ephemeral_message_is_deleted_through_its_response_url(pressed, state):
    respond(pressed, delete_original=True)
    assert state()["ephemerals"]["U0ADMIN01"] == []


def test_a_message_of_the_channel_is_replaced_too(web, bot, control, actions, state):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="ask", blocks=[actions])["ts"]
    control("press", **ADMIN, ts=ts, action_id="go")
    respond(bot.heard[0]["response_url"], text="done", replace_original=True)
    (kept,) = state()["messages"]["C0DIGEST1"]
    assert (kept["ts"], kept["text"]) == (ts, "done")
