"""The daily digest: once, on time, late when it is late, and whole after a gap."""

from dataclasses import replace

import pytest

from handlers import desk, digests
from handlers.conversation import Press
from handlers.groups import key_of
from handlers.ports import VendorError
from handlers.show import alarms
from handlers.show.digests import message
from handlers.summary import compose
from storage.digests import PostState
from storage.failures import Batch, DroppedBy, Failure, Kind, Medium, Source
from tests.handlers.conftest import ADMIN, ADMINS, DIGEST, NOBODY, buttons_of, text_of


@pytest.fixture
def connected(house, clock):
    """Looking since the evening before; it is 08:59."""
    clock.turn(hours=-14)
    house.store.put_fact(house.tenant, "connected_at", clock.now().isoformat())
    clock.turn(hours=12, minutes=59)
    return house


def test_a_digest_is_due_at_its_time_and_not_before(connected, clock):
    assert digests.due(connected) == []
    clock.turn(minutes=1)
    assert digests.due(connected) == [DIGEST]


def test_a_posted_digest_is_not_due_again_that_day(connected, clock, chat):
    clock.turn(minutes=1)
    digests.post(connected, DIGEST)
    assert digests.due(connected) == []
    clock.turn(days=1)
    assert digests.due(connected) == [DIGEST]
    assert len(chat.posts) == 1


def test_an_installation_of_this_morning_owes_no_digest_of_this_morning(house, clock):
    house.store.put_fact(house.tenant, "connected_at", clock.now().isoformat())
    assert digests.due(house) == []


def test_two_workers_post_one(connected, clock, chat):
    clock.turn(minutes=1)
    digests.post(connected, DIGEST)
    assert digests.post(connected, DIGEST) is None
    assert len(chat.posts) == 1


def test_a_late_digest_says_so(connected, clock, chat):
    clock.turn(hours=1)
    digests.post(connected, DIGEST)
    assert "due at 09:00" in text_of(chat.posts[0][1])


def test_the_next_digest_begins_where_the_last_posted_one_ended(connected, clock):
    clock.turn(minutes=1)
    first = digests.post(connected, DIGEST)
    clock.turn(days=1)
    assert digests.post(connected, DIGEST).since == first.until


def test_no_answer_is_told_to_the_admins_and_covered_by_the_next(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = VendorError("timeout", unanswered=True)
    lost = digests.post(connected, DIGEST)
    assert lost.state is PostState.UNANSWERED
    assert digests.due(connected) == []
    clock.turn(days=1)
    assert digests.post(connected, DIGEST).since == lost.since
    assert "covers its period too" in text_of(chat.posts[0][1])


def test_a_refusal_that_passes_is_tried_again_the_same_day(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = VendorError("ratelimited", retry_after=30)
    assert digests.post(connected, DIGEST).state is PostState.WAITING
    clock.turn(minutes=3)
    assert digests.due(connected) == [DIGEST]
    assert digests.post(connected, DIGEST).state is PostState.POSTED


def test_a_channel_that_refuses_for_good_is_told_elsewhere(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = VendorError("is_archived", permanent=True)
    digests.post(connected, DIGEST)
    notices = connected.store.due_notices(connected.tenant, clock.now(), 9)
    assert [(one.topic, one.place) for one in notices] == [("alarm", ADMINS)]


def test_a_crash_between_claim_and_post_is_unanswered_never_repeated(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        digests.post(connected, DIGEST)
    assert digests.settle_after_crash(connected) == 1
    assert digests.due(connected) == []


def digest_of(house, clock):
    summary = compose(house, clock.now().replace(hour=0), clock.now())
    return message(house, summary, "ja")


def test_a_line_says_how_many_whose_turn_and_what_first(house, clock, told):
    told.failure(Kind.DEFERRED, "taro@example.jp")
    clock.turn(minutes=1)
    text = text_of(digest_of(house, clock))
    assert "一時的な遅延: 1件(うち新規 1件)" in text
    assert "t***@example.jp" in text
    assert "taro@example.jp" not in text


def test_buttons_offer_what_the_error_type_allows(house, clock, told):
    told.failure(Kind.HARD_BOUNCE)
    told.refused_message(Kind.DAILY_CAP)
    clock.turn(minutes=1)
    verbs = [button.verb for button in buttons_of(digest_of(house, clock))]
    assert verbs == ["list", "removable", "list", "resend_group"]


def test_a_delayed_mail_has_no_button_but_its_list(house, clock, told):
    told.failure(Kind.DEFERRED)
    clock.turn(minutes=1)
    assert [button.verb for button in buttons_of(digest_of(house, clock))] == ["list"]


def test_complaints_are_counted_apart_and_not_named(house, clock, told):
    told.failure(Kind.SPAM_REPORT)
    told.failure(Kind.DROPPED, "b@example.jp", dropped_by=DroppedBy.UNSUBSCRIBE_LIST)
    clock.turn(minutes=1)
    text = text_of(digest_of(house, clock))
    assert "受信者側の設定または操作による停止 2件" in text
    assert "迷惑メール報告" not in text


def test_an_empty_digest_says_until_when_we_looked_and_then_what_to_check(house, clock):
    text = text_of(digest_of(house, clock))
    assert "迷惑メールフォルダー" in text
    assert "ごみ箱" in text


def test_what_was_told_from_before_the_installation_is_no_news(house, clock, told):
    told.failure(Kind.HARD_BOUNCE, history=True)
    clock.turn(minutes=1)
    assert "ハードバウンス" not in text_of(digest_of(house, clock))


def test_a_second_failure_of_a_known_case_is_not_new(house, clock, told):
    told.failure(Kind.SOFT_BOUNCE)
    clock.turn(days=1)
    told.failure(Kind.SOFT_BOUNCE)
    clock.turn(minutes=1)
    text = text_of(digest_of(house, clock))
    assert "新規なし" in text


def test_line_works_and_mail_stand_apart(house, clock, told):
    told.failure(Kind.HARD_BOUNCE)
    told.failure(Kind.NO_SUCH_ID, "x@works", medium=Medium.LINE_WORKS)
    clock.turn(minutes=1)
    text = text_of(digest_of(house, clock))
    assert text.index("ハードバウンス") < text.index("LINE WORKS IDが見つからない")


def posted_text(house, clock, chat):
    digests.post(house, DIGEST)
    return text_of(chat.posts[-1][1])


def test_what_is_told_late_is_in_the_next_digest(connected, clock, chat, told):
    clock.turn(minutes=1)
    happened = clock.now()
    clock.turn(minutes=2)
    assert "Refused for good" not in posted_text(connected, clock, chat)
    clock.turn(minutes=1)
    told.failure(Kind.HARD_BOUNCE, at=happened)
    clock.turn(days=1)
    assert "Refused for good: 1 recipient (1 new)" in posted_text(connected, clock, chat)


def test_a_write_that_waits_while_a_digest_is_composed_is_in_the_next(connected, clock, chat):
    """Its moment is taken before its turn, which comes when the digest has been read."""
    one = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="waits",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient="waits@example.jp",
        occurred_at=clock.now(),
    )
    clock.turn(minutes=1)
    store, compose = connected.store, digests.compose
    began = clock.now()
    clock.turn(seconds=4)

    def composed(*asked, **more):
        made = compose(*asked, **more)
        store.record(connected.tenant, Batch(failures=(one,)), began)
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(digests, "compose", composed)
        digests.post(connected, DIGEST)
    clock.turn(days=1)
    digests.post(connected, DIGEST)
    first, second = (text_of(told) for _, told, _ in chat.posts)
    assert first.startswith("Notification failures, Fri 20 Nov: 0\n")
    assert second.startswith("Notification failures, Sat 21 Nov: 1\n")


def test_a_second_source_brings_no_failure_into_a_second_digest(connected, clock, chat, told):
    clock.turn(minutes=1)
    first = told.failure(Kind.HARD_BOUNCE)
    clock.turn(seconds=1)
    assert "Refused for good" in posted_text(connected, clock, chat)
    told.failure(Kind.HARD_BOUNCE, at=first.occurred_at, source=Source.SENDGRID_LISTS)
    clock.turn(days=1)
    assert "Refused for good" not in posted_text(connected, clock, chat)


def test_the_button_of_a_digest_finds_what_its_line_counts(connected, clock, chat, told):
    happened = clock.now()
    clock.turn(days=1)
    told.failure(Kind.HARD_BOUNCE, at=happened)
    clock.turn(minutes=1)
    digests.post(connected, DIGEST)
    key = key_of(buttons_of(chat.posts[-1][1])[0].subject)
    assert [one.recipient for one in connected.store.cases(connected.tenant, key.query())]


def test_trouble_of_ours_leaves_the_digest_unclaimed(connected, clock, chat, monkeypatch):
    clock.turn(minutes=1)
    with monkeypatch.context() as broken:
        broken.setattr(digests, "compose", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            digests.post(connected, DIGEST)
    assert digests.due(connected) == [DIGEST]


def alarms_of(house):
    waiting = house.store.due_notices(house.tenant, house.now(), 9)
    return [alarms.message(house, one.subject, "en") for one in waiting]


def test_a_refused_digest_is_told_with_day_and_reason(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = VendorError("is_archived", permanent=True)
    digests.post(connected, DIGEST)
    text = text_of(alarms_of(connected)[0])
    assert "is_archived" in text
    assert "Fri 20 Nov" in text


def test_one_channels_trouble_does_not_touch_the_other(connected, clock, chat):
    two = replace(connected, policy=replace(connected.policy, digest_channels=(DIGEST, "slack:C2")))
    clock.turn(minutes=1)
    chat.trouble = VendorError("is_archived", permanent=True)
    for channel in digests.due(two):
        digests.post(two, channel)
    assert [place for place, _, _ in chat.posts] == ["slack:C2"]


@pytest.fixture
def lost(connected, clock, chat):
    clock.turn(minutes=1)
    chat.trouble = VendorError("timeout", unanswered=True)
    digests.post(connected, DIGEST)
    (button,) = buttons_of(alarms_of(connected)[0])
    return button


def pressed(house, button, person):
    press = Press(
        person=person,
        verb=button.verb,
        subject=button.subject,
        place=ADMINS,
        message="m",
        reply_to=person,
        shared=True,
    )
    return text_of(desk.press(house, press))


def test_an_admin_has_a_lost_digest_posted_again_once(connected, clock, chat, lost):
    assert "in a moment" in pressed(connected, lost, ADMIN)
    clock.turn(minutes=3)
    assert digests.due(connected) == [DIGEST]
    digests.post(connected, DIGEST)
    assert "was posted" in pressed(connected, lost, ADMIN)
    assert digests.due(connected) == []


def test_nobody_else_has_it_posted_again(connected, clock, lost):
    pressed(connected, lost, NOBODY)
    clock.turn(minutes=3)
    assert digests.due(connected) == []
