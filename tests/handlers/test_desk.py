"""What people type, press and fill in, and what they get to read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import desk, intake
from handlers.conversation import Command, Filled, Form, Mistakes, Press
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source
from storage.people import Person
from storage.requests import RequestState
from storage.store import StorageBusyError
from tests.handlers.conftest import ADMIN, APPROVER, DIGEST, NOBODY, SECOND, buttons_of, text_of

TARO = "taro@example.jp"


@pytest.fixture
def typed(house):
    def said(text, person=ADMIN, *, shared=False):
        command = Command(
            person=person, text=text, place="slack:CANY", reply_to=person, shared=shared
        )
        return desk.command(house, command)

    return said


@pytest.fixture
def pressed(house):
    def done(verb, subject, person=ADMIN, place="slack:CANY"):
        press = Press(
            person=person,
            verb=verb,
            subject=subject,
            place=place,
            message="m",
            reply_to=person,
            shared=False,
        )
        return desk.press(house, press)

    return done


@pytest.fixture
def filled(house):
    def sent(verb, subject, answers, person=ADMIN):
        form = Filled(
            person=person,
            verb=verb,
            subject=subject,
            answers=answers,
            place="slack:CANY",
            reply_to=person,
        )
        return desk.fill(house, form)

    return sent


@pytest.fixture
def bounced(house, told):
    told.failure(
        Kind.HARD_BOUNCE,
        TARO,
        reading=Reading(cause=Cause.USER_UNKNOWN),
        provider_text=f"550 5.1.1 <{TARO}>: User unknown",
    )
    case = house.store.case(house.tenant, Medium.EMAIL, TARO)
    return house.store.case_ids(house.tenant, [case])[0]


CHECKED = dict.fromkeys(("junk_folder", "free_space", "address", "allow_list"), "checked")


def test_help_is_for_everybody(typed):
    assert "/notify-errors today" in text_of(typed("help", NOBODY))


@pytest.mark.parametrize("text", ["today", "who taro@example.jp", "pending", "export", "status"])
def test_without_a_role_nobody_learns_anything(typed, bounced, text):
    answer = text_of(typed(text, NOBODY))
    assert "Only registered admins" in answer
    assert "example.jp" not in answer


def test_an_unknown_word_gets_the_nearest_right_one(typed):
    assert "today" in text_of(typed("todya"))


def test_today_stands_in_two_tabs(typed, told, clock):
    told.failure(Kind.DEFERRED, TARO)
    told.failure(Kind.NO_SUCH_ID, "x@works", medium=Medium.LINE_WORKS)
    clock.turn(minutes=1)
    text = text_of(typed("today"))
    assert text.index("E-mail: 1") < text.index("LINE WORKS: 1")


def test_an_admin_reads_in_clear_where_nobody_reads_along(typed, bounced, clock):
    clock.turn(minutes=1)
    assert TARO in text_of(typed("today"))
    assert TARO not in text_of(typed("today", shared=True))


def test_yesterday_does_not_show_today(typed, bounced, clock):
    clock.turn(minutes=1)
    assert TARO not in text_of(typed("yesterday"))


def test_a_swapped_period_comes_with_the_mend(typed):
    assert "2026-11-01..2026-11-02" in text_of(typed("2026-11-02..2026-11-01"))


def test_who_tells_the_story_cause_remedy_and_what_can_be_asked(typed, bounced):
    answer = typed(f"who {TARO}")
    text = text_of(answer)
    assert "No such address" in text
    assert "550 5.1.1" in text
    verbs = [button.verb for button in buttons_of(answer)]
    assert verbs == ["ask_remove", "forward", "not_right"]


def test_who_shows_both_media_of_a_person(house, typed, told, bounced):
    person = Person(id="p1", name="山田太郎", email=TARO, line_works_id="taro@works")
    house.store.put_people(house.tenant, [person])
    told.refused_message(Kind.DAILY_CAP, "taro@works")
    text = text_of(typed("who 山田太郎"))
    assert TARO in text
    assert "taro@works" in text


def test_who_asks_the_vendor_and_completes_the_answer(house, typed, bounced):
    typed(f"who {TARO}")
    waiting = house.store.due_notices(house.tenant, house.now(), 9)
    assert [one.topic for one in waiting] == ["lists"]


def test_what_is_typed_at_length_does_not_push_the_answer_out(typed):
    text = text_of(typed("who " + "a" * 3000))
    assert len(text) < 3000


def test_who_finds_nobody_and_says_where_to_look(typed):
    text = text_of(typed("who nobody@example.jp"))
    assert "junk folder" in text
    assert "アドレスなし" in text


def test_who_says_that_somebody_has_no_address_on_purpose(house, typed):
    house.store.put_people(house.tenant, [Person(id="p", name="鈴木一郎", no_address=True)])
    assert "no address" in text_of(typed("who 鈴木一郎"))


@pytest.mark.parametrize(("person", "named"), [(APPROVER, True), (ADMIN, False)])
def test_a_complaint_is_named_to_approvers_only(typed, told, person, named):
    told.failure(Kind.SPAM_REPORT, TARO)
    text = text_of(typed(f"who {TARO}", person))
    assert ("Spam report" in text) is named
    assert ("Stopped by the recipient" in text) is not named


def test_a_drop_by_opt_out_hides_its_words_from_admins(typed, told):
    told.failure(
        Kind.DROPPED, TARO, dropped_by=DroppedBy.UNSUBSCRIBE_LIST, provider_text="Unsubscribed"
    )
    answer = typed(f"who {TARO}")
    assert "Unsubscribed" not in text_of(answer)
    assert buttons_of(answer) == []


def test_export_brings_one_file_per_medium(typed, bounced, clock):
    clock.turn(minutes=1)
    files = typed("export").files
    assert [one.name for one in files] == ["email.csv", "line_works.csv"]
    assert TARO in files[0].content.decode("utf-8-sig")


def test_status_says_how_far_we_looked(typed):
    assert "Next digest" in text_of(typed("status"))


def test_a_members_list_is_masked_and_offers_nothing(pressed, bounced, clock):
    clock.turn(minutes=1)
    since = int(clock.now().timestamp()) - 3600
    subject = f"email/hard_bounce/-/{since}/{since + 7200}"
    listed = pressed("list", subject, NOBODY, DIGEST)
    assert "t***@example.jp" in text_of(listed)
    assert buttons_of(listed) == []


def test_a_stranger_elsewhere_does_not_open_a_list(pressed, bounced):
    listed = pressed("list", "email/hard_bounce/-/0/9999999999", NOBODY)
    assert "example.jp" not in text_of(listed)


def test_an_admins_list_opens_people_and_asks_removals(pressed, bounced, clock):
    clock.turn(minutes=1)
    listed = pressed("removable", "email/hard_bounce/-/0/9999999999")
    assert TARO in text_of(listed)
    assert [button.verb for button in buttons_of(listed)] == ["open", "ask_remove"]


def test_a_list_says_who_has_been_reached_since(pressed, bounced, told, clock):
    clock.turn(minutes=1)
    assert "cleared" not in text_of(pressed("list", "email/hard_bounce/-/0/9999999999"))
    told.success(TARO)
    assert "(cleared: " in text_of(pressed("list", "email/hard_bounce/-/0/9999999999"))


def test_a_removal_begins_with_the_four_checks(pressed, bounced):
    form = pressed("ask_remove", bounced)
    assert isinstance(form, Form)
    assert [question.key for question in form.questions] == [*CHECKED, "note"]


def test_a_form_without_a_check_says_which(filled, bounced):
    answer = filled("ask_remove", bounced, {**CHECKED, "address": ""})
    assert isinstance(answer, Mistakes)
    assert list(answer.by_question) == ["address"]


@pytest.fixture
def asked(house, filled, bounced):
    filled("ask_remove", bounced, {**CHECKED, "note": "space again"})
    return house.store.requests(house.tenant, [RequestState.OPEN])[0].id


def test_the_asker_cannot_approve(with_policy, asked, pressed):
    text = text_of(pressed("approve", asked))
    assert "Only registered approvers" in text


def test_an_approver_approves_and_a_second_press_says_so(house, pressed, asked):
    assert "approved" in text_of(pressed("approve", asked, APPROVER))
    assert "approved this at" in text_of(pressed("approve", asked, APPROVER))
    assert house.store.request(house.tenant, asked).state is RequestState.APPROVED


def test_a_decline_asks_for_its_reason(pressed, filled, asked):
    assert isinstance(pressed("decline", asked, APPROVER), Form)
    assert isinstance(filled("decline", asked, {"reason": " "}, APPROVER), Mistakes)
    assert "wrong one" in text_of(filled("decline", asked, {"reason": "wrong one"}, APPROVER))


def test_a_second_admin_joins(filled, bounced, asked):
    text = text_of(filled("ask_remove", bounced, CHECKED, SECOND))
    assert "asked for the removal" in text


def test_pending_shows_it_and_the_asker_may_withdraw(typed, pressed, asked):
    listed = typed("pending")
    [button] = buttons_of(listed)
    assert button.verb == "withdraw"
    assert button.describes.startswith(f"Withdraw: Removal of {TARO}")
    assert "withdrawn" in text_of(pressed("withdraw", asked))


def test_details_show_the_address_to_the_approver_alone(pressed, asked):
    assert TARO in text_of(pressed("details", asked, APPROVER))
    assert TARO not in text_of(pressed("details", asked, NOBODY))


def test_a_resend_of_a_group_goes_to_the_approvers(house, pressed, told, clock):
    told.refused_message(Kind.DAILY_CAP)
    clock.turn(minutes=1)
    text = text_of(pressed("resend_group", "line_works/daily_cap/-/0/9999999999"))
    assert "You have asked" in text
    assert house.store.requests(house.tenant, [RequestState.OPEN])


def test_too_frequent_is_sent_again_without_approval(house, pressed, told, clock):
    told.refused_message(Kind.TOO_FREQUENT)
    clock.turn(minutes=1)
    pressed("resend_group", "line_works/too_frequent/-/0/9999999999")
    assert house.store.requests(house.tenant, [RequestState.APPROVED])


def test_nothing_kept_means_nothing_to_resend(pressed):
    text = text_of(pressed("resend_group", "line_works/daily_cap/-/0/9999999999"))
    assert "nothing to resend" in text


@pytest.mark.parametrize("subject", ["", "x", "@", "email/hard_bounce/-/0/1@zzz"])
def test_a_button_that_we_did_not_make_is_answered(pressed, subject):
    for verb in ("list", "open", "ask_remove", "approve", "never"):
        assert text_of(pressed(verb, subject, APPROVER))


def test_our_own_fault_is_told_with_the_number_of_the_log(house):
    message, number = desk.trouble(house, ADMIN)
    assert number in text_of(message)


def test_a_busy_storage_is_said_plainly(house, typed, pressed, filled, monkeypatch):
    def busy(*_):
        raise StorageBusyError("busy")

    for verb in ("coverage", "case_by_id"):
        monkeypatch.setattr(house.store, verb, busy)
    for answer in (typed("status"), pressed("open", "1-a"), filled("ask_remove", "1-a", CHECKED)):
        assert "Nothing was changed" in text_of(answer)


def test_a_form_that_comes_back_after_the_case_was_cleared_asks_nothing(
    house, told, filled, bounced, clock
):
    clock.turn(minutes=5)
    told.success(TARO)
    assert "cleared" in text_of(filled("ask_remove", bounced, CHECKED))
    assert not house.store.requests(house.tenant, [RequestState.OPEN])


def test_a_removal_cannot_be_asked_for_an_id_of_line_works(house, told, filled):
    told.refused_message(recipient="hanako@works")
    case = house.store.case(house.tenant, Medium.LINE_WORKS, "hanako@works")
    (case_id,) = house.store.case_ids(house.tenant, [case])
    filled("ask_remove", case_id, CHECKED)
    assert not house.store.requests(house.tenant, [RequestState.OPEN])


def test_pending_offers_a_decision_to_approvers_alone(typed, asked):
    assert buttons_of(typed("pending", SECOND)) == []
    verbs = [button.verb for button in buttons_of(typed("pending", APPROVER))]
    assert verbs == ["approve", "decline", "details"]


def test_who_asks_for_the_same_resend_is_told_of_it_too(house, pressed, told, clock):
    told.refused_message(Kind.TOO_FREQUENT)
    clock.turn(minutes=1)
    for person in (ADMIN, SECOND):
        pressed("resend_group", "line_works/too_frequent/-/0/9999999999", person)
    (request,) = house.store.requests(house.tenant, [RequestState.APPROVED])
    assert request.joined == ((SECOND, SECOND),)


def test_without_a_connection_no_resend_is_promised(house, told, clock):
    told.refused_message(Kind.TOO_FREQUENT)
    clock.turn(minutes=1)
    press = Press(
        person=ADMIN,
        verb="resend_group",
        subject="line_works/too_frequent/-/0/9999999999",
        place=ADMIN,
        message="m",
        reply_to=ADMIN,
        shared=False,
    )
    assert "not connected" in text_of(desk.press(replace(house, sender=None), press))


def test_a_digests_resend_takes_what_was_told_late_too(house, pressed, told, clock):
    happened = clock.now()
    clock.turn(hours=20)
    since = int(clock.now().timestamp())
    told.refused_message(Kind.DAILY_CAP, at=happened)
    clock.turn(minutes=1)
    text = text_of(pressed("resend_group", f"line_works/daily_cap/-/d{since}/{since + 99}"))
    assert "a resend of 1 notification" in text


@pytest.mark.parametrize(
    "odd",
    ["x" * 1_000_000, "%", "_" * 400, "a\x00b", "\ud800", "\u202egro.elpmaxe", "a@" * 200, "'; --"],
)
def test_who_answers_whatever_is_typed(typed, bounced, odd):
    text = text_of(typed(f"who {odd}"))
    assert len(text) < 4000
    assert text.isprintable() or "\n" in text
    text.encode()


def test_an_address_is_found_among_blanks_and_marks_that_do_not_show(typed, bounced):
    assert "No such address" in text_of(typed(f"who\n\u200f {TARO}\u3000"))


def test_words_behind_a_period_are_not_passed_over(typed):
    assert "medium:email" in text_of(typed("today medium:email"))


def test_a_posted_source_that_never_spoke_proves_nothing(house, typed):
    intake.listen(house, Source.SENDGRID_EVENTS)
    assert "there may have been some" in text_of(typed("today"))
    intake.heard(house, Source.SENDGRID_EVENTS)
    assert "were found in this period (checked up to" in text_of(typed("today"))


def test_before_we_were_there_nothing_is_known(house, typed, clock):
    intake.listen(house, Source.SENDGRID_EVENTS)
    intake.heard(house, Source.SENDGRID_EVENTS)
    house.store.put_fact(house.tenant, "connected_at", clock.now().isoformat())
    assert "there may have been some" in text_of(typed("2026-10-01"))


def test_a_delay_that_ended_well_is_no_failure(typed, told, clock):
    told.failure(Kind.DEFERRED, TARO)
    clock.turn(minutes=1)
    told.success(TARO)
    clock.turn(minutes=1)
    assert TARO not in text_of(typed("today"))
    assert "Cleared" in text_of(typed(f"who {TARO}"))


def test_a_record_of_another_year_is_told_with_its_year(typed, told, clock):
    told.failure(Kind.HARD_BOUNCE, TARO, at=clock.now() - timedelta(days=800), history=True)
    assert "2024" in text_of(typed(f"who {TARO}"))
