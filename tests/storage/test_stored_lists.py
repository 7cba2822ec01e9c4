from dataclasses import replace

import pytest

from storage.lists import ListEntry, ListName, Membership
from tests.storage.examples import HANAKO, NOW, TENANT, minutes

BOUNCE = ListEntry(name=ListName.BOUNCES, address=HANAKO, created=NOW, reason="550 no such user")
BLOCK = ListEntry(name=ListName.BLOCKS, address=HANAKO, created=NOW, reason="451 later")


def walked_over(store, name, entries, at):
    store.put_entries(TENANT, name, entries, at)
    store.mark_read(TENANT, name, at)


def test_an_address_is_found_on_the_lists_as_last_read(store):
    walked_over(store, ListName.BOUNCES, [BOUNCE], NOW)
    assert store.membership(TENANT, "Hanako@EXAMPLE.jp") == Membership(
        entries=(BOUNCE,), read_at=NOW
    )


def test_lists_that_were_never_read_say_so(store):
    assert store.membership(TENANT, HANAKO) == Membership()


def test_the_oldest_reading_dates_the_answer(store):
    walked_over(store, ListName.BOUNCES, [], NOW)
    walked_over(store, ListName.BLOCKS, [], NOW + minutes(5))
    assert store.membership(TENANT, HANAKO).read_at == NOW


def test_pages_of_one_walk_add_up(store):
    other = replace(BOUNCE, address="taro@example.jp")
    walked_over(store, ListName.BOUNCES, [BOUNCE, BOUNCE], NOW)
    walked_over(store, ListName.BOUNCES, [other], NOW)
    assert store.membership(TENANT, HANAKO).entries == (BOUNCE,)
    assert store.membership(TENANT, "taro@example.jp").entries == (other,)


def test_a_newer_entry_replaces_the_older_one(store):
    again = replace(BOUNCE, created=NOW + minutes(60), reason="550 still nobody")
    walked_over(store, ListName.BOUNCES, [BOUNCE], NOW)
    walked_over(store, ListName.BOUNCES, [again], NOW + minutes(60))
    assert store.membership(TENANT, HANAKO).entries == (again,)


def test_several_groups_hold_one_address(store):
    groups = [ListEntry(name=ListName.GROUPS, address=HANAKO, reason=f"group {n}") for n in "12"]
    walked_over(store, ListName.GROUPS, groups, NOW)
    assert store.membership(TENANT, HANAKO).entries == tuple(groups)


def test_a_live_answer_replaces_what_we_knew(store):
    walked_over(store, ListName.BOUNCES, [BOUNCE], NOW)
    live = Membership(entries=(BLOCK,))
    store.set_membership(TENANT, HANAKO, live, NOW + minutes(1))
    held = store.membership(TENANT, HANAKO)
    assert held == Membership(entries=(BLOCK,), read_at=NOW + minutes(1))


def test_a_list_that_did_not_answer_keeps_what_we_knew(store):
    walked_over(store, ListName.BOUNCES, [BOUNCE], NOW)
    silent = Membership(unanswered=(ListName.BOUNCES,))
    store.set_membership(TENANT, HANAKO, silent, NOW + minutes(1))
    assert store.membership(TENANT, HANAKO) == Membership(entries=(BOUNCE,), read_at=NOW)


@pytest.mark.parametrize("walked", [-1, 1])
def test_the_newer_of_walk_and_live_answer_wins(store, walked):
    store.set_membership(TENANT, HANAKO, Membership(), NOW)
    walked_over(store, ListName.BOUNCES, [BOUNCE], NOW + minutes(walked))
    assert store.membership(TENANT, HANAKO).on(ListName.BOUNCES) == (walked > 0)


def test_a_walk_that_breaks_off_stores_nothing_and_blocks_nobody(store):
    def pages():
        yield BOUNCE
        store.put_fact(TENANT, "written", "meanwhile")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put_entries(TENANT, ListName.BOUNCES, pages(), NOW)
    assert store.membership(TENANT, HANAKO) == Membership()
    assert store.fact(TENANT, "written") == "meanwhile"


def test_a_walk_that_has_not_ended_does_not_date_the_list(store):
    walked_over(store, ListName.BOUNCES, [], NOW)
    store.put_entries(TENANT, ListName.BOUNCES, [BOUNCE], NOW + minutes(5))
    assert store.membership(TENANT, HANAKO) == Membership(entries=(BOUNCE,), read_at=NOW)
