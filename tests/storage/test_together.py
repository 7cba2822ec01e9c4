"""Many threads on one store, and other programs on its file."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from storage.failures import Medium
from storage.postgres import engine as postgres
from storage.requests import Action, Request, RequestState
from storage.sqlite import engine as sqlite
from storage.store import StorageBusyError
from storage.verbs import together
from storage.views import CaseQuery
from tests.storage.examples import FAULTS, HANAKO, NOW, TENANT, batch, bounce

WISH = Request(
    id="r1",
    action=Action.REMOVE,
    medium=Medium.EMAIL,
    subject=HANAKO,
    asked_by="slack:UADMIN",
    asked_at=NOW,
    asked_from="slack:CDIGEST",
)
THREADS = 8


def all_at_once(act):
    """What `act(number)` answers in each thread, all let go at the same moment."""
    start = threading.Barrier(THREADS)

    def run(number):
        start.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_of_eight_decisions_exactly_one_wins(store):
    for race in range(20):
        wish = replace(WISH, id=f"r{race}", subject=f"{race}@example.jp")
        store.ask(TENANT, wish, [])

        def decide(number, wish=wish):
            states = (RequestState.APPROVED, RequestState.DECLINED)
            decided = replace(wish, state=states[number % 2], decided_by=f"slack:U{number}")
            return store.move(TENANT, wish.id, RequestState.OPEN, decided)

        answers = all_at_once(decide)
        assert answers.count(True) == 1
        winner = store.request(TENANT, wish.id).decided_by
        assert winner == f"slack:U{answers.index(True)}"


def test_of_eight_wishes_for_one_address_one_is_stored(store):
    answers = all_at_once(lambda n: store.ask(TENANT, replace(WISH, id=f"r{n}"), []))
    assert sum(new for _, new in answers) == 1
    assert len({request.id for request, _ in answers}) == 1


def test_readers_and_writers_do_not_stop_each_other(store):
    def work(number):
        for step in range(25):
            if number % 2:
                told = bounce(source_id=f"{number}-{step}", recipient=f"{step}@example.jp")
                store.record(TENANT, batch(told), NOW)
            else:
                store.groups(TENANT, CaseQuery())
                list(store.each_case(TENANT, CaseQuery()))

    all_at_once(work)
    (group,) = store.groups(TENANT, CaseQuery())
    assert group.count == 25
    assert len(store.failures(TENANT, Medium.EMAIL, "3@example.jp")) == THREADS / 2


@pytest.mark.engine("sqlite")
def test_threads_that_ended_leave_no_connection_behind(store):
    for _ in range(20):
        thread = threading.Thread(target=store.fact, args=(TENANT, "any"))
        thread.start()
        thread.join()
    assert len(store._readers) <= 2


@pytest.fixture
def other_program(url, store):
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    yield connection
    connection.close()


@pytest.mark.engine("sqlite")
def test_a_lock_held_elsewhere_is_said_and_nothing_is_half_done(store, other_program, monkeypatch):
    store._writer.execute("PRAGMA busy_timeout = 50")
    other_program.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageBusyError, match="locked"):
        store.record(TENANT, batch(bounce()), NOW)
    with pytest.raises(StorageBusyError):
        store.ready()
    assert store.cases(TENANT, CaseQuery()) == []
    other_program.execute("ROLLBACK")
    store.ready()
    assert store.record(TENANT, batch(bounce()), NOW).new == 1


@pytest.mark.engine("sqlite")
def test_a_write_waits_for_another_programs_write(store, other_program):
    other_program.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other_program.execute, ["ROLLBACK"])
    release.start()
    assert store.record(TENANT, batch(bounce()), NOW).new == 1
    release.join()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("fault", ["max_page_count = 1", "query_only = ON"])
def test_a_full_or_read_only_disk_is_said_and_nothing_is_half_done(store, fault):
    told = [bounce(source_id=f"e{n}", raw="x" * 500) for n in range(1000)]
    store._writer.execute(f"PRAGMA {fault}")
    with pytest.raises(StorageBusyError, match="full|readonly"):
        store.record(TENANT, batch(*told), NOW)
    assert store.cases(TENANT, CaseQuery()) == []


def test_a_writer_that_never_ends_is_said_too(store, monkeypatch):
    for engine in (sqlite, postgres):
        monkeypatch.setattr(engine, "WRITER_TURN_SECONDS", 0.05)
    with store._writing(TENANT), pytest.raises(StorageBusyError, match="too long"):
        ThreadPoolExecutor(1).submit(store.put_fact, TENANT, "a", "b").result()


def test_a_batch_that_fails_in_the_middle_leaves_nothing(store):
    broken = replace(bounce(source_id="e2", recipient="taro@example.jp"), times_seen=0)
    with pytest.raises(FAULTS):
        store.record(TENANT, batch(bounce(), broken), NOW)
    assert store.cases(TENANT, CaseQuery()) == []
    assert store.record(TENANT, batch(bounce()), NOW).new == 1


def test_a_closed_store_is_said_and_opens_nothing_again(store):
    store.fact(TENANT, "any")
    store.close()
    store.close()
    walk = store.each_case(TENANT, CaseQuery())
    for act in (store.ready, lambda: store.fact(TENANT, "any"), lambda: next(walk)):
        with pytest.raises(StorageBusyError, match="closed"):
            act()


@pytest.fixture
def queued(store):
    """Batches that wait for their turn at the same moment, then what became of each."""

    def run(*batches):
        def record(one):
            try:
                return store.record(TENANT, one, NOW)
            except (StorageBusyError, UnicodeEncodeError) as error:
                return type(error)

        with ThreadPoolExecutor(len(batches)) as pool:
            with store._turn:
                told = []
                for number, one in enumerate(batches, 1):
                    told.append(pool.submit(record, one))
                    while len(store._waiting) < number:
                        time.sleep(0.001)
            return [one.result() for one in told]

    return run


@pytest.fixture
def transactions(store, monkeypatch):
    """How many of them there have been since."""
    seen, begin = [], store._committing

    def counted(tenants, **more):
        seen.append(tenants)
        return begin(tenants, **more)

    monkeypatch.setattr(store, "_committing", counted)
    return lambda: len(seen)


def test_batches_that_wait_together_are_committed_together(queued, transactions):
    told = [
        batch(bounce(source_id=f"e{n // 2}", recipient=f"{n // 2}@example.jp")) for n in range(8)
    ]
    became = queued(*told)
    assert [(one.new, one.repeated) for one in became] == [(1, 0), (0, 1)] * 4
    assert transactions() == 1


def test_a_transaction_has_its_bounds(queued, transactions, monkeypatch):
    monkeypatch.setattr(together, "_MOST_TOGETHER", 5)
    told = [
        batch(*(bounce(source_id=f"{n}-{one}", recipient=f"{one}@example.jp") for one in range(2)))
        for n in range(5)
    ]
    assert sum(one.new for one in queued(*told)) == 10
    assert transactions() == 3


def test_a_batch_that_cannot_be_stored_spoils_no_other(store, queued):
    bad = batch(bounce(source_id="bad", provider_text="\ud800"))
    became = queued(batch(bounce()), bad, batch(bounce(source_id="e2")))
    assert [getattr(one, "new", one) for one in became] == [1, UnicodeEncodeError, 1]
    assert len(store.failures(TENANT, Medium.EMAIL, HANAKO)) == 2


def test_what_was_refused_in_the_queue_is_never_stored(store, monkeypatch):
    for engine in (sqlite, postgres):
        monkeypatch.setattr(engine, "WRITER_TURN_SECONDS", 0.01)
    with store._turn, ThreadPoolExecutor(1) as pool:
        refused = pool.submit(store.record, TENANT, batch(bounce()), NOW)
        with pytest.raises(StorageBusyError):
            refused.result()
    store.record(TENANT, batch(bounce(source_id="e2")), NOW)
    assert [one.source_id for one in store.failures(TENANT, Medium.EMAIL, HANAKO)] == ["e2"]


@pytest.mark.engine("sqlite")
def test_the_log_is_moved_into_the_file_beside_the_writer(store, url):
    """The file grows although the writer itself would have let the log grow on."""
    file = Path(url.removeprefix("sqlite:///"))
    before = file.stat().st_size
    store.record(
        TENANT, batch(*(bounce(source_id=f"{n}", raw="x" * 4096) for n in range(200))), NOW
    )
    until = time.monotonic() + 30
    while file.stat().st_size <= before and time.monotonic() < until:
        time.sleep(0.05)
    assert file.stat().st_size > before
