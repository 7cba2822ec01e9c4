"""A walk that neither skips, doubles nor runs for ever, and believes no half list."""

import json

import pytest

from bot.sendgrid.walking import PAGE_SIZE, walk
from handlers.ports import VendorError
from storage.lists import ListName

SECOND = 1790000000


def element(number=1, **fields):
    return {"created": SECOND, "email": f"taro{number}@example.jp", **fields}


def full(start=0):
    return [element(number) for number in range(start, start + PAGE_SIZE)]


class Shelf:
    """A list that may move between two reads; behind its pages there is nothing."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.offsets = []

    def __call__(self, offset):
        self.offsets.append(offset)
        return self.pages.pop(0) if self.pages else []


class Ranged:
    """A list that keeps still, served from any offset, `most` elements at once."""

    def __init__(self, elements, most=PAGE_SIZE):
        self.elements, self.most = elements, most

    def __call__(self, offset):
        return self.elements[offset : offset + self.most]


def walked(shelf, *, strict=False):
    """Everything that was found, and the trouble's word."""
    found = []
    try:
        for page in walk(ListName.BOUNCES, shelf, strict=strict):
            found += [one.address for one in page.entries]
    except VendorError as error:
        return found, error.word
    return found, ""


def test_the_walk_ends_with_a_short_page_that_nothing_follows():
    shelf = Shelf(full(), full(PAGE_SIZE), [element(9999)])
    found, trouble = walked(shelf)
    assert (len(found), trouble) == (2 * PAGE_SIZE + 1, "")
    last = 2 * PAGE_SIZE
    assert shelf.offsets == [0, PAGE_SIZE, last, last + 1, last + PAGE_SIZE]


def test_the_walk_ends_with_an_empty_page_when_the_last_one_was_full():
    found, trouble = walked(Shelf(full(), []))
    assert (len(found), trouble) == (PAGE_SIZE, "")


def test_nothing_new_costs_one_call():
    shelf = Shelf()
    assert walked(shelf) == ([], "")
    assert shelf.offsets == [0]


def test_a_strict_walk_asks_behind_a_list_that_seems_empty():
    assert walked(Shelf([], [element()]), strict=True) == ([], "half_a_page")


def test_an_address_that_slid_onto_the_next_page_is_told_once():
    page = [element(PAGE_SIZE - 1, email="TARO499@example.jp"), element(9999)]
    found, _ = walked(Shelf(full(), page))
    assert found[PAGE_SIZE:] == ["taro9999@example.jp"]


def test_a_vendor_that_repeats_one_page_does_not_hold_us_for_ever():
    found, trouble = walked(Shelf(full(), full(), full()))
    assert (len(found), trouble) == (PAGE_SIZE, "pages_repeat")


@pytest.mark.parametrize("middle", [[], full(PAGE_SIZE)[:250]], ids=["empty", "half"])
def test_a_page_in_the_middle_that_is_not_whole_is_noticed(middle):
    found, trouble = walked(Shelf(full(), middle, [element(9999)]))
    assert (len(found), trouble) == (PAGE_SIZE + len(middle), "half_a_page")


@pytest.mark.parametrize("strict", [False, True], ids=["increment", "strict"])
@pytest.mark.parametrize("whole", [40, 300, PAGE_SIZE + 300])
def test_a_page_that_is_cut_short_is_noticed_although_no_other_page_follows(whole, strict):
    shelf = Ranged(full()[: min(whole, PAGE_SIZE)] + full(PAGE_SIZE)[: max(whole - PAGE_SIZE, 0)])
    assert walked(shelf, strict=strict) == ([f"taro{n}@example.jp" for n in range(whole)], "")
    shelf.most = min(whole // 2, 100)
    found, trouble = walked(shelf, strict=strict)
    assert (len(found), trouble) == (shelf.most, "half_a_page")


def test_an_odd_element_behind_a_short_page_is_noticed_too():
    assert walked(Shelf([element(1)], ["rubbish"])) == (["taro1@example.jp"], "half_a_page")


def test_a_vendor_that_knows_whole_pages_alone_is_believed():
    """Asked in the middle of a page it gives the page, and nothing is missing."""
    pages = {0: full(), PAGE_SIZE: [element(9999), "rubbish"]}
    found, trouble = walked(lambda offset: pages.get(offset - offset % PAGE_SIZE, []))
    assert (len(found), trouble) == (PAGE_SIZE + 1, "")


def test_an_element_that_names_nobody_is_set_aside_and_spoils_no_other():
    page = [element(1), {"created": SECOND}, "rubbish", element(2)]
    assert walked(Shelf(page)) == (["taro1@example.jp", "taro2@example.jp"], "")
    [told] = walk(ListName.BOUNCES, Shelf(page))
    assert [json.loads(one.body)["element"] for one in told.odd] == page[1:3]


def test_a_page_of_nobody_is_told_all_the_same():
    [told] = walk(ListName.BOUNCES, Shelf(["rubbish"]))
    assert (told.entries, len(told.odd)) == ((), 1)


def test_a_strict_walk_does_not_pass_over_whom_it_cannot_read():
    page = [element(1), {"created": SECOND}, element(2)]
    found, trouble = walked(Shelf(page), strict=True)
    assert (found, trouble) == (["taro1@example.jp", "taro2@example.jp"], "unreadable_element")
