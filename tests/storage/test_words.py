from dataclasses import replace

import pytest

from storage.failures import domain_of, fold_recipient, told_again
from storage.lists import REMOVABLE, STOPS_MAIL, ListEntry, ListName, Membership
from storage.requests import MOVES, RequestState
from tests.storage.examples import NOW, minutes, refusal


@pytest.mark.parametrize(
    ("told", "folded", "domain"),
    [
        (" Hanako@Example.JP ", "hanako@example.jp", "example.jp"),
        ("hanako+shop@example.jp", "hanako+shop@example.jp", "example.jp"),
        ('"a@b"@Example.jp', '"a@b"@example.jp', "example.jp"),
        ("花子@例え.テスト", "花子@例え.テスト", "例え.テスト"),
        ("hanako", "hanako", ""),
    ],
)
def test_recipients_are_compared_folded(told, folded, domain):
    assert fold_recipient(told) == folded
    assert domain_of(told) == domain


def test_two_tellings_are_one_failure_with_the_later_words():
    first = refusal(status="429", times_seen=2)
    later = refusal(status="403", occurred_at=NOW + minutes(5))
    assert told_again(first, later) == replace(later, times_seen=3)


def test_the_order_of_two_tellings_does_not_matter():
    first, later = refusal(status="429"), refusal(status="403")
    assert told_again(first, later) == told_again(later, first)


def test_what_is_removed_stops_mail():
    assert set(REMOVABLE) <= STOPS_MAIL


def test_a_membership_knows_its_lists():
    held = Membership(entries=(ListEntry(name=ListName.BLOCKS, address="a@example.jp"),))
    assert held.on(ListName.BLOCKS)
    assert not held.on(ListName.BOUNCES)


def test_every_state_knows_its_moves_and_all_can_be_reached():
    reached = {RequestState.OPEN}.union(*MOVES.values())
    assert set(MOVES) == reached == set(RequestState)
