"""What no engine keeps as it is becomes the same in both."""

import json

import pytest

from storage.failures import Medium
from storage.people import Person
from storage.storable import listed, storable, storable_row, storable_value
from tests.storage.examples import NOW, TENANT, batch, bounce


def test_a_nul_is_the_sign_for_what_cannot_be_shown():
    assert storable("a\0b") == "a\ufffdb"
    assert storable_row({"name": "\0", "count": 1}) == {"name": "\ufffd", "count": 1}
    assert json.loads(listed([("a\0", 1), "b\0"])) == [["a\ufffd", 1], "b\ufffd"]


def test_what_is_plain_stays_the_very_same():
    told, row = bounce(), {"name": "山", "body": b"\0"}
    assert storable_value(told) is told
    assert storable_row(row) is row


def test_a_recipient_with_a_nul_is_found_by_it_and_by_its_sign(store):
    told = bounce(recipient="a\0b@example.jp", provider_text="no\0such")
    store.record(TENANT, batch(told), NOW)
    for asked in ("a\0b@example.jp", "a\ufffdb@example.jp"):
        [found] = store.failures(TENANT, Medium.EMAIL, asked)
        assert (found.recipient, found.provider_text) == ("a\ufffdb@example.jp", "no\ufffdsuch")
    assert store.record(TENANT, batch(told), NOW).repeated == 1
    assert store.similar(TENANT, "a\0b@e") == [(Medium.EMAIL, "a\ufffdb@example.jp")]


def test_a_person_with_a_nul_is_found(store):
    store.put_people(TENANT, [Person(id="1", name="山\0田", email="a@example.jp")])
    assert [one.name for one in store.find_people(TENANT, "山\0田")] == ["山\ufffd田"]


def test_half_a_surrogate_pair_is_an_error_in_both(store):
    with pytest.raises(UnicodeEncodeError):
        store.put_fact(TENANT, "name", "\ud800")
