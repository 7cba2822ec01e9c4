"""What strikes everyone is told to the admins, once a day for each cause."""

from datetime import timedelta

import pytest

from handlers import outages, tasks
from handlers.notices import deliver
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading
from tests.handlers.conftest import ADMINS, text_of


@pytest.fixture
def struck(told):
    def strike(
        parties=3, each=4, cause=Cause.AUTH_FAILURE, kind=Kind.SOFT_BOUNCE, of="example", **more
    ):
        for party in range(parties):
            for n in range(each):
                told.failure(
                    kind,
                    recipient=f"p{n}@{party}.{of}",
                    reading=Reading(cause=cause),
                    **more,
                )

    return strike


def alarms(house, clock):
    clock.turn(seconds=1)
    return [
        one.subject.partition("|")[0]
        for one in house.store.due_notices(house.tenant, house.now(), 50)
        if one.topic == "alarm"
    ]


def test_nearly_all_failing_alike_is_told_in_the_admins_channel(house, struck, clock, chat):
    struck()
    outages.look(house)
    assert alarms(house, clock) == ["everyone_email"]
    [notice] = house.store.due_notices(house.tenant, house.now(), 50)
    deliver(house, notice)
    [(place, message, _)] = chat.posts
    assert place == ADMINS
    assert "12 addresses of 3 domains have failed for the same reason" in text_of(message)
    assert "(Authentication failed)" in text_of(message)
    assert "0 notifications were accepted in the same time" in text_of(message)


def test_doubled_and_later_ticks_of_a_day_tell_nothing_new(house, struck, clock):
    struck()
    for _ in range(3):
        outages.look(house)
        clock.turn(minutes=7)
    assert alarms(house, clock) == ["everyone_email"]


def test_another_cause_and_another_day_are_told_anew(house, struck, clock):
    struck()
    outages.look(house)
    struck(cause=Cause.CONNECTION_FAILED, kind=Kind.DEFERRED, of="example.net")
    outages.look(house)
    clock.turn(days=1)
    struck()
    outages.look(house)
    assert alarms(house, clock) == ["everyone_email"] * 3


@pytest.mark.parametrize(
    ("parties", "each", "delivered"),
    [(1, 1, 4), (3, 2, 0), (2, 30, 0), (3, 10, 20)],
)
def test_little_or_local_trouble_is_no_alarm(house, struck, told, clock, parties, each, delivered):
    struck(parties, each)
    for n in range(delivered):
        told.success(recipient=f"well{n}@well.example")
    outages.look(house)
    assert alarms(house, clock) == []


def test_what_has_passed_is_no_alarm_any_more(house, struck, clock):
    struck()
    clock.turn(hours=3)
    outages.look(house)
    assert alarms(house, clock) == []


def test_drops_that_echo_old_bounces_are_no_outage(house, struck, clock):
    struck(kind=Kind.HARD_BOUNCE, at=house.now() - timedelta(days=3))
    struck(kind=Kind.DROPPED, dropped_by=DroppedBy.BOUNCE_LIST)
    outages.look(house)
    assert alarms(house, clock) == []


def refuse(told, kind, count):
    for n in range(count):
        told.refused_message(kind, f"m{n}@works")


def test_several_members_without_the_right_domain_are_the_links_trouble(house, told, clock, chat):
    refuse(told, Kind.WRONG_DOMAIN_INFO, 2)
    outages.look(house)
    assert alarms(house, clock) == []
    refuse(told, Kind.WRONG_DOMAIN_INFO, 3)
    outages.look(house)
    assert alarms(house, clock) == ["everyone_line_works"]
    deliver(house, house.store.due_notices(house.tenant, house.now(), 1)[0])
    assert "notifications to 3 members have failed" in text_of(chat.posts[0][1])


@pytest.mark.parametrize("kind", [Kind.DAILY_CAP, Kind.TOO_FREQUENT, Kind.NO_SUCH_ID])
def test_limits_and_single_members_are_no_alarm(house, told, clock, kind):
    refuse(told, kind, 9)
    outages.look(house)
    assert alarms(house, clock) == []


def test_what_intake_tells_at_once_is_not_told_twice(house, told, struck, clock):
    refuse(told, Kind.MISSING_SCOPE, 9)
    struck(kind=Kind.DROPPED, dropped_by=DroppedBy.OVER_QUOTA, cause=Cause.OTHER)
    outages.look(house)
    assert sorted(alarms(house, clock)) == ["missing_scope", "over_quota"]


def test_it_is_looked_every_five_minutes(house, clock):
    def keys():
        return {unit.key for unit in tasks.due(house, polled=())}

    assert "outages" in keys()
    outages.look(house)
    assert "outages" not in keys()
    clock.turn(minutes=5)
    assert "outages" in keys()


def test_the_medium_is_told_apart(house, struck, told, clock):
    struck()
    for n in range(50):
        told.success(recipient=f"m{n}@works", medium=Medium.LINE_WORKS)
    outages.look(house)
    assert alarms(house, clock) == ["everyone_email"]
