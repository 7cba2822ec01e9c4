"""A page of the host's feed: whole or not, line by line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.host.feed import MOST_LINES, again, page
from handlers.ports import VendorError
from storage.failures import Kind, SetAside, Source
from storage.people import Person
from tests.bot.host.test_host_push import MAIL, NOW, RULES, TALK

PERSON = {"type": "person", "id": "u-1", "name": "白川 静", "no_address": True}


def told(*lines, cursor="2"):
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return page("\n".join([*written, json.dumps({"cursor": cursor})]).encode(), NOW, RULES)


def test_every_line_is_what_it_would_be_as_a_post():
    found = told(MAIL, TALK, {**MAIL, "id": "n-3", "event": "delivered"}, PERSON)
    assert [one.kind for one in found.batch.failures] == [Kind.HARD_BOUNCE, Kind.TOO_FREQUENT]
    told_by = {one.source for one in (*found.batch.failures, *found.batch.successes)}
    assert told_by == {Source.HOST_FEED}
    assert len(found.batch.kept) == len(found.batch.successes) == 1
    assert found.people == (Person(id="u-1", name="白川 静", no_address=True),)
    assert (found.cursor, found.lines) == ("2", 4)


def test_a_broken_line_is_set_aside_whole_and_spoils_no_other():
    found = told('{"id": ', {**MAIL, "medium": "fax"}, {"type": "person"}, "7", MAIL, '"é\\ud800"')
    assert len(found.batch.failures) == 1
    assert [(one.source, one.reason.partition(":")[0]) for one in found.batch.set_aside] == [
        (Source.HOST_FEED, "Expecting value"),
        (Source.HOST_FEED, "medium"),
        (Source.HOST_FEED, "id"),
        (Source.HOST_FEED, "the element is no object"),
        (Source.HOST_FEED, "the element is no object"),
    ]
    assert found.batch.set_aside[0].body == b'{"id": '


def test_a_line_that_is_no_utf_8_is_set_aside():
    found = page(b'\xff\xfe\n{"cursor": "1"}\n', NOW, RULES)
    assert len(found.batch.set_aside) == 1


def test_a_page_of_nothing_but_its_cursor_is_whole():
    found = page(b'\n{"cursor": "1"}\n\n', NOW, RULES)
    assert (found.cursor, found.lines, found.people) == ("1", 0, ())


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "cut_off"),
        (json.dumps(MAIL).encode(), "cut_off"),
        (b'{"cursor": "1"', "cut_off"),
        (b'{"cursor": "1", "id": "n"}', "cut_off"),
        (b'{"cursor": ""}', "bad_cursor"),
        (b'{"cursor": 1}', "bad_cursor"),
        (b'{"cursor": null}', "bad_cursor"),
        (json.dumps({"cursor": "x" * 501}).encode(), "bad_cursor"),
        (b"\n".join([b"1"] * (MOST_LINES + 1) + [b'{"cursor": "1"}']), "too_many_lines"),
    ],
)
def test_a_page_that_does_not_end_as_it_must_is_not_taken_at_all(raw, word):
    with pytest.raises(VendorError, match=word) as error:
        page(raw, NOW, RULES)
    assert error.value.permanent is (word != "cut_off")


@given(st.lists(st.binary(max_size=40) | st.text(max_size=20).map(str.encode), max_size=6))
def test_whatever_the_lines_are_each_is_taken_or_set_aside(lines):
    raw = b"\n".join([*lines, b'{"cursor": "1"}'])
    found = page(raw, NOW, RULES)
    batch = found.batch
    taken = len(batch.failures) + len(batch.successes) + len(found.people) + len(batch.set_aside)
    assert taken == found.lines


def out_of_quarantine(line):
    aside = SetAside(source=Source.HOST_FEED, body=json.dumps(line).encode(), reason="odd")
    return again(aside, NOW, causes=RULES.causes, rules=RULES)


def test_a_line_out_of_quarantine_is_what_it_would_be_on_a_page():
    assert out_of_quarantine(TALK).batch.failures == told(TALK).batch.failures
    assert out_of_quarantine(TALK).batch.kept == told(TALK).batch.kept


def test_a_person_out_of_quarantine_is_nobodys_failure():
    read = out_of_quarantine(PERSON)
    assert read.people == told(PERSON).people
    assert (read.batch.elements, read.batch.ignored) == (1, 1)


def test_a_line_that_is_still_odd_stays_aside():
    [left] = out_of_quarantine({**MAIL, "medium": "fax"}).batch.set_aside
    assert left.reason.startswith("medium: ")
