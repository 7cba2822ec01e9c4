"""What one person's page says to do, until when, where, and what can be sent on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import desk, lookups
from handlers.conversation import Passage, Press
from handlers.show.reader import Reader
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading
from storage.lists import ListEntry, ListName, Membership
from tests.fakes import TOKYO
from tests.handlers.conftest import ADMIN, APPROVER, NOBODY, buttons_of, text_of

TARO = "taro@example.co.jp"
LINKS = {
    "user_settings": "https://portal.example.co.jp/users",
    "notification_settings": "https://portal.example.co.jp/notify",
    "external_settings": "https://portal.example.co.jp/external",
    "it_guide": "https://help.example.co.jp/it",
    "runbook": "https://wiki.example.co.jp/runbook",
}


@pytest.fixture
def bounce(told):
    def happened(cause, recipient=TARO, kind=Kind.HARD_BOUNCE, **more):
        told.failure(kind, recipient, reading=Reading(cause=cause), **more)

    return happened


@pytest.fixture
def page(house):
    def shown(recipient=TARO, *, policy=None, locale="ja", clear=True):
        its = replace(house, policy=replace(house.policy, **(policy or {})))
        reader = Reader(locale=locale, zone=TOKYO, now=house.now(), clear=clear, may_ask=True)
        return lookups.who(its, recipient, reader, ADMIN)

    return shown


@pytest.fixture
def forwarded(house):
    def pressed(recipient=TARO, person=ADMIN, *, medium=Medium.EMAIL, shared=False):
        case = house.store.case(house.tenant, medium, recipient)
        case_id = house.store.case_ids(house.tenant, [case])[0]
        press = Press(
            person=person,
            verb="forward",
            subject=case_id,
            place="slack:CANY",
            message="m",
            reply_to=person,
            shared=shared,
        )
        return desk.press(house, press)

    return pressed


def verbs(message):
    return [button.verb for button in buttons_of(message)]


def passages(message):
    return [one.text for one in message.elements if isinstance(one, Passage)]


def hold(house, *names, recipient=TARO, after=timedelta(0)):
    entries = tuple(ListEntry(name=name, address=recipient) for name in names)
    at = house.now() + after
    house.store.set_membership(house.tenant, recipient, Membership(entries=entries, read_at=at), at)


def test_at_docomo_unknown_may_be_a_filter_and_it_is_the_recipients_turn(bounce, page):
    bounce(Cause.USER_UNKNOWN, "taro@docomo.ne.jp", provider_text="550 Unknown user")
    said = text_of(page("taro@docomo.ne.jp"))
    assert "宛先が存在しない、または受信拒否の設定" in said
    assert "次の担当: 受信者" in said
    assert "受信側のサービス: ドコモ" in said
    assert "「受信リスト設定」" in said


def test_a_deferral_is_not_sent_to_look_for_settings(bounce, page):
    bounce(Cause.POLICY_BLOCKED, kind=Kind.DEFERRED, provider_text="451 mimecast greylisting")
    said = text_of(page())
    assert "Permitted Senders" not in said
    assert "遅くとも 11月23日(月) 10:00(日本時間) までに" in said


def test_a_full_mailbox_is_told_where_to_look_while_it_is_retried(bounce, page):
    bounce(Cause.MAILBOX_FULL, "taro@gmail.com", Kind.DEFERRED)
    said = text_of(page("taro@gmail.com"))
    assert "Googleドライブ" in said
    assert "次の担当: 受信者" in said


def test_the_block_list_of_the_reply_is_named(bounce, page):
    text = "554 192.0.2.1 is listed at zen.spamhaus.org"
    bounce(Cause.REPUTATION_BLOCKED, kind=Kind.SOFT_BOUNCE, provider_text=text)
    assert "応答に書かれたブロックリスト: zen.spamhaus.org" in text_of(page())


@pytest.mark.parametrize(
    ("cause", "recipient", "named"),
    [
        (Cause.USER_MOVED_OR_DISABLED, TARO, {"user_settings"}),
        (Cause.POLICY_BLOCKED, TARO, {"it_guide"}),
        (Cause.OTHER, TARO, {"runbook"}),
        (Cause.MAILBOX_FULL, TARO, set()),
    ],
)
@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_page_links_what_its_remedy_names(bounce, page, locale, cause, recipient, named):
    bounce(cause, recipient)
    said = text_of(page(recipient, policy={"links": LINKS}, locale=locale))
    assert {key for key, url in LINKS.items() if url in said} == named
    assert "https://" not in text_of(page(recipient, locale=locale))


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_line_works_pages_link_both_settings(told, page, locale):
    told.failure(Kind.ID_OUTSIDE_DOMAIN, "taro@works", medium=Medium.LINE_WORKS)
    said = text_of(page("taro@works", policy={"links": LINKS}, locale=locale))
    found = {key for key, url in LINKS.items() if url in said}
    assert found == {"notification_settings", "external_settings"}


def test_the_from_domain_is_said_where_it_is_asked_for(bounce, page):
    policy = {"sender_domain": "notify.example.jp"}
    bounce(Cause.POLICY_BLOCKED)
    assert "差出人のドメイン: notify.example.jp" in text_of(page(policy=policy))
    bounce(Cause.MAILBOX_FULL, "jiro@example.co.jp")
    assert "notify.example.jp" not in text_of(page("jiro@example.co.jp", policy=policy))


def test_a_resend_after_a_daily_cap_is_told_with_its_next_sending_day(told, page):
    told.refused_message(Kind.DAILY_CAP, "taro@works")
    said = text_of(page("taro@works"))
    assert "11月24日(火) 09:00(日本時間) から順に再送" in said


def test_a_cap_without_a_kept_message_promises_no_resend(told, page, clock):
    told.failure(Kind.DAILY_CAP, "taro@works", medium=Medium.LINE_WORKS)
    answer = page("taro@works")
    assert "11月21日(土) 00:05(日本時間) 以降は送信できる見込み" in text_of(answer)
    assert "ask_resend" not in verbs(answer)
    clock.turn(days=2)
    assert "11月21日" not in text_of(page("taro@works"))


def test_a_rate_is_told_with_its_reset_until_that_is_past(told, page, clock):
    told.refused_message(Kind.TOO_FREQUENT, "taro@works")
    assert "11月20日(金) 10:01(日本時間) に解けます" in text_of(page("taro@works"))
    clock.turn(minutes=2)
    assert "1分ほどで解けます" in text_of(page("taro@works"))


@pytest.mark.parametrize(
    ("cause", "text", "until"),
    [
        (Cause.CONNECTION_FAILED, "", "11月21日(土) 10:00(日本時間)"),
        (Cause.EXPIRED, "could not deliver for 5 days", "11月21日(土) 10:00(日本時間)"),
        (Cause.THROTTLED, "", "11月20日(金) 12:00(日本時間)"),
        (Cause.THROTTLED, "421 slow down, come back in 45 minutes", "10:45(日本時間)"),
    ],
)
def test_a_wait_is_told_with_its_end(bounce, page, clock, cause, text, until):
    bounce(cause, kind=Kind.SOFT_BOUNCE, provider_text=text)
    assert f"{until} までです" in text_of(page())
    clock.turn(days=2)
    assert "待つ目安" not in text_of(page())


def test_nobody_waits_for_what_time_does_not_mend(bounce, page):
    bounce(Cause.CONTENT_REJECTED, kind=Kind.SOFT_BOUNCE)
    assert "待つ目安" not in text_of(page())


@pytest.mark.parametrize(
    ("days", "asked"), [((0, 3, 7), True), ((0, 1, 6), False), ((0, 9), False)]
)
def test_three_refusals_in_a_row_over_a_week_ask_for_the_address(bounce, page, clock, days, asked):
    start = clock.now()
    for number, day in enumerate(days):
        at = start + timedelta(days=day)
        bounce(Cause.MAILBOX_FULL, kind=Kind.SOFT_BOUNCE, at=at, source_id=f"d{number}")
    clock.turn(days=10)
    assert ("今も使っているか" in text_of(page())) is asked


def test_a_refusal_soon_after_an_acceptance_may_be_of_the_same_mail(bounce, told, page, clock):
    told.success(TARO)
    clock.turn(hours=1)
    bounce(Cause.USER_UNKNOWN)
    assert "11月20日(金) 10:00 に受け付けられたメールが" in text_of(page())


def test_a_refusal_long_after_an_acceptance_is_another_one(bounce, told, page, clock):
    told.success(TARO)
    clock.turn(days=2)
    bounce(Cause.USER_UNKNOWN)
    said = text_of(page())
    assert "後から拒否された可能性" not in said
    assert "最後に受け付けられた日時: 11月20日(金) 10:00" in said


def test_a_lost_result_is_supports_turn_and_promises_no_end(bounce, page, clock):
    bounce(Cause.THROTTLED, kind=Kind.DEFERRED)
    clock.turn(hours=74)
    said = text_of(page())
    assert "次の担当: サポート" in said
    assert "確定します" not in said


def test_a_bounce_that_no_list_holds_asks_for_no_removal(house, bounce, page):
    bounce(Cause.USER_UNKNOWN)
    hold(house, after=timedelta(hours=1))
    answer = page()
    assert "送信は止まっていないため、解除は不要です" in text_of(answer)
    assert "ask_remove" not in verbs(answer)


@pytest.mark.parametrize("state", ["reached", "never failed", "nobody"])
def test_at_softbank_an_accepted_mail_is_said_to_prove_nothing(bounce, told, page, clock, state):
    address = "taro@softbank.ne.jp"
    if state == "reached":
        bounce(Cause.SERVER_ERROR, address, Kind.SOFT_BOUNCE)
        clock.turn(minutes=1)
    if state != "nobody":
        told.success(address)
    assert "表示されないことがあります" in text_of(page(address))


def test_a_text_to_forward_is_shown_apart_with_whom_it_is_for(bounce, forwarded):
    bounce(Cause.POLICY_BLOCKED, provider_text="550 5.7.1 denied")
    answer = forwarded()
    (text,) = passages(answer)
    assert "550 5.7.1 denied" in text
    assert "IT department" in text_of(answer)


def test_a_recipient_is_told_by_another_way_than_the_failing_address(bounce, forwarded):
    bounce(Cause.MAILBOX_FULL)
    answer = forwarded()
    assert f"by another way than {TARO}" in text_of(answer)
    assert "make space" in passages(answer)[0]


def test_who_cannot_find_an_accepted_mail_is_told_where_to_look(bounce, told, forwarded, clock):
    bounce(Cause.SERVER_ERROR, kind=Kind.SOFT_BOUNCE)
    clock.turn(minutes=1)
    told.success(TARO)
    answer = forwarded()
    assert "junk folder" in passages(answer)[0]
    assert "cannot find the mail" in text_of(answer)


def test_two_people_who_must_act_get_a_text_each(told, forwarded):
    told.failure(Kind.BAD_CREDENTIALS, "taro@works", medium=Medium.LINE_WORKS)
    answer = forwarded("taro@works", medium=Medium.LINE_WORKS)
    support, administrator = passages(answer)
    assert support.startswith("Subject: Please look into")
    assert "refuses the credentials of the linked app" in administrator


def test_support_reads_which_list_holds_the_address(house, bounce, forwarded):
    bounce(Cause.OTHER)
    hold(house, ListName.BOUNCES)
    assert "bounce list" in passages(forwarded())[0]


def test_nothing_is_forwarded_where_others_read_along(bounce, forwarded):
    bounce(Cause.MAILBOX_FULL)
    answer = forwarded(shared=True)
    assert passages(answer) == []
    assert "1:1 talk" in text_of(answer)
    assert TARO not in text_of(answer)


def test_without_a_role_nobody_gets_a_text(bounce, forwarded):
    bounce(Cause.MAILBOX_FULL)
    assert passages(forwarded(person=NOBODY)) == []
    assert passages(forwarded(person=APPROVER)) != []


def test_a_button_of_a_case_that_is_gone_says_so(house):
    press = Press(
        person=ADMIN,
        verb="forward",
        subject="gone",
        place="slack:CANY",
        message="m",
        reply_to=ADMIN,
        shared=False,
    )
    assert "no longer works" in text_of(desk.press(house, press))


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        (Kind.SPAM_REPORT, None),
        (Kind.UNSUBSCRIBED, None),
        (Kind.DROPPED, DroppedBy.SPAM_REPORT_LIST),
        (Kind.DROPPED, DroppedBy.DUPLICATE),
    ],
)
def test_there_is_no_text_where_nobody_must_be_written_to(told, page, forwarded, kind, by):
    told.failure(kind, TARO, dropped_by=by)
    assert "forward" not in verbs(page())
    answer = forwarded(person=APPROVER)
    assert passages(answer) == []
    assert "no text to forward" in text_of(answer)


def test_whoever_opted_out_as_well_is_not_asked_to_let_mail_in(house, bounce, page, forwarded):
    bounce(Cause.POLICY_BLOCKED)
    hold(house, ListName.BOUNCES, ListName.UNSUBSCRIBES)
    assert "forward" not in verbs(page())
    assert passages(forwarded()) == []
