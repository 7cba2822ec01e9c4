"""Posts that wait: kept before whatever waits to be stored, and taken out by the write they end in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from storage.failures import Source
from storage.inbox import Inbox
from storage.opening import open_store
from storage.store import StorageBusyError
from storage.verbs import inbox
from tests.storage.examples import NOW, TENANT, batch, bounce

EVENTS = Source.SENDGRID_EVENTS


def put(store, *bodies, tenant=TENANT, now=NOW):
    return [store.put_in_inbox(tenant, EVENTS, body, now) for body in bodies]


def numbers(store, tenant=TENANT):
    return tuple(one.number for one in store.first_in_inbox(tenant, 99))


def test_a_post_waits_as_it_came_and_the_first_is_read_first(store):
    put(store, b"[1]")
    put(store, b"\x00\xff [2]", now=NOW + timedelta(seconds=1))
    put(store, b"[3]", tenant="other")
    first, second = store.first_in_inbox(TENANT, 9)
    assert (first.body, first.told_at, first.source) == (b"[1]", NOW, EVENTS)
    assert (second.body, second.told_at) == (b"\x00\xff [2]", NOW + timedelta(seconds=1))
    assert store.first_in_inbox(TENANT, 1) == [first]
    assert store.inbox(TENANT) == Inbox(count=2, size=9, oldest=NOW)
    assert store.inbox("nobody") == Inbox()


def test_it_leaves_with_the_write_that_stores_what_it_told(store):
    put(store, b"[1]", b"[2]", b"[3]")
    one, two, three = numbers(store)
    recorded = store.record(TENANT, batch(bounce(), posts=(one, two)), NOW)
    assert recorded.new == 1
    assert numbers(store) == (three,)


def test_it_stays_while_more_of_what_it_told_is_to_follow(store):
    put(store, b"[1]")
    posts = numbers(store)
    assert store.record(TENANT, batch(bounce(), posts=posts, more=True), NOW).new == 1
    assert numbers(store) == posts
    store.record(TENANT, batch(posts=posts), NOW)
    assert numbers(store) == ()


def test_what_is_answered_is_synced_and_what_lies_in_the_inbox_need_not_be(store, monkeypatch):
    seen, arrived = [], store._arrived
    setting = "SHOW synchronous_commit" if "postgres" in str(type(store)) else "PRAGMA synchronous"

    def look(connection):
        seen.append(connection.execute(setting).fetchone()[0])
        arrived(connection)

    monkeypatch.setattr(store, "_arrived", look)
    put(store, b"[1]")
    posts = numbers(store)
    store.record(TENANT, batch(bounce(), posts=posts, more=True), NOW)
    store.record(TENANT, batch(bounce(source_id="e2"), posts=posts), NOW)
    store.record(TENANT, batch(bounce(source_id="e3")), NOW)
    # https://www.sqlite.org/pragma.html#pragma_synchronous: 1 is NORMAL, 2 is FULL.
    assert seen in (["on", "off", "off", "on"], [2, 1, 1, 2])


def test_what_has_been_read_already_is_not_stored_again(store):
    put(store, b"[1]", b"[2]")
    one, two = numbers(store)
    store.record(TENANT, batch(bounce(), posts=(one,)), NOW)
    with pytest.raises(StorageBusyError, match="reads the inbox too"):
        store.record(TENANT, batch(bounce(source_id="e2"), posts=(one, two)), NOW)
    assert numbers(store) == (two,)
    assert [
        one.source_id for one in store.failures(TENANT, bounce().medium, bounce().recipient)
    ] == [bounce().source_id]


def test_nobody_takes_out_anothers(store):
    put(store, b"[1]", tenant="other")
    with pytest.raises(StorageBusyError):
        store.record(TENANT, batch(bounce(), posts=numbers(store, "other")), NOW)
    assert store.inbox("other").count == 1


@pytest.mark.parametrize(("bound", "most"), [("MOST", 2), ("MOST_BYTES", 6)])
def test_it_has_its_bounds_for_each_tenant(store, monkeypatch, bound, most):
    monkeypatch.setattr(inbox, bound, most)
    assert put(store, b"[1]", b"[2]", b"[3]") == [True, True, False]
    assert put(store, b"[1]", tenant="other") == [True]
    store.record(TENANT, batch(posts=numbers(store)[:1]), NOW)
    assert put(store, b"[3]") == [True]


def test_it_survives_a_restart_and_no_number_is_given_twice(store, url):
    put(store, b"[1]")
    [number] = numbers(store)
    store.record(TENANT, batch(posts=(number,)), NOW)
    put(store, b"[2]")
    store.close()
    opened = open_store(url)
    try:
        [waiting] = opened.first_in_inbox(TENANT, 9)
        assert (waiting.body, waiting.number > number) == (b"[2]", True)
    finally:
        opened.close()


def test_posts_do_not_wait_for_batches_that_wait_too(store):
    """Whoever has the turn next writes the posts first, with one commit for all of them."""
    order = []
    with ThreadPoolExecutor(4) as pool:
        with store._turn:
            told = pool.submit(store.record, TENANT, batch(bounce()), NOW)
            while not store._waiting:
                pass
            seen = store._write
            store._write = lambda together: (
                order.append([one.brief for one in together]),
                seen(together),
            )
            posts = [pool.submit(put, store, b"[%d]" % n) for n in range(3)]
            while len(store._brief) < len(posts):
                pass
        assert [one.result() for one in posts] == [[True]] * 3
        assert told.result().new == 1
    assert order == [[True, True, True], [False]]
