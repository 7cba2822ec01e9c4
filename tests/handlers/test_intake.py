"""Recording: once, and what it means at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import alarming, intake
from handlers.ports import AccountNews, Telling
from handlers.show.alarms import message
from storage.failures import Batch, Failure, Kind, Medium, SetAside, Source
from storage.quarantine import MOST
from tests.handlers.conftest import ADMIN, ADMINS, SECOND, text_of


def kind_of(house, recipient):
    return house.store.case(house.tenant, Medium.LINE_WORKS, recipient).kind


def test_a_cap_found_out_explains_the_days_earlier_refusals(house, clock, told):
    told.refused_message(Kind.TOO_FREQUENT, "early@works")
    clock.turn(minutes=10)
    told.refused_message(Kind.DAILY_CAP_SUSPECTED, "late@works")
    assert kind_of(house, "early@works") is Kind.DAILY_CAP_SUSPECTED


def test_a_cap_told_under_an_id_that_is_known_explains_them_too(house, clock, told):
    early = told.refused_message(Kind.TOO_FREQUENT, "early@works")
    clock.turn(minutes=10)
    again = replace(early, kind=Kind.DAILY_CAP_SUSPECTED, guessed=True, occurred_at=house.now())
    assert intake.record(house, Batch(failures=(again,))).repeated == 1
    assert kind_of(house, "early@works") is Kind.DAILY_CAP_SUSPECTED


def test_what_was_refused_for_its_number_is_recalled_since_the_last_acceptance(house, clock, told):
    start = house.now()
    told.refused_message(Kind.TOO_FREQUENT, "early@works")
    assert [one.recipient for one in intake.limited(house, start)[1]] == ["early@works"]
    clock.turn(minutes=1)
    told.success("any@works", Medium.LINE_WORKS, source=Source.LINEWORKS_RELAY)
    accepted = house.now()
    clock.turn(minutes=1)
    told.refused_message(Kind.DAILY_CAP_SUSPECTED, "late@works")
    since, failures = intake.limited(house, start)
    assert (since, [one.recipient for one in failures]) == (accepted, ["late@works"])


def test_yesterdays_refusals_stay_what_they_were(house, clock, told):
    told.refused_message(Kind.TOO_FREQUENT, "early@works")
    clock.turn(days=1)
    told.refused_message(Kind.DAILY_CAP, "late@works")
    assert kind_of(house, "early@works") is Kind.TOO_FREQUENT


@pytest.mark.parametrize("order", [1, -1])
def test_a_batch_that_tells_of_several_caps_explains_each_day(house, order):
    def refused(kind, recipient, hours):
        return Failure(
            source=Source.HOST_PUSH,
            source_id=f"{recipient}/{hours}",
            medium=Medium.LINE_WORKS,
            kind=kind,
            recipient=recipient,
            occurred_at=house.now() - timedelta(hours=hours),
        )

    told = [
        refused(Kind.DAILY_CAP, "first@works", 50),
        refused(Kind.TOO_FREQUENT, "second@works", 49),
        refused(Kind.DAILY_CAP, "third@works", 48),
        refused(Kind.TOO_FREQUENT, "fourth@works", 2),
        refused(Kind.DAILY_CAP_SUSPECTED, "fifth@works", 1),
    ]
    intake.record(house, Batch(failures=tuple(told[::order])))
    assert kind_of(house, "second@works") is Kind.DAILY_CAP
    assert kind_of(house, "fourth@works") is Kind.DAILY_CAP_SUSPECTED


def test_what_is_accepted_adds_up(house, told):
    failure = told.failure(Kind.HARD_BOUNCE)
    strange = SetAside(source=Source.SENDGRID_EVENTS, body=b"{", reason="not JSON")
    recorded = intake.record(house, Batch(failures=(failure,), set_aside=(strange,)))
    assert (recorded.new, recorded.repeated, recorded.set_aside) == (0, 1, 1)


def aside(house, *bodies, **more):
    strange = tuple(
        SetAside(source=Source.SENDGRID_EVENTS, body=body, reason="odd", **more) for body in bodies
    )
    intake.record(house, Batch(set_aside=strange))


def alarms(house):
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    return sorted(one.subject.partition("|")[0] for one in notices)


def test_a_whole_post_that_nobody_can_read_alarms_once_a_day(house, clock):
    for body in (b"a", b"b", b"a"):
        aside(house, body, whole=True)
    assert alarms(house) == ["post_unreadable"]
    clock.turn(days=1)
    aside(house, b"a", whole=True)
    assert alarms(house) == ["post_unreadable"] * 2


def test_a_single_element_waits_for_whoever_looks(house):
    aside(house, b"a")
    assert alarms(house) == []


def test_a_quarantine_that_fills_alarms_before_anything_is_lost(house):
    aside(house, *(b"%d" % n for n in range(MOST * 8 // 10 - 1)))
    assert alarms(house) == []
    aside(house, b"one more")
    assert alarms(house) == ["quarantine_filling"]
    aside(house, *(b"x%d" % n for n in range(MOST)))
    assert alarms(house) == ["quarantine_filling", "quarantine_full"]


def test_news_of_the_account_are_told_with_the_record(house):
    news = AccountNews(alarm="account_banned", word="-", at=house.now())
    telling = Telling(batch=Batch(source=Source.SENDGRID_EVENTS, ignored=1), news=(news, news))
    assert intake.take(house, telling).ignored == 1
    assert alarms(house) == ["account_banned"]


def test_an_alarm_told_twice_is_one(house):
    for _ in range(2):
        alarming.alarm(house, "account_suspended", house.now())
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    assert [one.place for one in notices] == [ADMINS]


def test_a_pushed_source_says_since_when_it_is_up_and_when_it_spoke(house, clock):
    intake.listen(house, Source.SENDGRID_EVENTS)
    up = clock.now()
    clock.turn(minutes=5)
    intake.heard(house, Source.SENDGRID_EVENTS)
    (coverage,) = house.store.coverage(house.tenant)
    assert (coverage.since, coverage.until) == (up, up + timedelta(minutes=5))


def test_what_came_before_a_restart_claims_nothing_of_the_time_between(house, clock):
    came = house.now()
    clock.turn(minutes=30)
    intake.listen(house, Source.SENDGRID_EVENTS)
    intake.heard(house, Source.SENDGRID_EVENTS, came)
    [coverage] = house.store.coverage(house.tenant)
    assert coverage.since == house.now()


def test_a_restart_is_up_anew_and_keeps_when_it_last_heard(house, clock):
    intake.listen(house, Source.SENDGRID_EVENTS)
    intake.heard(house, Source.SENDGRID_EVENTS)
    heard = clock.now()
    clock.turn(hours=1)
    intake.listen(house, Source.SENDGRID_EVENTS)
    (coverage,) = house.store.coverage(house.tenant)
    assert (coverage.since, coverage.until) == (clock.now(), heard)


def test_a_wrong_scope_alarms_the_admins_once_a_day(house, clock, told):
    for recipient in ("a@works", "b@works"):
        told.failure(Kind.MISSING_SCOPE, recipient, medium=Medium.LINE_WORKS)
        clock.turn(minutes=1)
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    assert [one.topic for one in notices] == ["alarm"]


def test_an_alarm_of_the_day_tells_its_own_moment_and_answer(house, told):
    told.failure(Kind.BAD_CREDENTIALS, "a@works", medium=Medium.LINE_WORKS, status="401")
    (notice,) = house.store.due_notices(house.tenant, house.now(), 9)
    text = text_of(message(house, notice.subject, "en"))
    assert "10:00" in text
    assert "401" in text


def test_an_alarm_that_was_lost_to_a_busy_storage_comes_with_the_repetition(house, monkeypatch):
    failure = told_scope(house)
    with monkeypatch.context() as busy:
        busy.setattr(house.store, "notify", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            intake.record(house, Batch(failures=(failure,)))
    intake.record(house, Batch(failures=(failure,)))
    assert house.store.due_notices(house.tenant, house.now(), 9)


def told_scope(house):
    return Failure(
        source=Source.LINEWORKS_RELAY,
        source_id="x",
        medium=Medium.LINE_WORKS,
        kind=Kind.MISSING_SCOPE,
        recipient="a@works",
        occurred_at=house.now(),
    )


def test_without_a_channel_every_admin_is_told_alone(with_policy):
    house = with_policy(admin_channel="", digest_channels=())
    alarming.alarm(house, "account_suspended", house.now())
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    assert [one.place for one in notices] == [ADMIN, SECOND]
