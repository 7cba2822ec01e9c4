"""PostgreSQL in trouble, with the real fault: stated, nothing half done, and whole again by itself."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from storage.failures import Medium
from storage.opening import open_store
from storage.postgres import engine, portions
from storage.postgres.locks import number_of
from storage.store import StorageBusyError, StorageDamagedError
from storage.views import CaseQuery
from tests.storage.examples import FAULTS, HANAKO, NOW, TENANT, batch, bounce, minutes
from tests.storage.faults import within
from tests.storage.wire import Wire

pytestmark = pytest.mark.engine("postgres")


@pytest.fixture
def other(url):
    """Another program's connection to the same database."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def record(store, number=1, **more):
    return store.record(TENANT, batch(bounce(source_id=f"e{number}", **more)), NOW)


def stored(store):
    return len(store.failures(TENANT, Medium.EMAIL, HANAKO))


def acts(store):
    return (
        lambda: record(store),
        store.ready,
        store.health,
        lambda: store.cases(TENANT, CaseQuery()),
        lambda: list(store.each_case(TENANT, CaseQuery())),
    )


def test_a_server_that_was_stopped_is_trouble_until_it_is_back(store, postgres):
    record(store)
    with postgres.stopped():
        for act in acts(store):
            with pytest.raises(StorageBusyError):
                act()
    assert within(20, lambda: record(store, 2)).new == 1
    assert within(20, lambda: stored(store)) == 2


def test_a_writer_that_is_cut_off_stores_nothing_and_is_replaced(store, other):
    def write():
        with store._writing(TENANT) as connection:
            connection.execute("INSERT INTO facts VALUES ('acme', 'half', 'done')")
            other.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
            connection.execute("SELECT 1")

    with pytest.raises(StorageBusyError):
        write()
    assert store.fact(TENANT, "half") is None
    assert record(store).new == 1


def test_readers_that_were_cut_off_are_replaced(store, other):
    store.fact(TENANT, "any")
    cut_off(other)
    assert store.fact(TENANT, "any") is None
    assert within(5, lambda: record(store)).new == 1


def cut_off(other):
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.mark.parametrize(
    "query", [CaseQuery(), CaseQuery(since=NOW, until=NOW + minutes(1), learnt=True)]
)
def test_a_long_walk_is_read_portion_by_portion_and_says_when_it_is_cut_off(
    store, other, query, monkeypatch
):
    monkeypatch.setattr(portions, "_ROWS", 10)
    told = (bounce(source_id=f"{n}", recipient=f"{n}@example.jp") for n in range(40))
    store.record(TENANT, batch(*told), NOW)
    whole = list(store.each_case(TENANT, query))
    assert len(whole) == 40
    walk = store.each_case(TENANT, query)
    assert next(walk) == whole[0]
    cut_off(other)
    read = []
    with pytest.raises(StorageBusyError):
        read.extend(walk)
    assert len(read) < 20  # of the 39 that were left, most were still with the server
    assert within(5, lambda: list(store.each_case(TENANT, query))) == whole


def test_a_commit_whose_answer_was_lost_is_told_again_and_counted_once(url):
    where = psycopg.conninfo.conninfo_to_dict(url)
    wire = Wire((where["host"], int(where["port"])))
    store = open_store(url.replace(f":{where['port']}/", f":{wire.port}/"))
    try:
        wire.cut = True
        with pytest.raises(StorageBusyError):
            record(store)
        assert not wire.cut
        again = record(store)
        assert (again.new, again.repeated) == (0, 1)
        assert stored(store) == 1
    finally:
        store.close()
        wire.close()


def test_of_one_tenant_nobody_else_writes_meanwhile_and_other_tenants_go_on(store, other):
    store._writer.execute("SET lock_timeout = '50ms'")
    other.execute("SELECT pg_advisory_lock(%s)", (number_of(f"tenant/{TENANT}"),))
    with pytest.raises(StorageBusyError, match="lock timeout"):
        record(store)
    assert store.record("other", batch(bounce()), NOW).new == 1
    other.execute("SELECT pg_advisory_unlock_all()")
    assert record(store).new == 1


def test_a_database_that_takes_no_writes_is_trouble(store):
    store._writer.execute("SET default_transaction_read_only = on")
    with pytest.raises(StorageBusyError, match="read-only"):
        record(store)
    store._writer.execute("SET default_transaction_read_only = off")
    assert record(store).new == 1


def test_a_server_that_has_no_connection_left_is_trouble(store, other, url):
    other.execute("DROP ROLE IF EXISTS one_at_a_time")
    other.execute("CREATE ROLE one_at_a_time LOGIN CONNECTION LIMIT 1")
    theirs = url.replace("postgres@", "one_at_a_time@")
    with psycopg.connect(theirs), pytest.raises(StorageBusyError, match="connections"):
        open_store(theirs)
    other.execute("DROP ROLE one_at_a_time")


@pytest.mark.parametrize(
    "state",
    [
        *("08006", "25006", "40001", "40P01", "53100", "53200", "53300", "55P03"),
        *("57014", "57P01", "57P02", "57P03", "58030"),
    ],
)
def test_whatever_passes_by_itself_is_trouble_and_nothing_is_half_done(store, state):
    def write():
        with store._writing(TENANT) as connection:
            connection.execute("INSERT INTO facts VALUES ('acme', 'half', 'done')")
            connection.execute(
                f"DO $$ BEGIN RAISE EXCEPTION 'what it said' USING ERRCODE = '{state}'; END $$"
            )

    with pytest.raises(StorageBusyError, match="what it said"):
        write()
    assert store.fact(TENANT, "half") is None
    assert record(store).new == 1


def test_a_question_that_takes_too_long_is_ended(store):
    store._writer.execute("SET statement_timeout = '100ms'")
    slow = "SELECT pg_sleep(20)"
    with pytest.raises(StorageBusyError, match="statement timeout"), store._writing(TENANT) as one:
        one.execute(slow)
    store._writer.execute("RESET statement_timeout")
    assert record(store).new == 1


def test_more_readers_than_connections_wait_and_then_are_told(url, monkeypatch):
    monkeypatch.setattr(engine, "_MOST_READERS", 1)
    monkeypatch.setattr(engine, "_POOL_SECONDS", 0.1)
    store = open_store(url)
    try:
        with store._reading(), ThreadPoolExecutor(1) as pool:
            assert store.fact(TENANT, "asked by who has one") is None
            with pytest.raises(StorageBusyError, match="no connection"):
                pool.submit(store.fact, TENANT, "any").result()
        assert store.fact(TENANT, "any") is None
    finally:
        store.close()


def test_damaged_pages_are_said_apart(store):
    with pytest.raises(StorageDamagedError, match="no more"), store._writing(TENANT) as connection:
        connection.execute(
            "DO $$ BEGIN RAISE EXCEPTION 'the page is no more' USING ERRCODE = 'XX001'; END $$"
        )


def test_a_statement_that_is_wrong_in_itself_is_no_trouble(store):
    with pytest.raises(FAULTS), store._writing(TENANT) as connection:
        connection.execute("INSERT INTO tallies (tenant) VALUES ('acme')")


def test_two_processes_tell_one_failure_once(store, url):
    beside = open_store(url)
    try:
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda n: record((store, beside)[n % 2]), range(8)))
        assert sum(one.new for one in told) == 1
        assert stored(store) == 1
        assert store.case(TENANT, Medium.EMAIL, HANAKO).times_seen == 1
    finally:
        beside.close()


def test_what_is_stored_is_durable_whatever_the_database_says(other, url):
    other.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = off")
    store = open_store(url)
    with store._writing(TENANT) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone()[0] == "on"
    store.close()
