"""Who received it, whose turn it is, and which remedy speaks of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from handlers.situations import entry_by_address, receiver_of, situation_of
from handlers.wording import remedy, where
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender, Reading
from storage.lists import ListEntry, ListName, Membership
from tests.rule_sets import rule_set_of

HARD, SOFT = Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE


@pytest.fixture
def found(house, told):
    def situation(cause, recipient="taro@example.co.jp", kind=HARD, *, membership=None, **more):
        medium = more.get("medium", Medium.EMAIL)
        told.failure(kind, recipient, reading=Reading(cause=cause), **more)
        case = house.store.case(house.tenant, medium, recipient)
        return situation_of(house, case, membership)

    return situation


@pytest.mark.parametrize(
    ("speaker", "recipient", "receiver"),
    [
        ("google", "taro@gmail.com", "gmail"),
        ("google", "taro@example.co.jp", "workspace"),
        ("google_admin", "taro@example.co.jp", "workspace"),
        ("microsoft", "taro@outlook.jp", "outlook"),
        ("microsoft", "taro@example.co.jp", "microsoft_365"),
        ("mimecast", "taro@example.co.jp", "mimecast"),
        ("", "taro@docomo.ne.jp", "docomo"),
        ("sendgrid", "taro@gmail.com", "gmail"),
        ("", "taro@example.co.jp", ""),
    ],
)
def test_private_mailboxes_and_companies_products_are_told_apart(speaker, recipient, receiver):
    assert receiver_of(speaker, recipient) == receiver


@pytest.mark.parametrize(
    ("cause", "recipient", "entry", "whose"),
    [
        (Cause.USER_UNKNOWN, "taro@docomo.ne.jp", "unknown_or_filtered", Mender.RECIPIENT),
        (Cause.USER_UNKNOWN, "taro@ezweb.ne.jp", "unknown_or_filtered", Mender.RECIPIENT),
        (Cause.USER_UNKNOWN, "taro@softbank.ne.jp", "user_unknown", Mender.ADMIN),
        (Cause.USER_UNKNOWN, "taro@example.co.jp", "user_unknown", Mender.ADMIN),
        (Cause.POLICY_BLOCKED, "taro@softbank.ne.jp", "filtered_by_recipient", Mender.RECIPIENT),
        (Cause.POLICY_BLOCKED, "taro@icloud.com", "refused_by_provider", Mender.SENDER),
        (Cause.POLICY_BLOCKED, "taro@example.co.jp", "policy_blocked", Mender.RECIPIENT_IT),
        (Cause.SERVER_ERROR, "taro@gmail.com", "server_error_at_provider", Mender.NOBODY),
        (Cause.SERVER_ERROR, "taro@example.co.jp", "server_error", Mender.RECIPIENT_IT),
        (Cause.RELAY_DENIED, "taro@au.com", "relay_denied_at_provider", Mender.ADMIN),
        (Cause.MAILBOX_FULL, "taro@gmail.com", "mailbox_full", Mender.RECIPIENT),
    ],
)
def test_the_receiver_decides_whose_turn_it_is(found, cause, recipient, entry, whose):
    known = found(cause, recipient)
    assert (known.entry, known.mender) == (entry, whose)


def test_a_drop_that_echoes_a_bounce_is_read_like_the_bounce(found):
    known = found(
        Cause.USER_UNKNOWN, "taro@docomo.ne.jp", Kind.DROPPED, dropped_by=DroppedBy.BOUNCE_LIST
    )
    assert (known.entry, known.mender) == ("unknown_or_filtered", Mender.RECIPIENT)


def test_a_rule_of_their_own_administrator_is_for_their_it_department(found):
    known = found(Cause.SPAM_DETECTED, provider_text="550 5.7.1 blocked as spam. a1.2 - gcdp")
    assert (known.entry, known.mender) == ("policy_blocked", Mender.RECIPIENT_IT)
    assert known.receiver == "workspace"


def test_a_rule_that_names_a_mender_knows_better(house, told):
    row = {
        "name": "own",
        "cause": "reputation_blocked",
        "confidence": 0.9,
        "words": ["x9"],
        "mender": "recipient_it",
    }
    told.failure(HARD, reading=Reading(cause=Cause.REPUTATION_BLOCKED), provider_text="550 x9")
    case = house.store.case(house.tenant, Medium.EMAIL, "taro@example.jp")
    known = situation_of(replace(house, rules=rule_set_of(row)), case)
    assert (known.entry, known.mender) == ("policy_blocked", Mender.RECIPIENT_IT)
    assert known.confidence == 0.9


def test_a_cause_that_was_corrected_is_not_overruled_by_the_words(found):
    known = found(Cause.CONTENT_REJECTED, provider_text="550 5.1.1 user unknown")
    assert (known.entry, known.mender) == ("content_rejected", Mender.SENDER)
    assert known.confidence == 0


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("550 5.1.1 <jiro@example.net>: user unknown", "forwarded"),
        ("550 5.1.1 <taro@example.co.jp> unknown, ask <jiro@example.net>", "user_unknown"),
        ("550 5.1.1 unknown, write to postmaster@example.net", "user_unknown"),
        ("550 5.1.1 mail from bounce@mail.notify.example.jp: unknown", "user_unknown"),
        ("550 5.1.1 taro@corp.onmicrosoft.com not found", "user_unknown"),
        ("550 5.1.1 <taro@gmail.com> does not exist", "forwarded"),
        ("550 5.1.1 user unknown", "user_unknown"),
    ],
)
def test_a_reply_about_another_address_speaks_of_a_forwarding(with_policy, told, text, entry):
    house = with_policy(sender_domain="notify.example.jp")
    told.failure(
        HARD, "taro@example.co.jp", reading=Reading(cause=Cause.USER_UNKNOWN), provider_text=text
    )
    case = house.store.case(house.tenant, Medium.EMAIL, "taro@example.co.jp")
    assert situation_of(house, case).entry == entry


def test_a_forwarding_is_read_by_whom_it_leads_to(found):
    known = found(Cause.USER_UNKNOWN, provider_text="550 <jiro@docomo.ne.jp>: unknown")
    assert (known.receiver, known.mender) == ("docomo", Mender.RECIPIENT)


def read_after(house, *names):
    entries = tuple(ListEntry(name=name, address="taro@example.co.jp") for name in names)
    return Membership(entries=entries, read_at=house.now() + timedelta(hours=1))


def test_a_bounce_that_no_list_holds_is_a_refusal_of_one_time(house, found):
    assert found(Cause.USER_UNKNOWN, membership=read_after(house)).kind is SOFT
    assert found(Cause.USER_UNKNOWN, membership=read_after(house, ListName.BOUNCES)).kind is HARD


def test_a_drop_whose_list_entry_is_gone_needs_nobody(house, found):
    known = found(
        Cause.USER_UNKNOWN,
        kind=Kind.DROPPED,
        dropped_by=DroppedBy.BOUNCE_LIST,
        membership=read_after(house),
    )
    assert (known.entry, known.mender) == ("off_the_list", Mender.NOBODY)


def test_sendgrids_own_pacing_is_nobodys_turn(found):
    text = "Email was deferred due to the following reason(s): [IPs were throttled]"
    known = found(Cause.THROTTLED, "taro@gmail.com", Kind.DEFERRED, provider_text=text)
    assert (known.entry, known.mender) == ("paced_by_sendgrid", Mender.NOBODY)


@pytest.mark.parametrize(
    ("recipient", "hours", "entry", "whose"),
    [
        ("taro@example.co.jp", 23, "connection_failed", Mender.NOBODY),
        ("taro@example.co.jp", 24, "lasting", Mender.RECIPIENT_IT),
        ("taro@gmail.com", 24, "connection_failed", Mender.NOBODY),
        ("taro@example.co.jp", 74, "result_lost", Mender.SUPPORT),
    ],
)
def test_a_deferral_changes_with_its_age(house, told, clock, recipient, hours, entry, whose):
    told.failure(Kind.DEFERRED, recipient, reading=Reading(cause=Cause.CONNECTION_FAILED))
    clock.turn(hours=hours)
    known = situation_of(house, house.store.case(house.tenant, Medium.EMAIL, recipient))
    assert (known.entry, known.mender) == (entry, whose)


def test_a_line_works_message_that_was_not_kept_has_another_remedy(house, told, found):
    told.refused_message(Kind.DAILY_CAP, "kept@works")
    kept = house.store.case(house.tenant, Medium.LINE_WORKS, "kept@works")
    assert situation_of(house, kept).entry == ""
    lost = found(Cause.OTHER, "lost@works", Kind.DAILY_CAP, medium=Medium.LINE_WORKS)
    assert lost.entry == "not_kept"


def test_long_lists_know_the_carriers_by_their_address(house, told):
    told.failure(HARD, "taro@docomo.ne.jp", reading=Reading(cause=Cause.USER_UNKNOWN))
    told.failure(HARD, "taro@example.co.jp", reading=Reading(cause=Cause.USER_UNKNOWN))
    cases = [
        house.store.case(house.tenant, Medium.EMAIL, address)
        for address in ("taro@docomo.ne.jp", "taro@example.co.jp")
    ]
    assert [entry_by_address(case) for case in cases] == ["unknown_or_filtered", "user_unknown"]


SPEAKERS = {
    "docomo": ("taro@docomo.ne.jp", ""),
    "au": ("taro@au.com", ""),
    "softbank": ("taro@softbank.ne.jp", ""),
    "rakuten_mobile": ("taro@rakumail.jp", ""),
    "ymobile": ("taro@ymobile.ne.jp", ""),
    "gmail": ("taro@gmail.com", ""),
    "workspace": ("taro@example.co.jp", " a1.2 - gsmtp"),
    "microsoft_365": ("taro@example.co.jp", " [x.prod.outlook.com]"),
    "outlook": ("taro@outlook.jp", ""),
    "yahoo_japan": ("taro@yahoo.co.jp", ""),
    "yahoo": ("taro@yahoo.com", ""),
    "apple": ("taro@icloud.com", ""),
    "mimecast": ("taro@example.co.jp", " mimecast"),
    "proofpoint": ("taro@example.co.jp", " proofpoint"),
    "trend_micro": ("taro@example.co.jp", " trendmicro"),
    "m_filter": ("taro@example.co.jp", " m-filter"),
    "hennge": ("taro@example.co.jp", " hennge"),
    "symantec": ("taro@example.co.jp", " messagelabs"),
    "": ("taro@example.co.jp", ""),
}


@pytest.mark.parametrize("receiver", SPEAKERS)
def test_every_kind_and_cause_has_a_whole_remedy_at_every_receiver(house, told, receiver):
    recipient, mark = SPEAKERS[receiver]
    kinds = [(HARD, None), (SOFT, None), (Kind.DEFERRED, None), (Kind.INVALID_ADDRESS, None)]
    kinds += [(Kind.DROPPED, by) for by in DroppedBy]
    for number, ((kind, by), cause) in enumerate(product(kinds, Cause)):
        address = f"t{number}{recipient}"
        told.failure(
            kind, address, reading=Reading(cause=cause), dropped_by=by, provider_text=f"5{mark}"
        )
        case = house.store.case(house.tenant, Medium.EMAIL, address)
        known = situation_of(house, case)
        assert known.receiver == receiver
        for locale in ("ja", "en"):
            said = remedy("email", known.kind, known.dropped_by, known.entry, locale)
            lines = where(known.receiver, known.entry, locale)
            assert all([said.meaning, said.first, *said.steps, said.next, said.offer_why, *lines])
            if known.mender is Mender.RECIPIENT_IT:
                it = {"ja": "情報システム部門", "en": "IT department"}[locale]
                assert it in f"{said.first}{said.steps}", (kind, cause)
