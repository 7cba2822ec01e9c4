"""Recipients found by a part of their address, indexed or not yet."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.failures import fold_recipient
from storage.sqlite import search
from storage.verbs import recipients
from tests.storage.examples import NOW, TENANT, batch, bounce

LETTERS = 'ab@."%_あÉ'
addresses = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=8, unique=True)


def know(store, *told, tenant=TENANT):
    store.record(tenant, batch(*(bounce(source_id=one, recipient=one) for one in told)), NOW)


def found(store, text, limit=50):
    return [address for _, address in store.similar(TENANT, text, limit)]


@pytest.fixture(params=[1, 1000], ids=["indexed", "not indexed"])
def indexed(request, monkeypatch):
    monkeypatch.setattr(search, "NOT_INDEXED", request.param)


@pytest.mark.usefixtures("indexed")
def test_a_part_of_an_address_finds_it(store):
    know(store, "hanako@example.jp", "taro@shop.example.com", "jiro@shop.example.com")
    assert found(store, "@shop.ex") == ["jiro@shop.example.com", "taro@shop.example.com"]
    assert found(store, "nako") == ["hanako@example.jp"]


@pytest.mark.usefixtures("indexed")
def test_groups_that_stand_apart_are_no_find(store):
    know(store, "abcd.xyz.bcde@example.jp")
    assert found(store, "abcde") == []


def test_old_and_new_recipients_are_found_together(store, monkeypatch):
    monkeypatch.setattr(search, "NOT_INDEXED", 2)
    know(store, "one@shop.jp", "two@shop.jp")
    know(store, "three@shop.jp")
    assert found(store, "@shop") == ["one@shop.jp", "three@shop.jp", "two@shop.jp"]


def test_two_characters_find_who_begins_so(store):
    know(store, "hanako@example.jp", "bohan@example.jp")
    assert found(store, "ha") == ["hanako@example.jp"]


def test_another_tenants_recipients_are_not_found(store):
    know(store, "hanako@example.jp", tenant="other")
    assert found(store, "hanako") == []


def test_candidates_have_a_bound(store, monkeypatch):
    monkeypatch.setattr(recipients, "_CANDIDATES", 5)
    monkeypatch.setattr(search, "NOT_INDEXED", 1)
    know(store, *(f"{n}@example.jp" for n in range(20)))
    assert len(found(store, "example")) == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(told=addresses, text=st.text(LETTERS, min_size=3, max_size=5))
def test_everyone_who_contains_the_text_is_found(store, told, text):
    know(store, *told)
    with store._reading() as connection:
        rows = connection.execute("SELECT address, folded FROM recipients").fetchall()
    folded = fold_recipient(text)
    wanted = {row["address"] for row in rows if len(folded) >= 3 and folded in row["folded"]}
    assert wanted <= set(found(store, text, 999))
