"""SendGrid's events and list elements, pasted one by one or many."""

import json

import pytest

from bot.sendgrid.pasted import hints_of, pasted
from handlers.ports import Pasted
from storage.failures import DroppedBy, Failure, Kind, Medium, Source

BOUNCE = {
    "event": "bounce",
    "type": "blocked",
    "email": "taro@example.jp",
    "timestamp": 1_790_000_000,
    "status": "5.7.1",
    "reason": "550 5.7.1 not welcome",
    "bounce_classification": "Reputation",
}


def test_an_event_tells_its_kind_its_words_and_what_sendgrid_thinks():
    assert pasted(json.dumps(BOUNCE)) == (
        Pasted(
            text="550 5.7.1 not welcome",
            kind=Kind.SOFT_BOUNCE,
            recipient="taro@example.jp",
            status="5.7.1",
            hints={"classification": "Reputation"},
        ),
    )


def test_an_array_tells_each_of_its_events_in_their_order():
    deferred = {
        "event": "deferred",
        "email": "a@example.jp",
        "response": "451 later",
        "attempt": "1",
    }
    dropped = {"event": "dropped", "email": "b@example.jp", "reason": "Bounced Address"}
    found = pasted(json.dumps([BOUNCE, deferred, dropped]))
    assert [one.kind for one in found] == [Kind.SOFT_BOUNCE, Kind.DEFERRED, Kind.DROPPED]
    assert (found[1].text, found[2].dropped_by) == ("451 later", DroppedBy.BOUNCE_LIST)


def test_an_element_of_a_list_has_no_kind_unless_it_names_its_list():
    element = {"created": 1, "email": "a@example.jp", "reason": "550 no", "status": "5.1.1"}
    [found] = pasted(json.dumps([element]))
    assert (found.kind, found.text, found.status) == (None, "550 no", "5.1.1")
    [known] = pasted(json.dumps(element | {"list": "blocks"}))
    assert known.kind is Kind.SOFT_BOUNCE


@pytest.mark.parametrize("event", ["delivered", "processed", "open", "account_status_change"])
def test_what_tells_of_no_trouble_says_so(event):
    [found] = pasted(json.dumps({"event": event, "email": "a@example.jp"}))
    assert not found.failed


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "FORBIDDEN", "description": "no"}',
        '{"event": 7}',
        '{"created": 1, "email": "a@example.jp", "list": "unheard of"}',
        "550 no such user",
    ],
)
def test_other_things_are_not_sendgrids(text):
    assert pasted(text) == ()


@pytest.mark.parametrize(
    ("raw", "hints"),
    [
        (json.dumps(BOUNCE), {"classification": "Reputation"}),
        ("{}", {}),
        ("[]", {}),
        ("", {}),
        ('{"bounce_classification": 7}', {}),
    ],
)
def test_the_hints_of_a_stored_event(raw, hints):
    failure = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="1",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient="a@example.jp",
        occurred_at=None,
        raw=raw,
    )
    assert hints_of(failure) == hints
