"""List elements in our words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.sendgrid.lists import again, entry, failure, members, page, within
from handlers.causes import built_in
from storage.failures import Cause, Kind, Medium, Reading, SetAside, Source
from storage.lists import ListEntry, ListName

SECOND = 1790000000
CREATED = datetime.fromtimestamp(SECOND, UTC)
BEFORE, AFTER = CREATED - timedelta(days=1), CREATED + timedelta(days=1)


def element(number=1, **fields):
    return {"created": SECOND, "email": f"taro{number}@example.jp", **fields}


def listed(name=ListName.BOUNCES, **fields):
    return entry(name, element(**fields))


def test_a_bounce_is_an_entry_with_its_time_and_words():
    assert listed(reason="550 5.1.1 no such user", status="5.1.1") == ListEntry(
        name=ListName.BOUNCES,
        address="taro1@example.jp",
        created=CREATED,
        reason="550 5.1.1 no such user",
        status="5.1.1",
    )


def test_a_group_member_carries_the_groups_name():
    told = {"email": "taro@example.jp", "group_id": 7, "group_name": "月報", "created_at": SECOND}
    assert (entry(ListName.GROUPS, told).created, entry(ListName.GROUPS, told).reason) == (
        CREATED,
        "月報",
    )


@pytest.mark.parametrize("created", [None, -1, 0, 10**12])
def test_a_time_that_cannot_be_is_no_time(created):
    assert listed(created=created).created is None


@pytest.mark.parametrize("told", [{}, {"email": " "}, {"email": None}, "taro@example.jp", None])
def test_an_element_without_an_address_is_an_error(told):
    with pytest.raises(ValueError, match=r"email|object"):
        entry(ListName.BOUNCES, told)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (ListName.BOUNCES, Kind.HARD_BOUNCE),
        (ListName.BLOCKS, Kind.SOFT_BOUNCE),
        (ListName.INVALID_EMAILS, Kind.INVALID_ADDRESS),
        (ListName.SPAM_REPORTS, Kind.SPAM_REPORT),
        (ListName.UNSUBSCRIBES, Kind.UNSUBSCRIBED),
        (ListName.GROUPS, Kind.UNSUBSCRIBED),
    ],
)
def test_the_list_decides_the_kind(name, kind):
    assert failure(listed(name), BEFORE, AFTER).kind is kind


def test_an_entry_tells_a_failure_with_its_cause():
    told = failure(listed(reason="550 5.1.1 no such user", status="5.1.1"), BEFORE, AFTER)
    assert (told.source, told.medium) == (Source.SENDGRID_LISTS, Medium.EMAIL)
    assert (told.recipient, told.occurred_at) == ("taro1@example.jp", CREATED)
    assert (told.smtp_code, told.status) == ("550", "5.1.1")
    assert told.reading.cause is Cause.USER_UNKNOWN


def test_nobody_reads_a_cause_from_the_name_of_a_group():
    told = {"email": "taro@example.jp", "group_name": "spam news", "created_at": SECOND}
    found = failure(entry(ListName.GROUPS, told), BEFORE, AFTER)
    assert (found.reading, found.provider_text) == (Reading(), "")


@pytest.mark.parametrize(("connected_at", "history"), [(BEFORE, False), (AFTER, True)])
def test_what_was_listed_before_we_were_connected_is_history(connected_at, history):
    assert failure(listed(), connected_at, AFTER).history is history


def test_an_entry_without_a_time_is_history_dated_by_its_reading():
    told = failure(listed(created=None), BEFORE, AFTER)
    assert (told.history, told.occurred_at) == (True, AFTER)


def test_nothing_is_dated_after_its_reading():
    assert failure(listed(created=SECOND + 7200), BEFORE, CREATED).occurred_at == CREATED


def test_read_again_an_entry_has_the_same_fingerprint():
    first = failure(listed(email="Taro@example.jp", reason="550 no"), BEFORE, AFTER)
    again = failure(listed(email="taro@EXAMPLE.jp", reason="550 no!"), AFTER, AFTER)
    assert first.source_id == again.source_id


@pytest.mark.parametrize(
    "other",
    [
        listed(ListName.BLOCKS),
        listed(number=2),
        listed(created=SECOND + 1),
        listed(created=None),
    ],
)
def test_another_list_address_or_time_has_another_fingerprint(other):
    assert failure(other, BEFORE, AFTER).source_id != failure(listed(), BEFORE, AFTER).source_id


def test_a_member_of_several_groups_is_one_entry_with_all_their_names():
    told = [
        {"email": "Taro@example.jp", "group_name": "月報", "created_at": SECOND},
        {"email": "taro@example.jp", "group_name": "催し", "created_at": SECOND + 60},
        {"email": "taro@example.jp", "group_name": "月報", "created_at": None},
        {"email": "jiro@example.jp", "group_name": "催し", "created_at": SECOND},
    ]
    taro, jiro = members(told).entries
    assert (taro.address, taro.reason) == ("Taro@example.jp", "月報, 催し")
    assert taro.created == CREATED + timedelta(seconds=60)
    assert jiro.reason == "催し"


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (None, AFTER, 2),
        (BEFORE, AFTER, 2),
        (CREATED, CREATED, 2),
        (AFTER, AFTER, 1),
        (None, BEFORE, 1),
    ],
)
def test_a_cut_by_time_keeps_what_has_no_time(since, until, count):
    assert len(within([listed(), listed(created=None)], since, until)) == count


def test_what_was_set_aside_is_read_again_when_it_can_be():
    told = page(ListName.BLOCKS, [{"email": ""}, {"email": "taro@example.jp", "created": SECOND}])
    [odd] = told.odd
    assert again(odd, AFTER, built_in()).batch.set_aside == (odd,)
    mended = replace(odd, body=odd.body.replace(b'""', b'"taro@example.jp"'))
    [failure] = again(mended, AFTER, built_in()).batch.failures
    assert (failure.kind, failure.recipient) == (Kind.SOFT_BOUNCE, "taro@example.jp")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"list": "guests", "element": {}}', b"\xff"])
def test_what_is_no_element_stays_aside(body):
    aside = SetAside(source=Source.SENDGRID_LISTS, body=body, reason="odd")
    [left] = again(aside, AFTER, built_in()).batch.set_aside
    assert left.reason != "odd"
