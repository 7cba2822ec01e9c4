"""Rows of every kind of file as failures, deliveries and people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.imports import failure_rows, people_rows, sendgrid_rows
from bot.imports.values import CellError
from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Permanence, Source, Success
from storage.imports import Left
from storage.lists import ListName
from storage.people import Person

AT = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
OURS = {
    "occurred_at": "2026-11-20T09:05:00+09:00",
    "recipient": "taro@example.jp",
    "kind": "hard_bounce",
    "cause": "user_unknown",
    "permanence": "hard",
    "provider_text": "550 5.1.1 no such person here",
    "status": "5.1.1",
    "subject_or_tag": "点検",
    "times_seen": "3",
    "state": "open",
}
SCREEN = {"occurred_at": "2026/11/20 9:05", "recipient": "taro@example.jp", "kind": "bounce"}


def ours(given, medium=Medium.EMAIL, **cells):
    return failure_rows.ours({**OURS, **cells}, given, medium)


def screen(given, medium=Medium.EMAIL, **cells):
    [told] = failure_rows.others({**SCREEN, **cells}, given, medium)
    return told


def test_a_row_of_our_export_is_its_case(given):
    [told] = ours(given)
    assert (told.source, told.medium, told.kind) == (Source.CSV, Medium.EMAIL, Kind.HARD_BOUNCE)
    assert (told.recipient, told.occurred_at, told.times_seen) == ("taro@example.jp", AT, 3)
    assert (told.reading.cause, told.reading.permanence) == (Cause.USER_UNKNOWN, Permanence.HARD)
    assert told.reading.rule
    assert (told.status, told.tag) == ("5.1.1", "点検")


def test_no_recipient_is_as_long_as_that(given):
    with pytest.raises(CellError, match="longer than 512"):
        screen(given, recipient=f"{'x' * 600}@example.jp")


def test_two_subjects_of_one_minute_are_two_failures(given):
    told = [screen(given, subject_or_tag=subject) for subject in ("点検", "給与", "点検", "")]
    assert len({one.source_id for one in told}) == 3
    assert told[0].source_id == told[2].source_id


def test_what_the_file_says_of_the_cause_is_believed_before_the_rules(given):
    [told] = ours(given, cause="mailbox_full", permanence="soft")
    assert (told.reading.cause, told.reading.rule) == (Cause.MAILBOX_FULL, "")


def test_a_row_in_the_readers_words_is_the_same(given):
    [told] = ours(
        given,
        occurred_at="2026-11-20 09:05:00",
        kind="恒久的な拒否(ハードバウンス)",
        cause="宛先が存在しない",
        permanence="この宛先では受け取れない",
        state="継続",
    )
    [machine] = ours(given)
    assert replace(told, raw="") == replace(machine, raw="")


def test_a_case_that_is_over_is_over(given):
    failure, success = ours(given, state="delivered")
    assert isinstance(success, Success)
    assert success.recipient == failure.recipient
    assert success.occurred_at - failure.occurred_at == timedelta(milliseconds=1)
    assert success.history


def test_a_case_that_left_the_lists_has_left_them(given):
    failure, gone = ours(given, state="gone")
    assert gone == Left(address=failure.recipient, left_at=AT + timedelta(milliseconds=1))


def test_a_line_works_row_has_its_code_and_bot(given):
    [told] = ours(
        given,
        Medium.LINE_WORKS,
        line_works_id="taro@works",
        kind="daily_cap",
        provider_code="429",
        provider_text="LIMIT no more today",
        bot_id="2000001",
    )
    assert (told.recipient, told.kind, told.status) == ("taro@works", Kind.DAILY_CAP, "429")
    assert (told.provider_text, told.bot_id) == ("LIMIT no more today", "2000001")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"kind": "something"}, "kind: 'something' is no kind of ours"),
        ({"kind": "受信者側の設定または操作による停止"}, "kind: .* is hidden here"),
        ({"cause": ""}, "cause: '' is no cause"),
        ({"permanence": "maybe"}, "permanence: 'maybe' is no word"),
        ({"state": "?"}, "state: '\\?' is no state"),
        ({"times_seen": "0"}, "times_seen: '0' is no count"),
        ({"recipient": " "}, "recipient: is missing"),
        ({"occurred_at": ""}, "occurred_at: is missing"),
    ],
)
def test_a_row_that_is_not_understood_names_column_and_reason(given, cells, said):
    with pytest.raises(CellError, match=said):
        ours(given, **cells)


def test_what_happened_before_the_installation_is_history(given):
    before = ours(given, occurred_at="2026-11-19T23:59:59+09:00")
    assert [one.history for one in (*before, *ours(given))] == [True, False]


def test_one_row_has_one_fingerprint_whatever_else_stands_in_it(given):
    [told], [again] = (
        ours(given),
        ours(given, state="open", provider_text="x", recipient="TARO@Example.jp"),
    )
    assert told.source_id == again.source_id
    others = [
        ours(given, **cells)[0]
        for cells in (
            {"kind": "soft_bounce"},
            {"recipient": "b@example.jp"},
            {"occurred_at": "2026-11-20T09:05:00.001+09:00"},
        )
    ]
    assert len({told.source_id, *(one.source_id for one in others)}) == 4


def test_the_row_itself_is_kept(given):
    assert "点検" in ours(given)[0].raw


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"kind": "ソフトバウンス", "cause": "メールボックスがいっぱい"}, Kind.SOFT_BOUNCE),
        ({"provider_text": "550 5.1.1 unknown"}, Kind.HARD_BOUNCE),
        ({"provider_text": "452 4.2.2 full"}, Kind.SOFT_BOUNCE),
        ({"kind": "", "cause": "deferred: try later"}, Kind.DEFERRED),
        ({"kind": "", "status": "5.1.1"}, Kind.HARD_BOUNCE),
        ({"kind": "bounce"}, Kind.UNCLASSIFIED),
        ({"kind": "なにか"}, Kind.UNCLASSIFIED),
    ],
)
def test_another_systems_row_is_sorted_by_its_words_then_its_codes(given, cells, kind):
    assert screen(given, **cells).kind is kind


def test_another_systems_cause_is_read_by_the_rules(given):
    told = screen(given, kind="ソフトバウンス", cause="メールボックスがいっぱいです")
    assert (told.reading.cause, told.provider_text) == (
        Cause.MAILBOX_FULL,
        "メールボックスがいっぱいです",
    )


def test_another_systems_drop_says_which_list(given):
    told = screen(given, kind="dropped", cause="迷惑メール報告リスト")
    assert (told.kind, told.dropped_by) == (Kind.DROPPED, DroppedBy.SPAM_REPORT_LIST)


def test_an_answer_of_line_works_is_judged_as_everywhere(given):
    told = screen(given, Medium.LINE_WORKS, kind="", provider_code="404", provider_text="x")
    assert told.kind is Kind.PROVIDER_DOWN
    assert screen(given, Medium.LINE_WORKS, kind="?").kind is Kind.UNCLASSIFIED


def test_a_row_that_says_nothing_of_what_happened_is_not_understood(given):
    with pytest.raises(CellError, match="kind: is missing, and so is any other word"):
        screen(given, kind=" ")


ENTRY = {
    "email": "taro@example.jp",
    "created": "1795133100",
    "reason": "550 5.1.1 unknown",
    "status": "5.1.1",
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (ListName.BOUNCES, Kind.HARD_BOUNCE),
        (ListName.BLOCKS, Kind.SOFT_BOUNCE),
        (ListName.INVALID_EMAILS, Kind.INVALID_ADDRESS),
        (ListName.SPAM_REPORTS, Kind.SPAM_REPORT),
        (ListName.UNSUBSCRIBES, Kind.UNSUBSCRIBED),
        (ListName.GROUPS, Kind.UNSUBSCRIBED),
    ],
)
def test_an_entry_of_each_list_is_what_the_poll_would_tell(given, name, kind):
    [told] = sendgrid_rows.listed(ENTRY, given, name)
    assert (told.source, told.kind, told.occurred_at) == (Source.CSV, kind, AT)
    assert (told.recipient, told.history) == ("taro@example.jp", False)


def test_an_entry_without_a_time_is_history(given):
    [told] = sendgrid_rows.listed({"email": "taro@example.jp"}, given, ListName.GROUPS)
    assert told.history


def test_an_entry_without_an_address_is_not_understood(given):
    with pytest.raises(CellError, match="email: is missing"):
        sendgrid_rows.listed({**ENTRY, "email": ""}, given, ListName.BOUNCES)


EVENT = {
    "processed": "2026-11-20 00:05:00",
    "message_id": "m-1",
    "event": "bounce",
    "email": "taro@example.jp",
    "reason": "550 5.1.1 unknown",
    "subject_or_tag": "点検",
}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({}, Kind.HARD_BOUNCE),
        ({"event": "Bounced", "bounce_type": "soft"}, Kind.SOFT_BOUNCE),
        ({"event": "blocked"}, Kind.SOFT_BOUNCE),
        ({"event": "deferred"}, Kind.DEFERRED),
        ({"event": "dropped", "reason": "Bounced Address"}, Kind.DROPPED),
        ({"event": "spam_report"}, Kind.SPAM_REPORT),
        ({"event": "group unsubscribe"}, Kind.UNSUBSCRIBED),
        ({"event": "", "status": "not_delivered"}, Kind.HARD_BOUNCE),
        ({"event": "", "status": "not_delivered", "reason": ""}, Kind.UNCLASSIFIED),
    ],
)
def test_an_event_of_the_activity_is_sorted_as_the_webhooks(given, cells, kind):
    [told] = sendgrid_rows.activity({**EVENT, **cells}, given)
    assert isinstance(told, Failure)
    assert (told.kind, told.occurred_at, told.reference) == (kind, AT, "m-1")


def test_a_delivery_of_the_activity_is_no_failure_and_not_counted_again(given):
    [told] = sendgrid_rows.activity({**EVENT, "event": "delivered"}, given)
    assert isinstance(told, Success)
    assert (told.recipient, told.history) == ("taro@example.jp", True)


@pytest.mark.parametrize("event", ["processed", "open", "click"])
def test_what_kept_no_message_from_anybody_tells_nothing(given, event):
    assert sendgrid_rows.activity({**EVENT, "event": event}, given) == ()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"event": "exploded"}, "event: 'exploded' is not a name"),
        ({"email": ""}, "email: is missing"),
        ({"processed": "soon"}, "processed: 'soon' is no time"),
    ],
)
def test_an_event_that_is_not_understood_says_why(given, cells, said):
    with pytest.raises(CellError, match=said):
        sendgrid_rows.activity({**EVENT, **cells}, given)


def person(given, **cells):
    [told] = people_rows.person(cells, given)
    return told


def test_a_person_of_a_list(given):
    told = person(
        given,
        id="u-1",
        person="山田 太郎",
        email="taro@example.jp",
        line_works_id="taro@works",
        subject_or_tag="総務",
    )
    assert told == Person(
        id="u-1", name="山田 太郎", email="taro@example.jp", line_works_id="taro@works", tag="総務"
    )


@pytest.mark.parametrize(
    "cells", [{"email": "アドレスなし"}, {"email": "なし"}, {"no_address": "○"}]
)
def test_nobody_has_an_address_by_mistake(given, cells):
    told = person(given, person="白川 静", **cells)
    assert (told.no_address, told.email) == (True, "")


def test_without_an_id_the_address_is_one(given):
    first = person(given, person="山田", email="taro@example.jp")
    again = person(given, person="山田 太郎", email="TARO@example.jp")
    other = person(given, person="山田", email="jiro@example.jp")
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"person": "誰"}, "email: is missing; write アドレスなし"),
        ({"email": "", "person": ""}, "id: is missing; write アドレスなし"),
        ({"person": "誰", "email": "x"}, "email: is no address"),
        (
            {"person": "誰", "email": "a@example.jp", "no_address": "はい"},
            "email: is given although there is none on purpose",
        ),
    ],
)
def test_a_person_who_is_not_understood_says_why(given, cells, said):
    with pytest.raises(CellError, match=said):
        person(given, **cells)
