"""The lists as the stand-in keeps them: looked up, walked, and one entry taken off."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.sendgrid import suppressions
from bot.sendgrid.suppressions import DELETE_SCOPES, READ_SCOPES, SendGridLists
from handlers.ports import NotNowError, VendorError
from sandbox.sendgrid import DELETE_KEY, READ_KEY
from storage.failures import fold_recipient
from storage.lists import ListName
from storage.opening import turn_at
from storage.requests import Outcome
from storage.turns import in_process

EVENTS = {
    ListName.BOUNCES: {"event": "bounce", "type": "bounce", "reason": "550 no", "status": "5.1.1"},
    ListName.BLOCKS: {"event": "bounce", "type": "blocked", "reason": "452 full"},
    ListName.INVALID_EMAILS: {"event": "dropped", "reason": "Invalid"},
    ListName.SPAM_REPORTS: {"event": "spamreport"},
    ListName.UNSUBSCRIBES: {"event": "unsubscribe"},
    ListName.GROUPS: {"event": "group_unsubscribe", "asm_group_id": 31001},
}
ADDRESS = "taro+list/a@example.jp"


def put(vendor, name, email=ADDRESS):
    vendor.happen({**EVENTS[name], "email": email})


def walked(lists, name, since=None, until=None):
    """Addresses of a walk that ends a little ahead, for the stand-in's clock runs on."""
    end = until or datetime.now(UTC) + timedelta(minutes=1)
    return [one.address for page in lists.pages(name, since, end) for one in page.entries]


@pytest.mark.parametrize("name", ListName)
def test_an_address_on_one_list_is_found_on_that_list_alone(vendor, lists, name):
    put(vendor, name)
    found = lists.holding(ADDRESS)
    assert [(one.name, one.address) for one in found.entries] == [(name, ADDRESS)]
    assert found.unanswered == ()


def test_an_address_on_no_list_was_asked_all_the_same(lists, clock):
    before = clock.now()
    found = lists.holding("nobody@example.jp")
    assert found.entries == ()
    assert before <= found.read_at <= clock.now()


def test_a_look_up_tells_time_reason_and_status(vendor, lists, clock):
    put(vendor, ListName.BOUNCES)
    [one] = lists.holding(ADDRESS).entries
    assert (one.reason, one.status) == ("550 no", "5.1.1")
    assert abs(one.created - clock.now()) < timedelta(seconds=5)


def test_a_look_up_does_not_mind_upper_and_lower_case(vendor, lists):
    put(vendor, ListName.BOUNCES, "Taro@Example.jp")
    assert lists.holding(" taro@EXAMPLE.jp ").on(ListName.BOUNCES)


@pytest.mark.parametrize("longer", ["taro@example.com", "taro@example.co.jp"])
def test_an_address_that_begins_alike_is_somebody_else(vendor, lists, longer):
    for name in ListName:
        put(vendor, name, longer)
    assert lists.holding("taro@example.co").entries == ()


def test_a_list_that_the_key_may_not_read_is_named(vendor, lists):
    put(vendor, ListName.BOUNCES)
    vendor.fail({"revoked": ["suppression.blocks.read", "asm.suppressions.global.read"]})
    found = lists.holding(ADDRESS)
    assert found.unanswered == (ListName.BLOCKS, ListName.UNSUBSCRIBES)
    assert found.on(ListName.BOUNCES)


def test_when_no_list_answers_nothing_was_read(vendor, lists):
    vendor.fail({"status": 500})
    found = lists.holding(ADDRESS)
    assert (found.read_at, set(found.unanswered)) == (None, set(ListName))


@pytest.mark.parametrize("address", ["%", "taro%@example.jp", "", "  ", ".", ".."])
def test_an_address_that_would_mean_more_than_itself_is_never_asked(lists, address):
    with pytest.raises(VendorError, match="address_not_askable") as refused:
        lists.holding(address)
    assert refused.value.permanent
    with pytest.raises(VendorError, match="address_not_askable"):
        lists.remove(ListName.BOUNCES, address)


@pytest.mark.parametrize("name", ListName)
def test_every_list_can_be_walked(vendor, lists, name):
    for number in range(3):
        put(vendor, name, f"taro{number}@example.jp")
    assert sorted(walked(lists, name)) == [f"taro{number}@example.jp" for number in range(3)]


def test_a_long_list_is_walked_to_its_end(vendor, lists):
    for number in range(501):
        put(vendor, ListName.BOUNCES, f"taro{number}@example.jp")
    assert len({fold_recipient(address) for address in walked(lists, ListName.BOUNCES)}) == 501


@pytest.mark.parametrize("name", [ListName.BOUNCES, ListName.GROUPS])
def test_a_walk_keeps_between_its_two_times(vendor, lists, clock, name):
    now = clock.now()
    for hours, address in [(-2, "old@example.jp"), (-1, "mid@example.jp"), (0, "new@example.jp")]:
        moment = int((now + timedelta(hours=hours)).timestamp())
        vendor.happen({**EVENTS[name], "email": address, "timestamp": moment})
    since, until = now - timedelta(minutes=90), now - timedelta(minutes=30)
    assert walked(lists, name, since, until) == ["mid@example.jp"]


def test_a_half_page_in_the_middle_ends_the_walk_in_trouble(vendor, lists):
    for number in range(1001):
        put(vendor, ListName.BOUNCES, f"taro{number}@example.jp")
    vendor.fail({"cut": {"500": 250}})
    with pytest.raises(VendorError, match="half_a_page"):
        walked(lists, ListName.BOUNCES)


@pytest.mark.parametrize("name", [ListName.BLOCKS, ListName.GROUPS])
def test_a_whole_walk_finds_everything(vendor, lists, name):
    for number in range(3):
        put(vendor, name, f"taro{number}@example.jp")
    end = datetime.now(UTC) + timedelta(minutes=1)
    [page] = lists.whole(name, end)
    assert sorted(one.address for one in page.entries) == [f"taro{n}@example.jp" for n in range(3)]


def test_a_whole_walk_over_groups_passes_nobody_over(told, scripted):
    scripted.says(200, [{"email": ADDRESS, "group_name": "催し"}, {"email": ""}])
    pages = told.whole(ListName.GROUPS, datetime.now(UTC))
    assert [one.address for one in next(pages).entries] == [ADDRESS]
    with pytest.raises(VendorError, match="unreadable_element"):
        next(pages)


def test_an_empty_list_has_no_page(lists):
    assert list(lists.pages(ListName.GROUPS, None, datetime.now(UTC))) == []


@pytest.mark.parametrize("name", [ListName.BOUNCES, ListName.INVALID_EMAILS])
def test_a_removal_takes_one_entry_off_one_list(vendor, lists, name):
    for held in (ListName.BOUNCES, ListName.INVALID_EMAILS, ListName.BLOCKS):
        put(vendor, held)
    put(vendor, name, "hanako@example.jp")
    assert lists.remove(name, ADDRESS) is Outcome.REMOVED
    assert not lists.holding(ADDRESS).on(name)
    assert len(lists.holding(ADDRESS).entries) == 2
    assert lists.holding("hanako@example.jp").on(name)


@pytest.fixture
def quick(monkeypatch):
    """Nobody waits long for a turn."""
    monkeypatch.setattr(suppressions, "WALK_WAITS", 0.05)
    monkeypatch.setattr(suppressions, "REMOVAL_WAITS", 0.05)


@pytest.fixture(params=["in one process", "by the store"])
def shared(request, vendor, clock, tmp_path):
    """Two clients of one list."""
    by_store = partial(turn_at, f"sqlite:///{tmp_path}/s.db")
    turns = in_process() if request.param == "in one process" else by_store
    keys = {"read_key": READ_KEY, "delete_key": DELETE_KEY, "url": vendor.url, "clock": clock}
    return SendGridLists(turns=turns, **keys), SendGridLists(turns=turns, **keys)


@pytest.mark.parametrize("verb", ["pages", "whole"])
def test_nothing_is_removed_while_the_list_is_walked(vendor, quick, shared, clock, verb):
    for number in range(501):
        put(vendor, ListName.BOUNCES, f"taro{number}@example.jp")
    walker, remover = shared
    end = datetime.now(UTC) + timedelta(minutes=1)
    span = (None, end) if verb == "pages" else (end,)
    walk = getattr(walker, verb)(ListName.BOUNCES, *span)
    first = next(walk).entries[0].address
    for lists in shared:
        with pytest.raises(NotNowError, match="list_in_use"):
            lists.remove(ListName.BOUNCES, first)
    assert remover.holding(first).on(ListName.BOUNCES)
    assert len(next(walk).entries) == 1
    assert list(walk) == []
    assert remover.remove(ListName.BOUNCES, first) is Outcome.REMOVED


@pytest.mark.parametrize("name", [ListName.BOUNCES, ListName.INVALID_EMAILS])
def test_no_walk_begins_while_something_is_removed(vendor, quick, shared, name):
    walker, remover = shared
    with remover._turn(name, alone=True):
        with pytest.raises(NotNowError, match="list_in_use"):
            walked(walker, name)
        assert walked(walker, ListName.BLOCKS) == []
    assert walked(walker, name) == []


def test_a_removal_waits_until_the_walk_is_over(vendor, lists, monkeypatch):
    for number in range(501):
        put(vendor, ListName.BOUNCES, f"taro{number}@example.jp")
    order = []
    pages = lists.pages(ListName.BOUNCES, None, datetime.now(UTC) + timedelta(minutes=1))
    next(pages)
    remove = partial(lists.remove, ListName.BOUNCES, "taro1@example.jp")
    removing = threading.Thread(target=lambda: order.append(remove()))
    removing.start()
    assert len(next(pages).entries) == 1
    assert list(pages) == []
    order.append("walked")
    removing.join()
    assert order == ["walked", Outcome.REMOVED]


def test_a_walk_that_ends_in_trouble_or_is_left_lets_removals_go_on(vendor, quick, lists):
    for number in range(501):
        put(vendor, ListName.BOUNCES, f"taro{number}@example.jp")
    vendor.fail({"cut": {"500": 0, "0": 20}})
    with pytest.raises(VendorError, match="half_a_page"):
        walked(lists, ListName.BOUNCES)
    assert lists.remove(ListName.BOUNCES, "taro1@example.jp") is Outcome.REMOVED
    for _ in lists.whole(ListName.BOUNCES, datetime.now(UTC)):
        break
    assert lists.remove(ListName.BOUNCES, "taro2@example.jp") is Outcome.REMOVED


def test_a_second_removal_finds_nothing_to_remove(vendor, lists):
    put(vendor, ListName.BOUNCES)
    lists.remove(ListName.BOUNCES, ADDRESS)
    assert lists.remove(ListName.BOUNCES, ADDRESS) is Outcome.ALREADY_ABSENT


@pytest.mark.parametrize(
    "name", sorted(set(ListName) - {ListName.BOUNCES, ListName.INVALID_EMAILS})
)
def test_the_other_lists_are_not_ours_to_change(vendor, lists, name):
    put(vendor, name)
    with pytest.raises(VendorError, match="not_a_list_to_change") as refused:
        lists.remove(name, ADDRESS)
    assert refused.value.permanent
    assert lists.holding(ADDRESS).on(name)


def test_a_key_without_the_right_is_told_which_one(vendor, clock):
    lists = SendGridLists(read_key=READ_KEY, delete_key=READ_KEY, url=vendor.url, clock=clock)
    with pytest.raises(VendorError, match=r"missing_scope:suppression\.bounces\.delete") as error:
        lists.remove(ListName.BOUNCES, ADDRESS)
    assert error.value.permanent


def test_a_key_that_is_none_is_told_so(vendor, clock):
    lists = SendGridLists(read_key="SG.no", delete_key="SG.no", url=vendor.url, clock=clock)
    with pytest.raises(VendorError, match="api_key_refused"):
        lists.remove(ListName.BOUNCES, ADDRESS)
    with pytest.raises(VendorError, match="api_key_refused"):
        walked(lists, ListName.BOUNCES)


def test_without_a_key_for_deleting_nothing_is_deleted(vendor, clock):
    put(vendor, ListName.BOUNCES)
    lists = SendGridLists(read_key=DELETE_KEY, delete_key="", url=vendor.url, clock=clock)
    with pytest.raises(VendorError, match="no_delete_key"):
        lists.remove(ListName.BOUNCES, ADDRESS)
    assert lists.holding(ADDRESS).on(ListName.BOUNCES)
    assert lists.delete_scopes() == frozenset()


def test_the_scopes_that_are_needed_are_among_those_of_the_two_keys(lists):
    assert lists.scopes() >= set(READ_SCOPES.values())
    assert lists.delete_scopes() >= set(DELETE_SCOPES.values())
    assert not any(scope.endswith(".delete") for scope in lists.scopes())
