"""Commands, presses and modals: what reaches the bot and what people see."""

import time

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

ADMIN = {"user": "U0ADMIN01", "channel": "C0DIGEST1"}


def ask(control, text="/notify-errors today", **who):
    return control("command", **{**ADMIN, **who}, text=text)


def open_modal(web, bot, control, view):
    """Let the bot answer a command with `view`; the modal that the person sees."""
    bot.answer = lambda got: PlainTextResponse(
        "" if web.views_open(trigger_id=got["trigger_id"], view=view)["ok"] else "no"
    )
    modal = ask(control)["modal"]
    bot.answer = lambda _payload: PlainTextResponse("")
    return modal


def test_a_command_reaches_the_bot_signed_and_whole(bot, control):
    assert ask(control, "/notify-errors  who 田中 ")["status"] == 200
    (heard,) = bot.heard
    assert (heard["command"], heard["text"]) == ("/notify-errors", "who 田中")
    assert (heard["user_id"], heard["channel_name"]) == ("U0ADMIN01", "通知エラー")
    assert heard["response_url"].startswith("http://127.0.0.1:")


def test_plain_words_are_for_all_to_read_and_wake_no_bot(bot, control, state):
    control("say", **ADMIN, text="<b> & @suzuki")
    (message,) = state()["messages"]["C0DIGEST1"]
    assert (message["user"], message["text"]) == ("U0ADMIN01", "&lt;b&gt; &amp; <@U0ADMIN02>")
    assert bot.heard == []


def test_private_channels_do_not_tell_their_names(bot, control):
    ask(control, channel="C0APPROVE")
    assert bot.heard[0]["channel_name"] == "privategroup"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a & <b>", "a &amp; &lt;b&gt;"),
        ("@sato", "<@U0APPROV1>"),
        ("#通知エラー", "<#C0DIGEST1|通知エラー>"),
        ("taro@example.jp", "<mailto:taro@example.jp|taro@example.jp>"),
        ("https://example.jp/a", "<https://example.jp/a>"),
    ],
)
def test_what_is_typed_arrives_escaped(bot, control, typed, sent):
    ask(control, f"/notify-errors {typed}")
    assert bot.heard[0]["text"] == sent


def test_the_acknowledgement_is_shown_to_the_asker_alone(bot, control, state):
    bot.answer = lambda _payload: PlainTextResponse("3 件です")
    assert ask(control)["message"]["text"] == "3 件です"
    assert state()["ephemerals"]["U0ADMIN01"][0]["is_ephemeral"]
    assert state()["messages"]["C0DIGEST1"] == []


def test_an_open_answer_also_shows_the_command(bot, control, state):
    body = {"response_type": "in_channel", "text": "3 件"}
    bot.answer = lambda _payload: JSONResponse(body)
    ask(control)
    shown = [(each["user"], each["text"]) for each in state()["messages"]["C0DIGEST1"]]
    assert shown == [("U0ADMIN01", "/notify-errors today"), ("U0NOTIBOT", "3 件")]


def test_an_answer_that_breaks_the_limits_is_not_shown(bot, control):
    bot.answer = lambda _payload: JSONResponse({"blocks": [{"type": "poem"}]})
    seen = ask(control)
    assert (seen["error"], seen["message"]) == ("invalid_blocks", None)


def test_a_failing_bot_is_told_to_the_person(bot, control):
    bot.answer = lambda _payload: PlainTextResponse("oops", 500)
    seen = ask(control)
    assert seen["status"] == 500
    assert "dispatch_failed" in seen["error"]


def test_a_bot_that_is_away_is_told_to_the_person(slack, control):
    slack.events_url = "http://127.0.0.1:9/slack/events"
    seen = ask(control)
    assert seen["status"] is None
    assert "dispatch_failed" in seen["error"]


def test_a_bot_that_is_late_is_told_to_the_person(slack, bot, control):
    slack.ack_seconds = 0.1

    def late(_payload):
        time.sleep(0.2)
        return PlainTextResponse("late")

    bot.answer = late
    seen = ask(control)
    assert "operation_timeout" in seen["error"]
    assert seen["message"] is None


def test_an_unknown_command_never_leaves_slack(bot, control):
    assert "not a valid command" in ask(control, "/notify-error today")["error"]
    assert bot.heard == []


@pytest.mark.parametrize(
    "who",
    [
        {"user": "U0MEMBER1", "channel": "C0APPROVE"},
        {"user": "U0GUEST01", "channel": "C0SHARED1"},
        {"user": "U0STRANGE", "channel": "C0DIGEST1"},
        {"user": "U0NOBODY1"},
    ],
)
def test_people_act_only_where_they_can_see(bot, control, who):
    assert "error" in ask(control, **who)
    assert bot.heard == []


def test_a_press_tells_the_bot_everything_about_itself(web, bot, control, actions):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="ask", blocks=[actions])["ts"]
    assert control("press", **ADMIN, ts=ts, action_id="go")["status"] == 200
    (heard,) = bot.heard
    (action,) = heard["actions"]
    assert (action["block_id"], action["value"]) == ("row", "case-7")
    assert heard["container"]["message_ts"] == heard["message"]["ts"] == ts
    assert heard["trigger_id"]


def test_buttons_of_one_name_are_told_apart_by_their_values(web, bot, control, button):
    rows = [
        {"type": "section", "text": {"type": "mrkdwn", "text": v}, "accessory": button(value=v)}
        for v in ("a", "b")
    ]
    ts = web.chat_postMessage(channel="C0DIGEST1", text="two", blocks=rows)["ts"]
    control("press", **ADMIN, ts=ts, action_id="go", value="b")
    assert bot.heard[0]["actions"][0]["value"] == "b"


def test_a_choice_comes_with_its_whole_option(web, bot, control):
    option = {"text": {"type": "plain_text", "text": "すべて"}, "value": "all"}
    menu = {"type": "overflow", "action_id": "more", "options": [option]}
    row = {"type": "actions", "elements": [menu]}
    ts = web.chat_postMessage(channel="C0DIGEST1", text="menu", blocks=[row])["ts"]
    control("press", **ADMIN, ts=ts, action_id="more", value="all")
    assert bot.heard[0]["actions"][0]["selected_option"] == option


def test_only_an_option_of_the_menu_can_be_chosen(web, bot, control):
    option = {"text": {"type": "plain_text", "text": "はい"}, "value": "yes"}
    menu = {"type": "checkboxes", "action_id": "four", "options": [option]}
    row = {"type": "actions", "elements": [menu]}
    ts = web.chat_postMessage(channel="C0DIGEST1", text="menu", blocks=[row])["ts"]
    assert "error" in control("press", **ADMIN, ts=ts, action_id="four", value=["no"])
    assert bot.heard == []
    control("press", **ADMIN, ts=ts, action_id="four", value=["yes"])
    assert bot.heard[0]["actions"][0]["selected_options"] == [option]


def test_what_is_not_there_cannot_be_pressed(web, control, actions):
    ts = web.chat_postMessage(channel="C0DIGEST1", text="ask", blocks=[actions])["ts"]
    gone = control("press", **ADMIN, ts=ts, action_id="gone")
    assert gone == {"error": "nothing named gone to press"}
    assert "no message" in control("press", **ADMIN, ts="1.0", action_id="go")["error"]


def test_an_ephemeral_press_names_no_message(web, bot, control, actions):
    ts = web.chat_postEphemeral(**ADMIN, text="for you", blocks=[actions])["message_ts"]
    control("press", **ADMIN, ts=ts, action_id="go")
    assert bot.heard[0]["container"]["is_ephemeral"]
    assert "message" not in bot.heard[0]


def test_a_modal_opens_and_is_submitted(web, bot, control, view, state):
    modal = open_modal(web, bot, control, view)
    values = {"reason": {"why": "移転"}}
    seen = control("submit", user="U0ADMIN01", view_id=modal["id"], values=values)
    heard = bot.heard[-1]
    assert heard["type"] == "view_submission"
    assert heard["view"]["state"]["values"]["reason"]["why"]["value"] == "移転"
    assert seen["modal"] is None


def test_slack_itself_asks_for_what_is_required(web, bot, control, view):
    modal = open_modal(web, bot, control, view)
    values = {"reason": {"why": ""}}
    seen = control("submit", user="U0ADMIN01", view_id=modal["id"], values=values)
    assert list(seen["modal"]["errors"]) == ["reason"]
    assert len(bot.heard) == 1


def answered(web, bot, control, view, body):
    """Submit the modal to a bot that acknowledges with `body`."""
    modal = open_modal(web, bot, control, view)
    bot.answer = lambda _payload: JSONResponse(body)
    values = {"reason": {"why": "x"}}
    return control("submit", user="U0ADMIN01", view_id=modal["id"], values=values)


def test_errors_are_shown_in_the_modal(web, bot, control, view):
    body = {"response_action": "errors", "errors": {"reason": "もう少し詳しく"}}
    seen = answered(web, bot, control, view, body)
    assert seen["modal"]["errors"] == {"reason": "もう少し詳しく"}
    assert seen["modal"]["state"]["values"]["reason"]["why"]["value"] == "x"


def test_a_pushed_view_stands_on_the_first(web, bot, control, view):
    seen = answered(web, bot, control, view, {"response_action": "push", "view": view})
    assert seen["modal"]["previous_view_id"] == seen["modal"]["root_view_id"]
    closed = control("close", user="U0ADMIN01", view_id=seen["modal"]["id"])
    assert closed["modal"]["id"] == seen["modal"]["root_view_id"]


def test_an_update_changes_the_view_in_its_place(web, bot, control, view):
    fresh = {**view, "callback_id": "second"}
    seen = answered(web, bot, control, view, {"response_action": "update", "view": fresh})
    assert seen["modal"]["callback_id"] == "second"


def test_a_bot_may_open_the_next_modal_while_it_takes_the_first(web, bot, control, view):
    modal = open_modal(web, bot, control, view)

    def take(payload):
        web.views_open(trigger_id=payload["trigger_id"], view={**view, "callback_id": "next"})
        return PlainTextResponse("")

    bot.answer = take
    values = {"reason": {"why": "x"}}
    seen = control("submit", user="U0ADMIN01", view_id=modal["id"], values=values)
    assert seen["modal"]["callback_id"] == "next"


def test_clear_closes_everything(web, bot, control, view):
    assert answered(web, bot, control, view, {"response_action": "clear"})["modal"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "dance"},
    ],
)
def test_an_acknowledgement_that_makes_no_sense_leaves_the_modal(web, bot, control, view, body):
    seen = answered(web, bot, control, view, body)
    assert "trouble connecting" in seen["error"]
    assert seen["modal"]["errors"] == {}


def test_a_bot_that_fails_leaves_the_modal(web, bot, control, view):
    modal = open_modal(web, bot, control, view)
    bot.answer = lambda _payload: PlainTextResponse("", 500)
    values = {"reason": {"why": "x"}}
    seen = control("submit", user="U0ADMIN01", view_id=modal["id"], values=values)
    assert (seen["status"], seen["modal"]["id"]) == (500, modal["id"])


def test_closing_is_told_where_it_was_asked_for(web, bot, control, view):
    modal = open_modal(web, bot, control, view)
    assert control("close", user="U0ADMIN01", view_id=modal["id"])["modal"] is None
    assert bot.heard[-1]["type"] == "view_closed"
    quiet = open_modal(web, bot, control, {**view, "notify_on_close": False})
    control("close", user="U0ADMIN01", view_id=quiet["id"])
    assert bot.heard[-1].get("type") is None


def test_a_press_in_a_modal_brings_the_view_and_what_was_typed(web, bot, control, view, actions):
    view["blocks"].append(actions)
    modal = open_modal(web, bot, control, view)
    control("press", user="U0ADMIN01", view_id=modal["id"], action_id="go")
    heard = bot.heard[-1]
    assert heard["container"] == {"type": "view", "view_id": modal["id"]}
    assert heard["view"]["id"] == modal["id"]
    assert "response_url" not in heard


def test_nobody_submits_the_modal_of_another(web, bot, control, view):
    modal = open_modal(web, bot, control, view)
    seen = control("submit", user="U0MEMBER1", view_id=modal["id"], values={})
    assert "does not have" in seen["error"]


def test_a_wrong_wish_is_answered_with_words(slack, control):
    assert "missing" in control("command", colour="red")["error"]
    assert httpx.get(f"{slack.base_url}/_control/command", trust_env=False).status_code == 405
