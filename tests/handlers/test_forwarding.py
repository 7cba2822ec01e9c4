"""Which text may be forwarded, to whom, and that it can be sent as it stands."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from handlers.forwarding import JUNK_FOLDER, Letter, letters, written
from handlers.house import TOKYO, Policy
from handlers.offers import mender
from handlers.reach import Reach, Scope
from handlers.situations import PRIVATE_MAILBOXES, Situation
from handlers.wording import catalogue
from storage.cases import tell
from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Mender, Reading, Source

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
LETTERS = catalogue.read(catalogue.FORWARDING)["letter"]
LINE_WORKS = tuple(Kind)[tuple(Kind).index(Kind.TOO_FREQUENT) :]
EMAIL = (Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.DEFERRED, Kind.INVALID_ADDRESS, Kind.UNCLASSIFIED)
WILL = [
    (Kind.SPAM_REPORT, None),
    (Kind.UNSUBSCRIBED, None),
    (Kind.DROPPED, DroppedBy.SPAM_REPORT_LIST),
    (Kind.DROPPED, DroppedBy.UNSUBSCRIBE_LIST),
]
MAY_GET_ONE = {Mender.RECIPIENT, Mender.RECIPIENT_IT, Mender.LINEWORKS_ADMIN, Mender.SUPPORT}
# Whom the sheet of kinds and causes names besides whose turn it is first.
NAMED_SECOND = {
    (Kind.HARD_BOUNCE, Cause.USER_UNKNOWN): Mender.RECIPIENT,
    (Kind.HARD_BOUNCE, Cause.USER_MOVED_OR_DISABLED): Mender.RECIPIENT,
    (Kind.HARD_BOUNCE, Cause.DOMAIN_NOT_FOUND): Mender.RECIPIENT_IT,
    (Kind.HARD_BOUNCE, Cause.CONNECTION_FAILED): Mender.RECIPIENT_IT,
    (Kind.HARD_BOUNCE, Cause.SPAM_DETECTED): Mender.RECIPIENT_IT,
    (Kind.SOFT_BOUNCE, Cause.USER_MOVED_OR_DISABLED): Mender.RECIPIENT,
    (Kind.SOFT_BOUNCE, Cause.CONNECTION_FAILED): Mender.RECIPIENT_IT,
    (Kind.SOFT_BOUNCE, Cause.SPAM_DETECTED): Mender.RECIPIENT_IT,
}
FOR_LINE_WORKS = {
    Kind.TOO_FREQUENT: {Mender.LINEWORKS_ADMIN},
    Kind.DAILY_CAP: {Mender.LINEWORKS_ADMIN},
    Kind.DAILY_CAP_SUSPECTED: {Mender.LINEWORKS_ADMIN},
    Kind.NO_SUCH_ID: {Mender.LINEWORKS_ADMIN},
    Kind.ID_OUTSIDE_DOMAIN: {Mender.LINEWORKS_ADMIN},
    Kind.WRONG_DOMAIN_INFO: {Mender.SUPPORT, Mender.LINEWORKS_ADMIN},
    Kind.MISSING_SCOPE: {Mender.LINEWORKS_ADMIN},
    Kind.BAD_CREDENTIALS: {Mender.SUPPORT, Mender.LINEWORKS_ADMIN},
    Kind.BOT_NOT_ALLOWED: {Mender.LINEWORKS_ADMIN},
    Kind.UNANSWERED: {Mender.SUPPORT},
    Kind.UNCLASSIFIED: {Mender.SUPPORT},
}
ALL_SET = Policy(
    service_name="みまもり通知",
    sender_domain="notify.example.co.jp",
    sender_ips=("192.0.2.1", "192.0.2.2"),
    support_contact="サポート窓口(support@example.co.jp)",
    links={
        "it_guide": "https://help.example.co.jp/it",
        "runbook": "https://wiki.example.co.jp/runbook",
    },
)
REPLY = "550 5.7.1 <taro@example.co.jp>: {refused} by\r\n rule 9"
CODE = re.compile(r"\b[245]\d\d\b|\b[245]\.\d\.\d+|Return-Path|SMTP|refused by|rule 9")


def situation(kind, cause=Cause.OTHER, *, by=None, medium=Medium.EMAIL, entry=None, **more):
    whose = more.pop("mender", None) or mender(kind, by, cause)
    return Situation(
        medium=medium, kind=kind, dropped_by=by, entry=entry or cause, mender=whose, **more
    )


def case_of(kind=Kind.HARD_BOUNCE, *, medium=Medium.EMAIL, by=None, **more):
    failure = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="1",
        medium=medium,
        kind=kind,
        dropped_by=by,
        recipient=more.pop("recipient", "taro@example.co.jp"),
        occurred_at=NOON,
        reading=Reading(cause=Cause.POLICY_BLOCKED),
        provider_text=more.pop("reply", REPLY),
        status="5.7.1",
    )
    return tell([failure], None)


def text(chosen, known=None, policy=ALL_SET, locale="ja", **more):
    known = known or situation(Kind.HARD_BOUNCE)
    told = {"lists": more.pop("lists", ""), "reach": more.pop("reach", None)}
    case = case_of(known.kind, medium=known.medium, by=known.dropped_by, **more)
    return written(chosen, case, known, policy, locale=locale, zone=TOKYO, now=NOON, **told)


def whom(known):
    return {one.to for one in letters(known)}


@pytest.mark.parametrize(("kind", "cause"), list(product(EMAIL, Cause)))
def test_whoever_must_act_about_mail_gets_a_text_and_nobody_else(kind, cause):
    known = situation(kind, cause)
    wanted = {known.mender} & MAY_GET_ONE
    wanted |= {NAMED_SECOND[kind, cause]} if (kind, cause) in NAMED_SECOND else set()
    assert whom(known) == wanted


@pytest.mark.parametrize(("by", "cause"), list(product(DroppedBy, Cause)))
def test_a_drop_has_the_texts_of_the_bounce_that_it_echoes(by, cause):
    known = situation(Kind.DROPPED, cause, by=by)
    if by is DroppedBy.BOUNCE_LIST:
        assert letters(known) == letters(situation(Kind.HARD_BOUNCE, cause))
    elif (Kind.DROPPED, by) not in WILL:
        assert whom(known) == {known.mender} & {Mender.SUPPORT}


@pytest.mark.parametrize("kind", LINE_WORKS)
def test_whoever_must_act_about_line_works_gets_a_text_and_nobody_else(kind):
    known = situation(kind, medium=Medium.LINE_WORKS, entry="")
    assert whom(known) == FOR_LINE_WORKS.get(kind, set())
    assert known.mender not in MAY_GET_ONE - whom(known)


@pytest.mark.parametrize(("kind", "by"), WILL)
def test_there_is_no_text_about_a_complaint_or_an_opt_out(kind, by):
    for whose in Mender:
        assert letters(situation(kind, by=by, mender=whose)) == ()


@pytest.mark.parametrize("receiver", sorted(PRIVATE_MAILBOXES))
def test_nobody_writes_to_the_it_department_of_a_private_mailbox(receiver):
    for kind, cause in product(EMAIL, Cause):
        known = situation(kind, cause, receiver=receiver, mender=Mender.NOBODY)
        assert Mender.RECIPIENT_IT not in whom(known)


@pytest.mark.parametrize(
    ("entry", "receiver", "name"),
    [
        ("unknown_or_filtered", "docomo", "carrier"),
        ("filtered_by_recipient", "softbank", "carrier"),
        ("filtered_by_recipient", "gmail", "allow"),
        ("forwarded", "", "forwarding"),
        ("mailbox_full", "gmail", "mailbox_full"),
        ("user_moved_or_disabled", "", "moved"),
    ],
)
def test_a_recipient_gets_the_text_for_their_mailbox(entry, receiver, name):
    known = situation(Kind.SOFT_BOUNCE, entry=entry, receiver=receiver, mender=Mender.RECIPIENT)
    assert letters(known) == (Letter(to=Mender.RECIPIENT, name=name),)


@pytest.mark.parametrize(
    ("entry", "whose", "name"),
    [
        ("lasting", Mender.RECIPIENT_IT, "delayed"),
        ("result_lost", Mender.SUPPORT, "support"),
        ("mailbox_full", Mender.RECIPIENT, "mailbox_full_so_far"),
    ],
)
def test_while_mail_is_retried_only_who_must_act_gets_a_text(entry, whose, name):
    known = situation(Kind.DEFERRED, entry=entry, mender=whose)
    assert letters(known) == (Letter(to=whose, name=name),)


def every_letter():
    found = {JUNK_FOLDER: situation(Kind.HARD_BOUNCE)}
    entries = [*Cause, "unknown_or_filtered", "filtered_by_recipient", "forwarded"]
    receivers = ["", "docomo", "gmail", "workspace", "microsoft_365"]
    for kind, entry, receiver in product(EMAIL, entries, receivers):
        cause = Cause(entry) if entry in set(Cause) else Cause.OTHER
        known = situation(kind, cause, entry=entry, receiver=receiver, confidence=0.9)
        found |= dict.fromkeys(letters(known), known)
    lasting = situation(Kind.DEFERRED, entry="lasting", mender=Mender.RECIPIENT_IT)
    found |= dict.fromkeys(letters(lasting), lasting)
    for kind in LINE_WORKS:
        known = situation(kind, medium=Medium.LINE_WORKS, entry="")
        found |= dict.fromkeys(letters(known), known)
    return found


EVERY = every_letter()
NAMES = [one.name for one in EVERY]


def test_every_text_that_is_written_can_be_chosen():
    assert set(NAMES) == set(LETTERS)


@pytest.mark.parametrize("policy", [ALL_SET, Policy()], ids=["set", "unset"])
@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("chosen", EVERY, ids=NAMES)
def test_every_text_can_be_sent_as_it_stands(chosen, locale, policy):
    long = "x" * 240 + "@example.co.jp"
    said = text(chosen, EVERY[chosen], policy, locale, recipient=long, reply="5" * 4000)
    assert len(said.encode("utf-16-le")) // 2 <= 2000
    for line in text(chosen, EVERY[chosen], policy, locale).splitlines():
        assert line.strip() == line != ""
        assert not re.search(r"^[・-].*[::]$|^[・-]$|\(\)|None|  ", line), line
        assert not re.search(r"{(?!refused)", line)
        if locale == "ja" and not line.startswith("・"):
            assert re.search("[ぁ-ん]", line), line
        if locale == "en":
            assert not re.search("[。、]|です|ます|ください", line), line


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("chosen", [one for one in EVERY if one.to is Mender.RECIPIENT])
def test_a_recipient_reads_no_codes_no_servers_words_and_no_settings_noun_of_ours(chosen, locale):
    said = text(chosen, EVERY[chosen], ALL_SET, locale)
    assert not CODE.search(said.replace("192.0.2.", ""))
    assert not re.search("バウンス|応答|サーバー|bounce|server", said)


@pytest.mark.parametrize("chosen", [one for one in EVERY if one.to is Mender.RECIPIENT_IT])
def test_an_it_department_reads_the_exact_data(chosen):
    said = text(chosen, EVERY[chosen])
    assert "550 5.7.1 <taro@example.co.jp>: {refused} by rule 9" in said
    assert "taro@example.co.jp" in said
    assert "11月20日(金) 12:00(日本時間)" in said
    assert "https://help.example.co.jp/it" in said


@pytest.mark.parametrize("chosen", [one for one in EVERY if one.to is Mender.RECIPIENT_IT])
def test_an_it_department_hears_once_of_all_its_addresses(chosen):
    alike = Reach(
        scope=Scope.DOMAIN,
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        cause=Cause.POLICY_BLOCKED,
        count=11,
        since=NOON - timedelta(hours=2),
        until=NOON,
    )
    line = "・同じ状況の宛先:上記を含めて11件(11月20日(金) 10:00(日本時間) から)"
    assert line in text(chosen, EVERY[chosen], reach=alike).splitlines()
    assert "同じ状況" not in text(chosen, EVERY[chosen], reach=replace(alike, scope=Scope.ADDRESS))


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_no_text_says_more_than_its_reader_may_know(locale):
    for chosen, known in EVERY.items():
        said = text(chosen, known, ALL_SET, locale)
        assert ("runbook" in said) is (chosen.to is Mender.SUPPORT), chosen
        assert not re.search("配信停止|迷惑メール報告|opted|spam report", said), chosen


def test_mail_that_is_being_retried_may_still_arrive_until_its_end():
    known = situation(Kind.DEFERRED, Cause.MAILBOX_FULL)
    said = text(Letter(to=Mender.RECIPIENT, name="mailbox_full_so_far"), known)
    assert "11月23日(月) 12:00(日本時間) まで、自動で送り直しています" in said
    assert "届きませんでした" not in said


def test_a_carriers_text_names_the_setting_and_our_domain():
    known = situation(Kind.HARD_BOUNCE, receiver="docomo")
    said = text(Letter(to=Mender.RECIPIENT, name="carrier"), known)
    assert "「受信リスト設定」に、notify.example.co.jpを登録する" in said


def test_without_a_domain_the_sentence_says_where_it_stands():
    known = situation(Kind.HARD_BOUNCE, receiver="au")
    said = text(Letter(to=Mender.RECIPIENT, name="carrier"), known, Policy())
    assert "差出人アドレスの「@」より後ろ)を登録する" in said
    assert said.startswith("当サービスからのメールが")


def test_our_addresses_are_told_only_where_they_are_ours_alone():
    policy = Letter(to=Mender.RECIPIENT_IT, name="policy")
    assert "192.0.2.1, 192.0.2.2" in text(policy)
    assert "IPアドレス(当サービス専用)" not in text(policy, None, replace(ALL_SET, sender_ips=()))


def test_a_product_of_the_it_department_is_named_where_it_is_known():
    chosen = Letter(to=Mender.RECIPIENT_IT, name="policy")
    assert "Permitted Senders" in text(chosen, situation(Kind.HARD_BOUNCE, receiver="mimecast"))
    assert "設定箇所の例" not in text(chosen, situation(Kind.HARD_BOUNCE))


def test_support_reads_kind_cause_confidence_code_lists_and_history():
    known = situation(Kind.HARD_BOUNCE, confidence=0.85)
    said = text(Letter(to=Mender.SUPPORT, name="support"), known, lists="バウンスリスト")
    for fact in ("恒久的な拒否", "受信側の設定による拒否", "85%", "5.7.1", "1回", "バウンスリスト"):
        assert fact in said


def test_support_reads_nothing_where_nothing_is_known():
    known = situation(Kind.UNANSWERED, medium=Medium.LINE_WORKS, entry="")
    said = text(Letter(to=Mender.SUPPORT, name="support"), known, reply="", locale="en")
    assert "Cause" not in said
    assert "Reply" not in said
    assert "No answer: may have arrived" in said


def test_a_long_history_is_told_from_its_first_failure():
    first = case_of()
    case = replace(first, opened_at=NOON - timedelta(days=400), times_seen=7)
    chosen = Letter(to=Mender.SUPPORT, name="support")
    known = situation(Kind.HARD_BOUNCE)
    said = written(chosen, case, known, ALL_SET, locale="ja", zone=TOKYO, now=NOON)
    assert "2025年10月16日(木) 12:00(日本時間) から 7回" in said
