"""A store with something of everything, told by its own verbs; for whatever takes a store whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from storage.corrections import Wording
from storage.coverage import Coverage, Mending, Stretch
from storage.digests import Notice, Posting, PostState
from storage.failures import Batch, Cause, Kind, Medium, Permanence, Reading, SetAside, Source
from storage.imports import Import, ImportState, Part
from storage.lists import ListEntry, ListName, Membership
from storage.people import Person
from storage.requests import Action, Request, RequestState, Resend
from tests.storage.examples import NOW, TENANT, batch, bounce, delivery, message, refusal
from tests.storage.test_stored_corrections import correction

HOUR = timedelta(hours=1)
TENANTS = (TENANT, "other")


def request(**changes):
    values = {
        "id": "r1",
        "action": Action.REMOVE,
        "medium": Medium.EMAIL,
        "subject": "hanako@example.jp",
        "asked_by": "slack:U1",
        "asked_at": NOW,
        "asked_from": "slack:C1",
    }
    return Request(**values | changes)


def fill(store):
    for tenant in TENANTS:
        _tell(store, tenant)
        _ask(store, tenant)
        _know(store, tenant)


def _tell(store, tenant):
    read = Reading(cause=Cause.USER_UNKNOWN, permanence=Permanence.HARD, confidence=0.9, rule="x")
    told = [
        bounce(
            source_id=f"e{n}", recipient=f"user{n}@例え{n % 3}.jp", reading=read, raw='{"a": "あ"}'
        )
        for n in range(40)
    ]
    store.record(tenant, batch(*told), NOW)
    store.record(tenant, batch(delivery(recipient="user3@例え0.jp", occurred_at=NOW + HOUR)), NOW)
    refused = refusal(kept_message="k1", kind=Kind.DAILY_CAP)
    store.record(tenant, Batch(failures=(refused,), kept=(message(id="k1"),)), NOW)
    odd = SetAside(source=Source.SENDGRID_EVENTS, body=b"\xff\x00odd", reason="odd")
    store.record(tenant, Batch(set_aside=(odd,)), NOW)
    store.put_in_inbox(tenant, Source.SENDGRID_EVENTS, b"[\xff\x00]", NOW)


def _ask(store, tenant):
    notice = Notice(id="n1", place="slack:C1", topic="asked", subject="r1", due_at=NOW)
    store.ask(tenant, request(), [notice])
    asked = request(id="r2", action=Action.RESEND, subject="all")
    store.ask(tenant, asked, [])
    resend = Resend(
        id="s1", request_id="r2", kept_id="k1", recipient="hanako@example", due_at=NOW + HOUR
    )
    approved = replace(asked, state=RequestState.APPROVED, decided_by="slack:U2", decided_at=NOW)
    assert store.move(tenant, "r2", RequestState.OPEN, approved, resends=[resend])
    posting = Posting(
        channel="slack:C0DIGEST",
        day=NOW.date(),
        since=NOW - 24 * HOUR,
        until=NOW,
        state=PostState.CLAIMED,
        claimed_at=NOW,
    )
    store.claim_posting(tenant, posting)
    store.settle_posting(tenant, posting.channel, posting.day, PostState.POSTED, "ts")
    store.put_draft(tenant, "lineworks:U1", "{}", NOW)


def _know(store, tenant):
    store.put_people(tenant, [Person(id="1", name="山田 花子", email="hanako@example.jp")])
    entry = ListEntry(
        name=ListName.BOUNCES, address="hanako@example.jp", reason="550", created=None
    )
    store.put_entries(tenant, ListName.BOUNCES, [entry], NOW)
    store.mark_read(tenant, ListName.BOUNCES, NOW)
    store.cover(tenant, Coverage(source=Source.SENDGRID_EVENTS, since=NOW, until=NOW + HOUR))
    stretch = Stretch(source=Source.SENDGRID_EVENTS, since=NOW, until=NOW + HOUR)
    mending = Mending(
        source=Source.SENDGRID_EVENTS,
        since=NOW - HOUR,
        until=NOW,
        told_by=Source.SENDGRID_LISTS,
        part="bounces",
        found=1,
        at=NOW,
    )
    store.keep_stretches(tenant, [stretch], [mending], nothing_after=NOW + 2 * HOUR)
    store.set_membership(tenant, "taro@example.jp", Membership(entries=(), read_at=NOW), NOW)
    store.put_fact(tenant, "connected_at", NOW.isoformat())
    store.correct(tenant, correction())
    store.keep_wording(tenant, Wording(id="w", words="550"), NOW)
    begun = Import(id="i", name="a.csv", state=ImportState.READING, begun_at=NOW, moved_at=NOW)
    store.begin_import(tenant, begun)
    store.put_part(tenant, "i", 1, Part(), NOW)
