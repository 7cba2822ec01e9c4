"""What could not be understood: kept as it came, once, within bounds, until it is read."""

import sqlite3
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import open_store
from storage.failures import Batch, Medium, Recorded, SetAside, Source
from storage.quarantine import LONGEST, MOST, MOST_BYTES, Filled, Tally
from tests.storage.examples import HANAKO, NOW, TENANT, batch, bounce, delivery, minutes
from tests.storage.test_any_order import any_order, events

TENANTS = (f"tenant-{number}" for number in count())
EVENTS = Source.SENDGRID_EVENTS


def odd(body=b"?", **more):
    return SetAside(source=EVENTS, body=body, reason="no recipient", **more)


def aside(store, *bodies, at=NOW):
    return store.record(TENANT, Batch(set_aside=tuple(map(odd, bodies))), at)


def bodies(store):
    return [one.body for one in store.quarantined(TENANT, 0, MOST + 1)]


def tally(store, tenant=TENANT):
    [one] = store.tallies(tenant)
    return one


def adds_up(one):
    return one.elements == one.new + one.repeated + one.set_aside + one.ignored + one.lost


def test_an_element_is_kept_byte_for_byte_with_what_is_known_of_it(store):
    told = SetAside(source=Source.HOST_PUSH, body=b"\xff\x00 \xe3\x81", reason="bad", whole=True)
    assert store.record(TENANT, Batch(set_aside=(told,)), NOW) == Recorded(set_aside=1)
    [kept] = store.quarantined(TENANT, 0, 9)
    assert (kept.body, kept.reason, kept.whole) == (told.body, "bad", True)
    assert (kept.source, kept.told_at, kept.size, kept.times) == (Source.HOST_PUSH, NOW, 5, 1)
    assert not kept.cut


def test_what_is_too_long_is_cut_and_says_how_long_it_was(store):
    aside(store, b"x" * (LONGEST + 7))
    [kept] = store.quarantined(TENANT, 0, 9)
    assert (len(kept.body), kept.size, kept.cut) == (LONGEST, LONGEST + 7, True)


def test_two_that_differ_behind_the_cut_are_two(store):
    recorded = aside(store, b"x" * LONGEST + b"1", b"x" * LONGEST + b"2")
    assert recorded == Recorded(set_aside=2)


def test_a_reason_of_half_a_surrogate_pair_is_kept_as_far_as_it_is_text(store):
    told = SetAside(source=EVENTS, body=b"?", reason="no \ud83d" + "x" * 999)
    store.record(TENANT, Batch(set_aside=(told,)), NOW)
    [kept] = store.quarantined(TENANT, 0, 9)
    assert kept.reason.startswith("no ?x")
    assert len(kept.reason) == 300


def test_an_element_told_twice_lies_there_once(store):
    assert aside(store, b"a", b"a") == Recorded(set_aside=1, repeated=1)
    assert aside(store, b"a") == Recorded(repeated=1)
    [kept] = store.quarantined(TENANT, 0, 9)
    assert kept.times == 3
    assert tally(store) == Tally(source=EVENTS, elements=3, repeated=2, set_aside=1)


def test_tenants_have_a_quarantine_of_their_own(store):
    aside(store, b"a")
    assert store.quarantined("other", 0, 9) == []
    assert store.quarantine_filled("other") == Filled()
    retried = batch(bounce())
    assert store.record("other", Batch(**vars(retried) | {"retried": 1}), NOW) == Recorded()
    assert bodies(store) == [b"a"]


def test_it_is_read_page_by_page_the_oldest_first(store):
    aside(store, b"a", b"b", b"c")
    first = store.quarantined(TENANT, 0, 2)
    rest = store.quarantined(TENANT, first[-1].number, 2)
    assert [one.body for one in (*first, *rest)] == [b"a", b"b", b"c"]


def test_how_full_it_is_is_told_with_the_age_of_the_oldest(store):
    aside(store, b"abc")
    aside(store, b"de", at=NOW + minutes(5))
    filled = store.quarantine_filled(TENANT)
    assert filled == Filled(count=2, kept=5, oldest=NOW)
    assert Filled(count=MOST, kept=1).share == Filled(count=1, kept=MOST_BYTES).share == 1


def test_beyond_the_most_the_oldest_make_room_and_are_counted_as_lost(store):
    aside(store, *(b"%d" % number for number in range(MOST)))
    recorded = aside(store, b"new", b"newer")
    assert recorded == Recorded(set_aside=2, pushed_out=2)
    kept = bodies(store)
    assert (len(kept), kept[0], kept[-1]) == (MOST, b"2", b"newer")
    assert tally(store) == Tally(source=EVENTS, elements=MOST + 2, set_aside=MOST, lost=2)


def test_beyond_the_most_bytes_the_oldest_make_room_too(store):
    most = MOST_BYTES // LONGEST
    for number in range(most):
        aside(store, b"%04d" % number + b"x" * (LONGEST - 4))
    assert aside(store, b"a little more") == Recorded(set_aside=1, pushed_out=1)
    filled = store.quarantine_filled(TENANT)
    assert (filled.count, filled.kept) == (most, MOST_BYTES - LONGEST + 13)
    assert bodies(store)[0].startswith(b"0001")


def test_what_makes_room_is_lost_to_the_source_that_told_it(store):
    first = SetAside(source=Source.HOST_PUSH, body=b"0", reason="odd")
    store.record(TENANT, Batch(set_aside=(first,)), NOW)
    aside(store, *(b"%d" % number for number in range(MOST)))
    lost = {one.source: (one.set_aside, one.lost) for one in store.tallies(TENANT)}
    assert lost == {Source.HOST_PUSH: (0, 1), EVENTS: (MOST, 0)}


def retried(store, number, *understood):
    told = vars(batch(*understood)) | {"retried": number}
    return store.record(TENANT, Batch(**told), NOW)


def test_what_was_understood_is_stored_and_leaves_with_one_write(store):
    aside(store, b"a", b"b")
    first, _ = store.quarantined(TENANT, 0, 9)
    recorded = retried(store, first.number, bounce(), delivery())
    assert (recorded.new, recorded.repeated) == (2, 0)
    assert bodies(store) == [b"b"]
    assert tally(store) == Tally(source=EVENTS, elements=3, new=2, set_aside=1)


def test_read_a_second_time_nothing_is_stored_again(store):
    aside(store, b"a")
    [one] = store.quarantined(TENANT, 0, 9)
    counted = bounce(each_telling_counts=True)
    assert retried(store, one.number, counted).new == 1
    assert retried(store, one.number, counted) == Recorded()
    [stored] = store.failures(TENANT, Medium.EMAIL, HANAKO)
    assert stored.times_seen == 1
    assert tally(store) == Tally(source=EVENTS, elements=1, new=1)


def test_a_number_never_comes_to_mean_another_element(store):
    aside(store, b"a")
    [one] = store.quarantined(TENANT, 0, 9)
    retried(store, one.number, bounce())
    aside(store, b"b")
    [other] = store.quarantined(TENANT, 0, 9)
    assert other.number > one.number


def test_what_fails_to_be_stored_stays_where_it_was(store):
    aside(store, b"a")
    [one] = store.quarantined(TENANT, 0, 9)
    with pytest.raises(TypeError):
        retried(store, one.number, bounce(occurred_at=NOW.replace(tzinfo=None)))
    assert bodies(store) == [b"a"]
    assert tally(store) == Tally(source=EVENTS, elements=1, set_aside=1)


def test_a_batch_of_nothing_is_counted_under_the_source_it_names(store):
    store.record(TENANT, Batch(source=EVENTS, ignored=3), NOW)
    assert tally(store) == Tally(source=EVENTS, elements=3, ignored=3)
    assert store.record(TENANT, Batch(), NOW) == Recorded()
    assert len(store.tallies(TENANT)) == 1


broken = st.sampled_from([b"", b"a", b"b", b"\xff"]).map(odd)


@any_order
@given(
    posts=st.lists(st.tuples(events, st.lists(broken, max_size=3), st.integers(0, 2)), max_size=5),
    again=st.lists(st.tuples(st.integers(0, 9), events, st.lists(broken, max_size=2)), max_size=3),
)
def test_every_post_adds_up_and_so_do_all_together(store, posts, again):
    tenant, told = next(TENANTS), 0
    for post, strange, ignored in posts:
        beside = {"set_aside": tuple(strange), "ignored": ignored, "source": EVENTS}
        recorded = store.record(tenant, Batch(**vars(batch(*post)) | beside), NOW)
        parts = (recorded.new, recorded.repeated, recorded.set_aside, recorded.ignored)
        assert sum(parts) == len(post) + len(strange) + ignored
        told += sum(parts)
    for pick, understood, strange in again:
        lying = store.quarantined(tenant, 0, 99)
        number = lying[pick % len(lying)].number if lying else 999
        read = vars(batch(*understood)) | {"set_aside": tuple(strange), "source": EVENTS}
        recorded = store.record(tenant, Batch(**read | {"retried": number}), NOW)
        if lying:
            told += len(understood) + len(strange) - 1
        else:
            assert recorded == Recorded()
    sums = store.tallies(tenant)
    assert sum(one.elements for one in sums) == told
    assert all(map(adds_up, sums))
    assert sum(one.set_aside for one in sums) == store.quarantine_filled(tenant).count


@pytest.mark.engine("sqlite")
def test_what_lay_there_before_it_had_numbers_is_kept(url, tmp_path):
    open_store(url).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.executescript(
        """
        DROP TABLE quarantine; DROP TABLE tallies;
        CREATE TABLE set_aside (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, source TEXT NOT NULL,
            body TEXT NOT NULL, reason TEXT NOT NULL, told_at INTEGER NOT NULL) STRICT;
        DELETE FROM _sqlite_migrations WHERE name = '0010_aside';
        """
    )
    rows = [("acme", "sendgrid_events", body, "odd", 1000) for body in ("あ", "x" * 65536)]
    connection.executemany(
        "INSERT INTO set_aside (tenant, source, body, reason, told_at) VALUES (?, ?, ?, ?, ?)", rows
    )
    connection.commit()
    connection.close()
    store = open_store(url)
    kept = store.quarantined(TENANT, 0, 9)
    assert [(one.body[:3], one.cut) for one in kept] == [("あ".encode(), False), (b"xxx", True)]
    assert tally(store) == Tally(source=EVENTS, elements=2, set_aside=2)
    store.close()
