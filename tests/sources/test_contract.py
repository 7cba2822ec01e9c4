"""What every source must bear: told twice, out of order, from the past and the future, half broken.

A new row of `bot/sources.py` needs a teller in `tellers.py`, and is then tested here.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, permutations

import pytest

from bot.sources import SOURCES
from handlers import tasks
from handlers.house import House, Policy
from storage.cases import CaseState
from storage.failures import Batch, Medium, Source, Success
from storage.opening import open_store
from storage.views import CaseQuery
from tests.fakes import TOKYO, FakeClock
from tests.sources.tellers import TELLERS, Events, Feed, File, Happening, Lists, Logs, Push, Relay

# Not on the hour: sources that count by the hour shall not be helped by it.
NOW = datetime(2026, 11, 20, 1, 17, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TENANTS = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    kept = open_store(f"sqlite:///{tmp_path_factory.mktemp('sources') / 'all.db'}")
    yield kept
    kept.close()


@pytest.fixture
def opened(store):
    """`opened()` is an installation of its own that has been looking for ten days."""

    def make():
        house = House(
            tenant=f"t{next(TENANTS)}",
            store=store,
            clock=FakeClock(NOW),
            zone=TOKYO,
            locale="ja",
            policy=Policy(admin_channel="slack:CADMINS"),
            chats={},
            sources={row.source: row.covers for row in SOURCES},
        )
        store.put_fact(house.tenant, "connected_at", (NOW - 10 * DAY).isoformat())
        tasks.take_up(house)
        return house

    return make


@pytest.fixture(params=SOURCES, ids=lambda row: row.source)
def row(request):
    return request.param


@pytest.fixture
def tell(row, opened):
    """`tell(telling, telling, ...)`: the installation after these, each a list of happenings."""

    def told(*tellings):
        house = opened()
        teller = TELLERS[row.source](house)
        for telling in tellings:
            teller.tell(telling)
        return house

    return told


@pytest.fixture
def medium(row, opened):
    return TELLERS[row.source](opened()).medium


def happening(hours_ago=2.0, who="taro@example.jp", **more):
    return Happening(who=who, at=NOW - hours_ago * HOUR, **more)


def answers(house):
    """What people are told: cases, groups, figures; nothing of when it was learnt."""
    query = CaseQuery(since=NOW - 30 * DAY, fresh=False)
    period = NOW - 30 * DAY, NOW + DAY
    return (
        house.store.cases(house.tenant, query),
        house.store.groups(house.tenant, query),
        house.store.totals(house.tenant, *period),
    )


def stored(house, medium, who="taro@example.jp"):
    return house.store.failures(house.tenant, medium, who)


def test_every_row_of_the_table_has_somebody_who_tells():
    assert TELLERS.keys() == {row.source for row in SOURCES}


def test_what_is_told_carries_its_source_a_kind_of_the_row_and_an_aware_time(row, tell, medium):
    [failure] = stored(tell([happening()]), medium)
    assert failure.source is row.source
    assert failure.kind in row.tells[medium]
    assert failure.occurred_at == (NOW - 2 * HOUR)
    assert failure.source_id


def test_told_twice_it_is_one(tell, medium):
    told = [happening(3), happening(2, "jiro@example.jp")]
    once, twice = tell(told), tell(told, told, [*told, *told])
    assert answers(once) == answers(twice)
    assert len(stored(twice, medium)) == 1


def test_two_true_failures_of_one_day_stay_two(tell, medium):
    house = tell([happening(5)], [happening(2)])
    assert len(stored(house, medium)) == 2
    assert house.store.case(house.tenant, medium, "taro@example.jp").times_seen == 2


def test_the_order_of_telling_changes_nothing(tell):
    told = [happening(5), happening(3, "jiro@example.jp"), happening(2, "hana@example.jp")]
    expected = answers(tell(told))
    for order in permutations(told):
        assert answers(tell(list(order))) == expected
        assert answers(tell(*([one] for one in order))) == expected


def test_the_order_of_one_persons_failures_changes_nothing(tell):
    told = [[happening(50)], [happening(5)], [happening(2)]]
    expected = answers(tell(*told))
    for order in permutations(told):
        assert answers(tell(*order)) == expected


def test_an_address_in_another_case_is_the_same(tell, medium):
    house = tell([happening(5, "Taro@Example.jp")], [happening(2, "taro@EXAMPLE.JP")])
    [case] = house.store.cases(house.tenant, CaseQuery(fresh=False))
    assert (case.medium, case.times_seen) == (medium, 2)


def test_what_is_told_of_the_past_does_not_undo_what_happened_since(row, tell, medium):
    house = tell()
    delivered = Success(
        source=Source.HOST_PUSH,
        source_id="later",
        medium=medium,
        recipient="taro@example.jp",
        occurred_at=NOW - HOUR,
    )
    house.store.record(house.tenant, Batch(successes=(delivered,)), NOW)
    TELLERS[row.source](house).tell([happening(20)])
    case = house.store.case(house.tenant, medium, "taro@example.jp")
    assert case.state is CaseState.DELIVERED


def test_what_is_told_of_long_ago_is_dated_long_ago(tell, medium):
    house = tell([happening(12 * 24)])
    today = CaseQuery(since=NOW - DAY, fresh=False)
    assert house.store.cases(house.tenant, today) == []
    assert all(one.occurred_at < NOW - 11 * DAY for one in stored(house, medium))


def test_nothing_is_dated_in_the_future(row, tell, medium):
    if not TELLERS[row.source].dates:
        assert stored(tell([happening(0)]), medium)[0].occurred_at == NOW
        return
    house = tell([happening(-48)], [happening(2, "jiro@example.jp")])
    assert all(one.occurred_at <= NOW for one in stored(house, medium))
    assert len(stored(house, medium, "jiro@example.jp")) == 1


def test_what_cannot_be_understood_spoils_nothing_beside_it(tell, medium):
    broken = happening(4, "hana@example.jp", broken=True)
    house = tell([happening(5), broken, happening(2, "jiro@example.jp")])
    assert len(stored(house, medium)) == 1
    assert len(stored(house, medium, "jiro@example.jp")) == 1


def test_what_a_reading_cannot_understand_is_kept_once_however_often_it_is_met(opened):
    house = opened()
    for _ in range(3):
        Logs(house).tell([happening(4, broken=True)])
    assert len(house.store.quarantined(house.tenant, 0, 9)) == 1


@pytest.mark.parametrize("order", list(permutations([Events, Lists, Logs])))
def test_one_bounce_that_events_lists_and_logs_tell_is_one(opened, order):
    house = opened()
    for teller in order:
        teller(house).tell([happening(3)])
    case = house.store.case(house.tenant, Medium.EMAIL, "taro@example.jp")
    assert (case.times_seen, case.drops) == (1, 0)
    period = NOW - DAY, NOW + DAY
    assert house.store.totals(house.tenant, *period)[Medium.EMAIL].failed == 1


@pytest.mark.parametrize(
    ("tellers", "medium"),
    [
        ((Events, Lists, Logs, Push, Feed, File), Medium.EMAIL),
        ((Relay, partial(Push, medium=Medium.LINE_WORKS)), Medium.LINE_WORKS),
    ],
)
def test_what_the_host_tells_too_is_one_case_and_one_time(opened, tellers, medium):
    for order in (tellers, tellers[::-1]):
        house = opened()
        for teller in order:
            teller(house).tell([happening(3)])
        case = house.store.case(house.tenant, medium, "taro@example.jp")
        assert case.times_seen == 1
