"""Recording: once, and what it means at once."""

from datetime import timedelta

from handlers import intake
from storage.failures import Batch, Kind, Medium, SetAside, Source
from tests.handlers.conftest import ADMINS


def kind_of(house, recipient):
    return house.store.case(house.tenant, Medium.LINE_WORKS, recipient).kind


def test_a_cap_found_out_explains_the_days_earlier_refusals(house, clock, told):
    told.refused_message(Kind.TOO_FREQUENT, "early@works")
    clock.turn(minutes=10)
    told.refused_message(Kind.DAILY_CAP_SUSPECTED, "late@works")
    assert kind_of(house, "early@works") is Kind.DAILY_CAP_SUSPECTED


def test_yesterdays_refusals_stay_what_they_were(house, clock, told):
    told.refused_message(Kind.TOO_FREQUENT, "early@works")
    clock.turn(days=1)
    told.refused_message(Kind.DAILY_CAP, "late@works")
    assert kind_of(house, "early@works") is Kind.TOO_FREQUENT


def test_what_is_accepted_adds_up(house, told):
    failure = told.failure(Kind.HARD_BOUNCE)
    strange = SetAside(source=Source.SENDGRID_EVENTS, body="{", reason="not JSON")
    recorded = intake.record(house, Batch(failures=(failure,), set_aside=(strange,)))
    assert (recorded.new, recorded.repeated, recorded.set_aside) == (0, 1, 1)


def test_an_alarm_told_twice_is_one(house):
    for _ in range(2):
        intake.alarm(house, "account_suspended", house.now())
    notices = house.store.due_notices(house.tenant, house.now(), 9)
    assert [one.place for one in notices] == [ADMINS]


def test_a_pushed_source_says_since_when_it_is_up_and_when_it_spoke(house, clock):
    intake.listen(house, Source.SENDGRID_EVENTS)
    up = clock.now()
    clock.turn(minutes=5)
    intake.heard(house, Source.SENDGRID_EVENTS)
    (coverage,) = house.store.coverage(house.tenant)
    assert (coverage.since, coverage.until) == (up, up + timedelta(minutes=5))


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
