"""Who may do what, asked anew at every act."""

from dataclasses import replace

import pytest

from handlers.people import Role, may_ask, may_decide, may_look_up, roles, same_person
from handlers.ports import VendorError
from tests.handlers.conftest import ADMIN, APPROVER, DIGEST, NOBODY


def test_an_admin_asks_and_looks_up_but_does_not_decide(house):
    assert may_ask(house, ADMIN)
    assert may_look_up(house, ADMIN)
    assert not may_decide(house, ADMIN)


def test_an_approver_decides_and_looks_up_but_does_not_ask(house):
    assert may_decide(house, APPROVER)
    assert may_look_up(house, APPROVER)
    assert not may_ask(house, APPROVER)


def test_whoever_is_not_named_has_no_role(house):
    assert roles(house, NOBODY) == frozenset()


def test_whoever_stands_in_a_digests_channel_is_a_member_there(house):
    assert roles(house, NOBODY, DIGEST) == {Role.MEMBER}


def test_a_guest_is_no_member_even_in_the_digests_channel(house):
    assert roles(house, "slack:UGUEST", DIGEST) == frozenset()


def test_an_admin_who_left_the_company_has_no_role_any_more(house, chat):
    chat.profiles[ADMIN] = replace(chat.profile(ADMIN), active=False)
    assert not may_look_up(house, ADMIN)


def test_one_person_with_two_products_is_one_person(house):
    assert same_person(house, "lineworks:admin@example", ADMIN)
    assert may_ask(house, "lineworks:admin@example")


@pytest.fixture
def group_house(house, chat, with_policy):
    chat.groups["slack-group:SAPPROVE"] = frozenset({"slack:UINGROUP"})
    return with_policy(approvers=frozenset({"slack-group:SAPPROVE"}))


def test_a_groups_people_hold_its_role(group_house):
    assert may_decide(group_house, "slack:UINGROUP")


def test_a_group_that_cannot_be_read_gives_nobody_a_role(group_house, chat):
    chat.groups.clear()
    assert not may_decide(group_house, "slack:UINGROUP")


def test_without_an_answer_named_people_keep_their_role_and_nobody_is_a_member(
    house, chat, monkeypatch
):
    def silent(person):
        raise VendorError("timeout")

    monkeypatch.setattr(chat, "profile", silent)
    assert may_ask(house, ADMIN)
    assert roles(house, NOBODY, DIGEST) == frozenset()
