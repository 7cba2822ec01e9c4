from dataclasses import replace
from datetime import timedelta

import pytest

from storage.digests import Notice
from storage.failures import Medium
from storage.requests import Action, Outcome, Request, RequestState, Resend, ResendState
from tests.storage.examples import HANAKO, NOW, TENANT, minutes

WISH = Request(
    id="r1",
    action=Action.REMOVE,
    medium=Medium.EMAIL,
    subject=HANAKO,
    asked_by="slack:UADMIN",
    asked_at=NOW,
    asked_from="slack:CDIGEST",
    answers=(("junk_folder", "yes"), ("note", "お願いします")),
)
CARD = Notice(id="n1", place="slack:CAPPROVE", topic="card", subject="r1", due_at=NOW)
RESEND = Resend(id="s1", request_id="r1", kept_id="k1", recipient="hanako@example", due_at=NOW)
UNDER_WAY = (RequestState.OPEN, RequestState.APPROVED, RequestState.CARRYING)


@pytest.fixture
def asked(store):
    store.ask(TENANT, WISH, [CARD])
    return store


def walked(store, *states, request=WISH, **changes):
    """Move a request through these states; answers how it stands then."""
    for state in states:
        moved = replace(request, state=state, **changes)
        assert store.move(TENANT, request.id, request.state, moved)
        request = store.request(TENANT, request.id)
    return request


def test_a_request_comes_back_as_it_was_asked(asked):
    assert asked.request(TENANT, "r1") == WISH
    assert asked.request("other", "r1") is None
    assert asked.due_notices(TENANT, NOW, 9) == [CARD]


@pytest.mark.parametrize("way", [UNDER_WAY[1:n] for n in (1, 2, 3)])
def test_a_wish_for_what_is_under_way_joins_it(asked, way):
    standing = walked(asked, *way)
    again = replace(WISH, id="r2", subject=HANAKO.upper(), asked_by="slack:UOTHER")
    assert asked.ask(TENANT, again, [replace(CARD, id="n2")]) == (standing, False)
    assert asked.request(TENANT, "r2") is None
    assert len(asked.due_notices(TENANT, NOW, 9)) == 1


def test_a_wish_after_the_end_is_a_new_one(asked):
    walked(asked, RequestState.DECLINED)
    again = replace(WISH, id="r2", asked_at=NOW + minutes(1))
    assert asked.ask(TENANT, again, []) == (again, True)
    about = asked.requests_about(TENANT, Action.REMOVE, HANAKO.upper())
    assert [request.id for request in about] == ["r2", "r1"]


def test_an_id_that_is_taken_is_refused_alike_in_both(asked):
    with pytest.raises(ValueError, match="there is a request r1 already"):
        asked.ask(TENANT, replace(WISH, subject="other@example.jp"), [])
    assert asked.request(TENANT, "r1") == WISH


def test_another_action_or_tenant_is_another_wish(asked):
    assert asked.ask(TENANT, replace(WISH, id="r2", action=Action.RESEND), [])[1]
    assert asked.ask("other", WISH, [])[1]


def test_a_move_keeps_everything_that_changed(asked):
    done = walked(
        asked,
        RequestState.APPROVED,
        RequestState.CARRYING,
        RequestState.DONE,
        decided_by="slack:UAPPROVE",
        decided_at=NOW,
        outcome=Outcome.REMOVED,
        outcome_at=NOW,
        joined=(("slack:UOTHER", "slack:COTHER"),),
        watched_until=NOW + timedelta(days=14),
        card="slack:CAPPROVE/1",
        attempts=1,
    )
    assert (done.state, done.version) == (RequestState.DONE, 3)
    assert (done.outcome, done.decided_at) == (Outcome.REMOVED, NOW)
    assert done.joined == (("slack:UOTHER", "slack:COTHER"),)
    assert done.answers == WISH.answers


def test_a_second_decision_changes_nothing(asked):
    walked(asked, RequestState.APPROVED)
    declined = replace(WISH, state=RequestState.DECLINED)
    told = replace(CARD, id="n2")
    assert not asked.move(TENANT, "r1", RequestState.OPEN, declined, [told], [RESEND])
    assert asked.request(TENANT, "r1").state is RequestState.APPROVED
    assert asked.due_notices(TENANT, NOW, 9) == [CARD]
    assert asked.resends(TENANT, "r1") == []


def test_a_change_made_unseen_is_not_overwritten(asked):
    seen = replace(WISH, card="slack:CAPPROVE/1")
    assert asked.move(TENANT, "r1", RequestState.OPEN, seen)
    assert not asked.move(TENANT, "r1", RequestState.OPEN, replace(WISH, reason="late"))
    assert asked.move(TENANT, "r1", RequestState.OPEN, replace(seen, reason="ok", version=1))


def test_a_move_brings_its_notices_and_resends(asked):
    approved = replace(WISH, state=RequestState.APPROVED)
    assert asked.move(
        TENANT, "r1", RequestState.OPEN, approved, [CARD, replace(CARD, id="n2")], [RESEND]
    )
    assert [notice.id for notice in asked.due_notices(TENANT, NOW, 9)] == ["n1", "n2"]
    assert asked.resends(TENANT, "r1") == [RESEND]


def test_a_move_that_the_rules_do_not_know_is_a_bug(asked):
    with pytest.raises(ValueError, match="never goes from open to carrying"):
        asked.move(TENANT, "r1", RequestState.OPEN, replace(WISH, state=RequestState.CARRYING))


def test_requests_of_some_states_come_oldest_first(asked):
    older = replace(WISH, id="r0", subject="taro@example.jp", asked_at=NOW - minutes(1))
    asked.ask(TENANT, older, [])
    assert [r.id for r in asked.requests(TENANT, UNDER_WAY)] == ["r0", "r1"]
    assert [r.id for r in asked.requests(TENANT, UNDER_WAY, limit=1)] == ["r0"]
    assert asked.requests(TENANT, [RequestState.DONE]) == []


def test_a_watch_ends_with_its_verdict(asked):
    carried = walked(asked, RequestState.APPROVED, RequestState.CARRYING)
    watched = walked(asked, RequestState.DONE, request=carried, watched_until=NOW + minutes(9))
    assert asked.watched(TENANT) == [watched]
    judged = replace(watched, verdict="delivered")
    assert asked.move(TENANT, "r1", RequestState.DONE, judged)
    assert asked.watched(TENANT) == []


def test_resends_are_due_in_their_order(asked):
    resends = [replace(RESEND, id=f"s{n}", due_at=NOW + minutes(n)) for n in (3, 1, 2)]
    asked.move(TENANT, "r1", RequestState.OPEN, replace(WISH, attempts=1), resends=resends)
    due = asked.due_resends(TENANT, NOW + minutes(2), 9)
    assert [resend.id for resend in due] == ["s1", "s2"]
    assert len(asked.due_resends(TENANT, NOW + minutes(9), 1)) == 1


def test_a_resend_is_claimed_once_and_settled(asked):
    asked.move(TENANT, "r1", RequestState.OPEN, WISH, resends=[RESEND])
    leaving = replace(RESEND, state=ResendState.SENDING)
    assert asked.move_resend(TENANT, "s1", ResendState.PLANNED, leaving)
    assert not asked.move_resend(TENANT, "s1", ResendState.PLANNED, leaving)
    assert asked.unsettled_resends(TENANT) == [leaving]
    sent = replace(RESEND, state=ResendState.SENT, settled_at=NOW, detail="201")
    assert asked.move_resend(TENANT, "s1", ResendState.SENDING, sent)
    assert asked.resends(TENANT, "r1") == [sent]
    assert asked.unsettled_resends(TENANT) == []
