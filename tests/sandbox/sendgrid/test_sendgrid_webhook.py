"""The Event Webhook as the bot sees it: signatures, repetition, order, persistence."""

import json
import time

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader


def verified(sandbox, post, body=None):
    helper = EventWebhook(sandbox.public_key)
    return helper.verify_signature(
        (body or post.body).decode(),
        post.headers[EventWebhookHeader.SIGNATURE],
        post.headers[EventWebhookHeader.TIMESTAMP],
    )


@pytest.fixture
def hook(sandbox, bot):
    """Sends one mail and posts its events by hand under the given manners."""

    def hook(*emails, **manners):
        sandbox.control("webhook", url=bot.url, batch_seconds=60, **manners)
        sandbox.send(*emails or ("taro@example.jp",))
        return sandbox.control("deliver")

    return hook


def events(bot):
    return [event for post in bot.posts for event in json.loads(post.body)]


def test_a_post_verifies_with_the_vendors_own_helper(hook, sandbox, bot):
    assert hook() == [204]
    [post] = bot.posts
    assert sandbox.public_key.startswith("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE")
    assert verified(sandbox, post)
    assert abs(int(post.headers[EventWebhookHeader.TIMESTAMP]) - time.time()) < 5


def test_the_body_ends_with_cr_lf_and_verifies_only_with_it(hook, sandbox, bot):
    hook()
    [post] = bot.posts
    assert post.body.endswith(b"]\r\n")
    assert not verified(sandbox, post, post.body.rstrip())
    assert not verified(sandbox, post, json.dumps(json.loads(post.body)).encode())


def test_angle_brackets_are_escaped(hook, bot):
    hook()
    assert b"\\u003c" in bot.posts[0].body
    assert b"<" not in bot.posts[0].body
    assert events(bot)[0]["smtp-id"].startswith("<")


def test_a_repeated_post_has_the_same_bytes(hook, bot):
    hook(repeat=2)
    assert len(bot.posts) == 3
    assert len({post.body for post in bot.posts}) == 1


def test_a_repeated_post_may_name_its_events_anew(hook, sandbox, bot):
    hook(repeat=1, new_event_ids=True)
    first, again = (json.loads(post.body) for post in bot.posts)
    assert first[0]["sg_event_id"] != again[0]["sg_event_id"]
    assert {**first[0], "sg_event_id": ""} == {**again[0], "sg_event_id": ""}
    assert verified(sandbox, bot.posts[1])


def test_posts_can_come_out_of_order(hook, bot):
    hook(reorder=True, batch=1)
    assert [event["event"] for event in events(bot)] == ["delivered", "processed"]
    assert len(bot.posts) == 2


def test_a_post_holds_no_more_events_than_it_may(hook, bot):
    hook("a@example.jp", "b@example.jp", batch=3)
    assert [len(json.loads(post.body)) for post in bot.posts] == [3, 1]


@pytest.mark.parametrize("refusal", [500, 403, 302])
def test_anything_but_2xx_is_tried_again_and_no_redirect_followed(hook, sandbox, bot, refusal):
    bot.answers = [refusal]
    assert hook() == [refusal]
    assert sandbox.control("deliver") == [204]
    first, again = bot.posts
    assert first.path == again.path == "/events"
    assert (first.body, first.headers.items()) == (again.body, again.headers.items())


def test_a_post_that_is_refused_for_ever_is_lost(hook, sandbox, bot):
    bot.answers = [500] * 8
    hook()
    for _ in range(7):
        sandbox.control("deliver")
    assert sandbox.control("deliver") == []
    assert (len(bot.posts), sandbox.state()["lost_posts"]) == (8, 1)


def test_events_are_posted_without_being_asked_and_tried_again_by_themselves(sandbox, bot):
    bot.answers = [503]
    sandbox.control("webhook", url=bot.url, batch_seconds=0)
    sandbox.send("taro@example.jp")
    deadline = time.monotonic() + 5
    while len(bot.posts) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert bot.posts[0].body == bot.posts[1].body


def test_without_a_url_nobody_is_told(sandbox, bot):
    sandbox.send("taro@example.jp")
    sandbox.control("webhook", url=bot.url, batch_seconds=60)
    assert sandbox.control("deliver") == []


def test_the_dashboards_test_batch_is_signed_and_about_nobody(sandbox, bot):
    sandbox.control("webhook", url=bot.url, batch_seconds=60)
    sandbox.control("event", event="test_batch")
    sandbox.control("deliver")
    told = events(bot)
    assert verified(sandbox, bot.posts[0])
    assert {event["email"] for event in told} == {"example@test.com"}
    assert all(event["sg_message_id"].startswith("14c5d75ce93.dfd.64b469") for event in told)
    bounce = next(event for event in told if event["event"] == "bounce")
    assert "type" not in bounce
    assert sandbox.state()["lists"]["bounces"] == []


def test_a_suspension_names_no_address(sandbox, bot):
    sandbox.control("webhook", url=bot.url, batch_seconds=60)
    sandbox.control("event", event="account_status_change", type="compliance_suspend")
    sandbox.control("deliver")
    [event] = events(bot)
    assert event.keys() == {"event", "type", "timestamp", "sg_event_id"}


def test_raw_elements_reach_the_bot_as_they_are(sandbox, bot):
    sandbox.control("webhook", url=bot.url, batch_seconds=60)
    sandbox.control("event", raw=[{"event": "bounce"}, "nonsense", 7])
    sandbox.control("deliver")
    assert events(bot) == [{"event": "bounce"}, "nonsense", 7]


def test_posts_are_noted_without_their_signature(hook, calls):
    hook()
    [noted] = [call for call in calls.newest if call.direction == "out"]
    assert (noted.vendor, noted.method, noted.status) == ("sendgrid", "POST", 204)
    assert noted.headers[EventWebhookHeader.SIGNATURE] == "-"
