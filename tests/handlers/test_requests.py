"""Asking and deciding: one decision, by somebody else, and everyone learns of it."""

import pytest

from handlers import requests
from handlers.requests import RefusedError, ask, decide, draft, expire, withdraw
from storage.failures import Medium
from storage.requests import Action, RequestState
from tests.handlers.conftest import ADMIN, APPROVER, NOBODY, SECOND


@pytest.fixture
def wish(house):
    def made(by=ADMIN, subject="taro@example.jp"):
        return draft(house, action=Action.REMOVE, medium=Medium.EMAIL, subject=subject, asked_by=by)

    return made


@pytest.fixture
def asked(house, wish):
    return ask(house, wish())[0]


def stored(house, request):
    return house.store.request(house.tenant, request.id)


def topics(house):
    return [one.topic for one in house.store.due_notices(house.tenant, house.now(), 50)]


def test_what_is_asked_becomes_a_card_for_the_approvers(house, asked):
    assert stored(house, asked).state is RequestState.OPEN
    assert topics(house) == ["card"]


def test_whoever_lacks_the_role_asks_in_vain(house, wish):
    with pytest.raises(RefusedError, match="no_role.look_up"):
        ask(house, wish(by=NOBODY))


def test_a_second_asker_joins_and_is_told_too(house, wish, asked):
    again, fresh = ask(house, wish(by=SECOND))
    assert (again.id, fresh) == (asked.id, False)
    assert [person for person, _ in stored(house, asked).joined] == [SECOND]


def test_asking_twice_oneself_joins_nobody(house, wish, asked):
    ask(house, wish())
    assert stored(house, asked).joined == ()


def test_an_approver_decides_once(house, asked):
    decide(house, asked.id, APPROVER, yes=True)
    assert stored(house, asked).state is RequestState.APPROVED
    with pytest.raises(RefusedError, match="stale") as late:
        decide(house, asked.id, "lineworks:approver@example", yes=False)
    assert late.value.request.decided_by == APPROVER


def test_an_admin_who_is_no_approver_does_not_decide(house, asked):
    with pytest.raises(RefusedError, match="no_role.decide"):
        decide(house, asked.id, SECOND, yes=True)


@pytest.mark.parametrize("who", ["slack:UADMIN", "lineworks:admin@example"])
def test_nobody_decides_on_what_they_asked_for_in_either_product(house, with_policy, asked, who):
    both = with_policy(approvers=frozenset({ADMIN, APPROVER}))
    with pytest.raises(RefusedError, match="no_role.own_request"):
        decide(both, asked.id, who, yes=True)


def test_nobody_decides_on_what_they_joined(house, with_policy, wish, asked):
    ask(house, wish(by=SECOND))
    both = with_policy(approvers=frozenset({SECOND}))
    with pytest.raises(RefusedError, match="no_role.own_request"):
        decide(both, asked.id, SECOND, yes=True)


def test_a_decline_carries_its_reason_to_the_asker(house, asked):
    decide(house, asked.id, APPROVER, yes=False, reason="wrong address")
    assert stored(house, asked).reason == "wrong address"
    assert {"decided", "card_end"} <= set(topics(house))


def test_the_asker_alone_withdraws(house, asked):
    with pytest.raises(RefusedError, match="no_role.withdraw"):
        withdraw(house, asked.id, SECOND)
    withdraw(house, asked.id, ADMIN)
    assert stored(house, asked).state is RequestState.WITHDRAWN


def test_what_was_approved_cannot_be_withdrawn(house, asked):
    decide(house, asked.id, APPROVER, yes=True)
    with pytest.raises(RefusedError, match="stale"):
        withdraw(house, asked.id, ADMIN)


def test_a_request_that_nobody_decides_expires_and_says_so(house, clock, asked):
    clock.turn(days=6)
    assert expire(house) == 0
    clock.turn(days=2)
    assert expire(house) == 1
    assert stored(house, asked).state is RequestState.EXPIRED
    assert "decided" in topics(house)


def test_after_the_end_the_same_may_be_asked_again(house, wish, asked):
    withdraw(house, asked.id, ADMIN)
    again, fresh = ask(house, wish())
    assert fresh
    assert again.id != asked.id


def test_a_button_of_another_installation_is_unknown(house):
    with pytest.raises(RefusedError, match="stale.unknown"):
        decide(house, "never-made", APPROVER, yes=True)


def test_who_joined_learns_that_it_was_withdrawn(house, wish, asked):
    ask(house, wish(SECOND))
    withdraw(house, asked.id, ADMIN)
    told = [
        one.place
        for one in house.store.due_notices(house.tenant, house.now(), 50)
        if one.topic == "decided"
    ]
    assert told == [SECOND]


def test_who_joins_between_look_and_decision_does_not_decide(
    house, with_policy, wish, asked, monkeypatch
):
    both = with_policy(admins=frozenset({ADMIN, APPROVER}))
    looked = requests.decidable(both, asked.id, APPROVER)
    ask(both, wish(APPROVER))
    monkeypatch.setattr(requests, "decidable", lambda *_: looked)
    with pytest.raises(RefusedError, match="own_request"):
        decide(both, asked.id, APPROVER, yes=True)


def test_joining_what_ends_at_that_moment_asks_anew(house, wish, asked, monkeypatch):
    ended = stored(house, asked)
    withdraw(house, asked.id, ADMIN)
    real, late = house.store.ask, [(ended, False)]
    monkeypatch.setattr(house.store, "ask", lambda *a: late.pop() if late else real(*a))
    request, fresh = ask(house, wish(SECOND))
    assert fresh
    assert request.id != asked.id
