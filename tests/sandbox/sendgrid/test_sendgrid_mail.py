"""Sending, and what becomes of it: events, lists, drops."""

import json
from datetime import timedelta

import pytest

from sandbox.sendgrid import HOST_KEY


@pytest.fixture
def told(sandbox, bot):
    """Sends to `emails` under a script and answers the events told until `after` seconds later."""

    def told(script, *emails, **more):
        sandbox.control("webhook", url=bot.url, batch_seconds=60)
        sandbox.control("outcomes", **dict.fromkeys(emails, script))
        sandbox.send(*emails, **more)
        sandbox.control("deliver")
        return [event for post in bot.posts for event in json.loads(post.body)]

    return told


def names(events):
    return [event["event"] for event in events]


def test_a_mail_is_processed_and_delivered(told):
    processed, delivered = told({"outcome": "deliver"}, "taro@example.jp")
    assert (processed["event"], delivered["event"]) == ("processed", "delivered")
    assert delivered["email"] == "taro@example.jp"
    assert isinstance(delivered["timestamp"], int)
    assert delivered["tls"] == 1


def test_the_message_id_of_the_answer_begins_the_events_ids(sandbox, bot):
    sandbox.control("webhook", url=bot.url, batch_seconds=60)
    answer = sandbox.send("taro@example.jp", "hanako@example.jp")
    assert (answer.status_code, answer.content) == (202, b"")
    sandbox.control("deliver")
    ids = {event["sg_message_id"] for event in json.loads(bot.posts[0].body)}
    assert {full.split(".")[0] for full in ids} == {answer.headers["X-Message-Id"]}
    assert len(ids) == 2


def test_custom_args_lie_flat_in_the_event_and_the_subject_stays_out(told):
    event = told({"outcome": "deliver"}, "taro@example.jp", custom_args={"notif_id": "n-1"})[-1]
    assert event["notif_id"] == "n-1"
    assert "subject" not in event


def test_a_system_field_wins_over_a_custom_arg_of_its_name(told):
    args = dict.fromkeys(("event", "email", "timestamp", "sg_event_id"), "mine")
    event = told({"outcome": "deliver"}, "taro@example.jp", custom_args=args)[-1]
    assert "mine" not in event.values()


@pytest.mark.parametrize(
    ("names", "told_as"), [(["invoice"], "invoice"), (["invoice", "may"], ["invoice", "may"])]
)
def test_one_category_is_told_as_text_and_several_as_a_list(told, names, told_as):
    event = told({"outcome": "deliver"}, "taro@example.jp", categories=names)[-1]
    assert event["category"] == told_as


def test_a_hard_bounce_drops_the_next_mail_and_a_block_does_not(told, sandbox):
    assert names(told({"outcome": "bounce"}, "taro@example.jp")) == ["processed", "bounce"]
    dropped = told({"outcome": "deliver"}, "taro@example.jp")[-1]
    assert (dropped["event"], dropped["reason"]) == ("dropped", "Bounced Address")
    assert "type" not in dropped
    told({"outcome": "block"}, "hanako@example.jp")
    assert told({"outcome": "deliver"}, "hanako@example.jp")[-1]["event"] == "delivered"
    assert [entry["email"] for entry in sandbox.state()["lists"]["blocks"]] == ["hanako@example.jp"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [("spamreport", "Spam Reporting Address"), ("unsubscribe", "Unsubscribed Address")],
)
def test_the_recipients_own_wish_drops_the_next_mail(told, sandbox, event, reason):
    sandbox.control("event", event=event, email="taro@example.jp")
    assert told({"outcome": "deliver"}, "taro@example.jp")[-1]["reason"] == reason


def test_leaving_a_group_drops_mail_of_that_group_alone(told, sandbox):
    wish = {"event": "group_unsubscribe", "email": "taro@example.jp", "asm_group_id": 31002}
    sandbox.control("event", **wish)
    event = told({"outcome": "deliver"}, "taro@example.jp", asm={"group_id": 31002})[-1]
    assert (event["reason"], event["asm_group_id"]) == ("Unsubscribed Address", 31002)
    assert told({"outcome": "deliver"}, "taro@example.jp")[-1]["event"] == "delivered"


def test_an_invalid_address_is_dropped_and_listed(told, sandbox):
    [event] = told({"outcome": "invalid"}, "taro@example.jp")
    assert (event["event"], event["reason"]) == ("dropped", "Invalid")
    assert sandbox.state()["lists"]["invalid_emails"][0]["email"] == "taro@example.jp"


def test_deferrals_come_with_the_clock_and_end_as_scripted(told, sandbox, clock):
    first = told({"outcome": "defer", "times": 2, "then": "block"}, "taro@example.jp")
    assert (first[-1]["attempt"], "reason" in first[-1]) == ("0", False)
    assert first[-1]["response"].startswith("451")
    clock.turn(clock.now() + timedelta(hours=73))
    events = told({"outcome": "deliver"}, "hanako@example.jp")
    mine = [event for event in events if event["email"] == "taro@example.jp"]
    assert names(mine) == ["processed", "deferred", "deferred", "bounce"]
    assert (mine[2]["attempt"], mine[3]["type"]) == ("1", "blocked")
    assert mine[3]["timestamp"] - mine[1]["timestamp"] == 72 * 3600


def test_a_deferral_of_sendgrids_own_making_knows_no_server(told):
    reason = "Email was deferred due to the following reason(s): [throttled]"
    event = told({"outcome": "defer", "response": reason}, "taro@example.jp")[-1]
    assert (event["response"], "ip" in event) == (reason, False)


def test_a_domain_without_mail_exchanger_ends_after_five_minutes(told, clock):
    told({"outcome": "dns"}, "taro@example.jp")
    clock.turn(clock.now() + timedelta(seconds=301))
    events = told({"outcome": "deliver"}, "hanako@example.jp")
    mine = [event for event in events if event["email"] == "taro@example.jp"]
    assert names(mine) == ["processed", *["deferred"] * 4, "bounce"]
    assert mine[-1]["type"] == "blocked"
    assert not {"status", "ip"} & mine[-1].keys()


def test_a_late_bounce_follows_the_delivery_and_knows_neither_id_nor_custom_args(told):
    args = {"custom_args": {"notif_id": "n-1"}}
    events = told({"outcome": "async_bounce", "after": 0}, "taro@example.jp", **args)
    assert names(events) == ["processed", "delivered", "bounce"]
    assert not {"sg_message_id", "smtp-id", "ip", "notif_id"} & events[-1].keys()
    assert events[-1]["sg_event_id"]


def test_a_complaint_lists_the_address_later(told, sandbox, clock):
    assert names(told({"outcome": "spam"}, "taro@example.jp"))[-1] == "delivered"
    assert sandbox.state()["lists"]["spam_reports"] == []
    clock.turn(clock.now() + timedelta(hours=2))
    assert sandbox.state()["lists"]["spam_reports"][0]["email"] == "taro@example.jp"


def test_any_field_of_the_scripted_event_can_be_given_or_taken_away(told):
    script = {
        "outcome": "bounce",
        "reason": "550 gone",
        "status": None,
        "bounce_classification": None,
    }
    event = told(script, "taro@example.jp")[-1]
    assert event["reason"] == "550 gone"
    assert not {"status", "bounce_classification"} & event.keys()


def test_a_domain_can_be_scripted_as_a_whole(sandbox):
    sandbox.control("outcomes", **{"@example.com": {"outcome": "block"}})
    sandbox.control("outcomes", **{"well@example.com": {"outcome": "deliver"}})
    sandbox.send("ill@example.com", "well@example.com")
    assert [entry["email"] for entry in sandbox.state()["lists"]["blocks"]] == ["ill@example.com"]


def test_the_vendors_sandbox_mode_tells_nothing(told):
    mode = {"mail_settings": {"sandbox_mode": {"enable": True}}}
    assert told({"outcome": "deliver"}, "taro@example.jp", **mode) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.to"),
        ({"personalizations": [{"to": [{"email": "taro"}]}]}, "personalizations.to.email"),
        (
            {"personalizations": [{"to": [{"email": "a@b.jp"}, {"email": "A@b.jp"}]}]},
            "personalizations",
        ),
        ({"from": {"email": "nobody"}}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        (
            {
                "content": [
                    {"type": "text/html", "value": "x"},
                    {"type": "text/plain", "value": "x"},
                ]
            },
            "content",
        ),
        ({"custom_args": {"n": 1}}, "custom_args"),
        ({"custom_args": {"n": "x" * 10_000}}, "custom_args"),
        ({"content": [{"value": "x"}]}, "content.0.type"),
        ({"categories": [f"c{number}" for number in range(11)]}, "categories"),
        ({"categories": ["c", "c"]}, "categories"),
        ({"asm": {"group_id": "31001"}}, "asm.group_id"),
    ],
)
def test_a_faulty_mail_is_refused_by_the_name_of_its_field(sandbox, wrong, field):
    answer = sandbox.send("taro@example.jp", **wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"personalizations": ["x"]}'])
def test_a_body_that_is_no_mail_is_refused(sandbox, body):
    bearer = {"Authorization": f"Bearer {HOST_KEY}"}
    answer = sandbox.client.post("/v3/mail/send", content=body, headers=bearer)
    assert answer.status_code == 400


def test_ids_of_events_are_never_used_twice(sandbox, told):
    first = told({"outcome": "deliver"}, "taro@example.jp")
    sandbox.control("reset")
    both = told({"outcome": "deliver"}, "taro@example.jp")
    assert len({event["sg_event_id"] for event in both}) == len(both) > len(first)


def test_an_unknown_outcome_is_named(sandbox):
    answer = sandbox.client.post("/_control/outcomes", json={"a@example.jp": {"outcome": "x"}})
    assert answer.status_code == 400
    assert "async_bounce" in answer.json()["error"]


def test_the_state_shows_the_mails_and_a_reset_forgets_them(sandbox):
    sandbox.send("taro@example.jp")
    [mail] = sandbox.state()["mails"]
    assert (mail["email"], mail["subject"], mail["text"]) == ("taro@example.jp", "Notice", "body")
    sandbox.control("reset")
    assert sandbox.state()["mails"] == []
