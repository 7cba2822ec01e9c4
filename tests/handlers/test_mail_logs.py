"""The provider's logs: read while the webhook is silent, and until its gap is mended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import intake, mail_logs, tasks
from handlers.coverage import lately
from handlers.ports import NotAvailableError, VendorError
from handlers.removals import carry_out
from handlers.requests import ask, decide, draft
from handlers.show import alarms
from handlers.show.coverage import coverage_line
from handlers.show.reader import Reader
from storage.cases import CaseState
from storage.failures import Kind, Medium, SetAside, Source
from storage.requests import Action
from tests.fakes import FakeLogs
from tests.handlers.conftest import ADMIN, APPROVER, text_of

EVENTS, LOGS = Source.SENDGRID_EVENTS, Source.SENDGRID_LOGS
TARO = "taro@example.jp"


@pytest.fixture
def logs():
    return FakeLogs()


@pytest.fixture
def listening(house, logs):
    """Connected and listening from now on, with the logs at hand."""
    house = replace(house, logs=logs)
    intake.listen(house, EVENTS)
    tasks.take_up(house)
    return house


@pytest.fixture
def deaf(house, logs):
    """No webhook can reach this installation."""
    sources = {source: covers for source, covers in house.sources.items() if source is not EVENTS}
    house = replace(house, logs=logs, sources=sources)
    tasks.take_up(house)
    return house


def case(house, recipient=TARO):
    return house.store.case(house.tenant, Medium.EMAIL, recipient)


def coverage(house):
    return next(one for one in house.store.coverage(house.tenant) if one.source is LOGS)


def failed(house, hours=24):
    span = house.now() - timedelta(hours=hours), house.now() + timedelta(hours=1)
    return house.store.totals(house.tenant, *span)[Medium.EMAIL].failed


def test_while_the_webhook_speaks_the_logs_are_left_alone(listening, clock):
    for _ in range(4):
        clock.turn(minutes=59)
        assert not mail_logs.due(listening)
        intake.heard(listening, EVENTS)


def test_after_an_hour_of_silence_they_are_read_every_quarter_of_one(listening, clock):
    clock.turn(hours=1)
    assert mail_logs.due(listening)
    assert mail_logs.read(listening)
    assert not mail_logs.due(listening)
    clock.turn(minutes=15)
    assert mail_logs.due(listening)


def test_without_a_webhook_they_are_read_at_once_and_when_switched_off_never(deaf):
    assert mail_logs.due(deaf)
    assert not mail_logs.due(replace(deaf, logs=None))


def test_a_reading_reaches_back_as_far_as_a_mail_is_tried_and_leaves_the_last_while_out(
    listening, clock, logs
):
    began = clock.now()
    clock.turn(hours=1)
    mail_logs.read(listening)
    [(since, until)] = logs.windows
    assert since == began - timedelta(hours=73)
    assert until == clock.now() - timedelta(minutes=30)
    assert (coverage(listening).since, coverage(listening).until) == (began, until)


def test_nothing_older_than_the_vendor_keeps_is_asked_for(listening, clock, logs):
    clock.turn(days=60)
    mail_logs.read(listening)
    assert logs.windows[0][0] == clock.now() - timedelta(days=30)


def test_deferred_and_dropped_mail_becomes_known(deaf, clock, logs):
    logs.put("m1", TARO, clock.now(), Kind.DEFERRED)
    logs.put("m2", "jiro@example.jp", clock.now(), Kind.DROPPED)
    clock.turn(hours=1)
    assert mail_logs.read(deaf)
    assert case(deaf).kind is Kind.DEFERRED
    assert case(deaf, "jiro@example.jp").kind is Kind.DROPPED


def test_what_is_known_is_not_fetched_again(deaf, clock, logs):
    logs.put("m1", TARO, clock.now())
    for _ in range(3):
        clock.turn(hours=1)
        mail_logs.read(deaf)
    assert logs.fetched == ["m1"]
    assert case(deaf).times_seen == 1


def test_a_mail_that_comes_to_another_end_is_fetched_again(deaf, clock, logs):
    made = clock.now()
    logs.put("m1", TARO, made, Kind.DEFERRED)
    clock.turn(hours=1)
    mail_logs.read(deaf)
    logs.put("m1", TARO, made, Kind.SOFT_BOUNCE, source_id="later", occurred_at=clock.now())
    clock.turn(hours=1)
    mail_logs.read(deaf)
    assert (case(deaf).kind, case(deaf).times_seen) == (Kind.SOFT_BOUNCE, 1)


def test_a_delay_that_is_listed_no_more_may_have_arrived(deaf, clock, logs):
    logs.put("m1", TARO, clock.now(), Kind.DEFERRED)
    clock.turn(hours=1)
    mail_logs.read(deaf)
    assert logs.asked == []
    logs.put("m1", TARO, clock.now() - timedelta(minutes=40), None)
    clock.turn(hours=1)
    mail_logs.read(deaf)
    assert logs.asked == [TARO]
    assert case(deaf).state is CaseState.DELIVERED


def test_an_address_that_cannot_be_asked_for_stays_undecided(deaf, clock, logs):
    odd = "o'brien@example.jp"
    logs.put("m1", odd, clock.now(), Kind.SOFT_BOUNCE)
    clock.turn(hours=1)
    for _ in range(2):
        assert mail_logs.read(deaf)
    assert case(deaf, odd).state is CaseState.OPEN


def test_who_was_taken_off_a_list_is_watched_in_the_logs_too(deaf, clock, logs, lists, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    request = draft(deaf, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO, asked_by=ADMIN)
    ask(deaf, request)
    decide(deaf, request.id, APPROVER, yes=True)
    carry_out(deaf, deaf.store.request(deaf.tenant, request.id))
    clock.turn(minutes=5)
    logs.put("m2", TARO, clock.now(), None)
    clock.turn(hours=1)
    mail_logs.read(deaf)
    assert deaf.store.request(deaf.tenant, request.id).verdict == "delivered"


def test_what_happened_before_the_installation_is_history(deaf, clock, logs):
    logs.put("m1", TARO, clock.now() - timedelta(days=2))
    clock.turn(hours=1)
    mail_logs.read(deaf)
    assert case(deaf).history


def test_events_and_logs_tell_one_failure_whichever_comes_first(listening, clock, logs, told):
    clock.turn(hours=2)
    at = clock.now()
    logs.put("m1", TARO, at)
    logs.put("m2", "jiro@example.jp", at)
    clock.turn(hours=1)
    told.failure(recipient=TARO, at=at, source_id="of-m1", reference="m1", raw="m1")
    mail_logs.read(listening)
    told.failure(recipient="jiro@example.jp", at=at, source_id="of-m2", reference="m2", raw="m2")
    assert case(listening).times_seen == case(listening, "jiro@example.jp").times_seen == 1
    assert failed(listening) == 2
    assert logs.fetched == ["m2"]


def test_in_an_hour_that_both_tell_in_part_nothing_is_counted_twice_or_left_out(
    listening, clock, logs, told
):
    for number in range(3):
        name = f"a{number}@example.jp"
        logs.put(f"m{number}", name, clock.now())
        told.failure(recipient=name, source_id=f"of-m{number}", raw=f"m{number}")
    intake.heard(listening, EVENTS)
    clock.turn(minutes=10)
    for number in range(3, 8):
        logs.put(f"m{number}", f"a{number}@example.jp", clock.now())
    clock.turn(hours=2)
    mail_logs.read(listening)
    assert failed(listening) == 8


def test_a_gap_that_the_webhook_ended_is_mended_to_its_end(listening, clock, logs):
    intake.heard(listening, EVENTS)
    clock.turn(hours=3)
    mail_logs.read(listening)
    logs.put("m1", TARO, clock.now())
    clock.turn(minutes=20)
    intake.heard(listening, EVENTS)
    assert mail_logs.due(listening)
    mail_logs.read(listening)
    assert case(listening) is None
    for _ in range(6):
        clock.turn(minutes=20)
        intake.heard(listening, EVENTS)
        if mail_logs.due(listening):
            mail_logs.read(listening)
    assert case(listening).kind is Kind.HARD_BOUNCE
    clock.turn(minutes=20)
    assert not mail_logs.due(listening)


def test_a_silence_before_a_start_is_known_though_the_webhook_speaks_first(listening, clock, logs):
    intake.heard(listening, EVENTS)
    before = clock.now()
    clock.turn(hours=5)
    intake.listen(listening, EVENTS)
    tasks.take_up(listening)
    intake.heard(listening, EVENTS)
    assert mail_logs.due(listening)
    mail_logs.read(listening)
    assert coverage(listening).since == before


def test_more_messages_than_one_reading_takes_are_taken_by_the_next(deaf, clock, logs, monkeypatch):
    monkeypatch.setattr(mail_logs, "MOST_MESSAGES", 2)
    for number in range(5):
        logs.put(f"m{number}", f"a{number}@example.jp", clock.now())
    clock.turn(hours=1)
    assert not mail_logs.read(deaf)
    assert not mail_logs.due(deaf)
    clock.turn(minutes=1)
    assert not mail_logs.read(deaf)
    clock.turn(minutes=1)
    assert mail_logs.read(deaf)
    assert len(logs.fetched) == 5


def read_to_the_end(house, clock, most):
    for _ in range(most):
        if mail_logs.read(house):
            return
        clock.turn(minutes=1)
    pytest.fail("no reading comes to its end")


def test_a_recipient_of_more_mails_than_one_reading_takes_is_read_to_the_end(
    deaf, clock, logs, monkeypatch
):
    monkeypatch.setattr(mail_logs, "MOST_MESSAGES", 50)
    for number in range(120):
        logs.put(f"m{number}", TARO, clock.now() + timedelta(seconds=number), Kind.DROPPED)
    clock.turn(hours=1)
    read_to_the_end(deaf, clock, most=3)
    assert len(logs.fetched) == 120
    assert coverage(deaf).until


def test_a_mail_whose_events_tell_another_kind_is_fetched_once(deaf, clock, logs):
    row = logs.put("m1", TARO, clock.now())
    [(_, batch)] = logs.messages
    told = replace(batch.failures[0], kind=Kind.UNCLASSIFIED)
    logs.messages = [(row, replace(batch, failures=(told,)))]
    clock.turn(hours=1)
    for _ in range(3):
        assert mail_logs.read(deaf)
        clock.turn(hours=2)
    assert logs.fetched == ["m1"]


def test_a_mail_whose_events_name_another_recipient_does_not_stop_a_reading(
    deaf, clock, logs, monkeypatch
):
    monkeypatch.setattr(mail_logs, "MOST_MESSAGES", 2)
    for number in range(5):
        logs.put(f"m{number}", f"a{number}@example.jp", clock.now())
    logs.messages = [(replace(row, recipient="other@a.jp"), told) for row, told in logs.messages]
    clock.turn(hours=1)
    read_to_the_end(deaf, clock, most=3)
    assert len(logs.fetched) == 5


def test_an_end_that_shows_later_than_its_row_is_asked_for_once_an_hour(deaf, clock, logs):
    row = logs.put("m1", TARO, clock.now(), Kind.DEFERRED)
    [(_, delayed)] = logs.messages
    logs.messages = [(replace(row, kind=Kind.SOFT_BOUNCE), delayed)]
    clock.turn(hours=1)
    for _ in range(4):
        mail_logs.read(deaf)
        clock.turn(minutes=15)
    assert logs.fetched == ["m1"]
    logs.put("m1", TARO, row.created_at, Kind.SOFT_BOUNCE, source_id="later")
    for _ in range(3):
        mail_logs.read(deaf)
        clock.turn(hours=1)
    assert logs.fetched == ["m1", "m1"]
    assert case(deaf).kind is Kind.SOFT_BOUNCE


def test_what_the_webhook_told_of_one_recipient_is_not_fetched_however_much_it_was(
    listening, clock, logs, told
):
    for number in range(120):
        at = clock.now() + timedelta(seconds=number)
        logs.put(f"m{number}", TARO, at, Kind.DROPPED)
        told.failure(Kind.DROPPED, TARO, at=at, source_id=f"of-m{number}", raw=f"m{number}")
    clock.turn(hours=2)
    assert mail_logs.read(listening)
    assert logs.fetched == []


def test_what_was_told_before_a_rate_limit_is_kept(deaf, clock, logs):
    for number in range(3):
        logs.put(f"m{number}", f"a{number}@example.jp", clock.now())
    clock.turn(hours=1)
    told = logs.told

    def limited(one):
        if len(logs.fetched) % 2:
            logs.fetched.append("refused")
            raise VendorError("too_many_requests", retry_after=90)
        return told(one)

    logs.told = limited
    for _ in range(2):
        assert not mail_logs.read(deaf)
        clock.turn(seconds=89)
        assert not mail_logs.due(deaf)
        clock.turn(seconds=1)
        assert mail_logs.due(deaf)
    assert mail_logs.read(deaf)
    assert all(case(deaf, f"a{number}@example.jp") for number in range(3))


def test_a_reading_goes_on_where_the_last_one_ended(deaf, clock, logs):
    clock.turn(days=20)
    mail_logs.read(deaf)
    read_to = coverage(deaf).until
    clock.turn(days=1)
    mail_logs.read(deaf)
    assert logs.windows[1][0] == read_to - timedelta(hours=73)
    assert coverage(deaf).until == clock.now() - timedelta(minutes=30)


def test_where_they_are_not_available_it_is_said_once_and_asked_again_every_day(deaf, clock, logs):
    logs.trouble = NotAvailableError()
    for _ in range(3):
        assert mail_logs.due(deaf)
        assert not mail_logs.read(deaf)
        clock.turn(hours=23, minutes=59)
        assert not mail_logs.due(deaf)
        clock.turn(minutes=1)
    told = [
        one for one in deaf.store.due_notices(deaf.tenant, clock.now(), 9) if one.topic == "alarm"
    ]
    assert len(told) == 1
    assert "not available" in text_of(alarms.message(deaf, told[0].subject, "en"))
    reader = Reader(locale="en", zone=deaf.zone, now=clock.now())
    line = coverage_line(lately(deaf), reader)
    assert line.startswith("SendGrid logs: not available")
    logs.trouble = None
    assert mail_logs.read(deaf)
    assert coverage(deaf).trouble == ""


@pytest.mark.parametrize(
    ("trouble", "pause"),
    [
        (VendorError("http_503", unanswered=True), {"minutes": 15}),
        (VendorError("too_many_requests", retry_after=3600), {"hours": 1}),
        (VendorError("http_400", permanent=True), {"days": 1}),
    ],
    ids=lambda one: getattr(one, "word", ""),
)
def test_trouble_keeps_the_old_mark_is_said_and_waited_out(deaf, clock, logs, trouble, pause):
    clock.turn(hours=1)
    mail_logs.read(deaf)
    read_to = coverage(deaf).until
    clock.turn(hours=1)
    logs.trouble = trouble
    assert not mail_logs.read(deaf)
    assert (coverage(deaf).until, coverage(deaf).trouble) == (read_to, trouble.word)
    clock.turn(seconds=timedelta(**pause).total_seconds() - 1)
    assert not mail_logs.due(deaf)
    clock.turn(seconds=1)
    assert mail_logs.due(deaf)


def test_what_nobody_can_read_is_set_aside_once(deaf, clock, logs):
    logs.odd = (SetAside(source=LOGS, body=b"{}", reason="sg_message_id: missing"),)
    for _ in range(3):
        clock.turn(hours=1)
        mail_logs.read(deaf)
    assert len(deaf.store.quarantined(deaf.tenant, 0, 9)) == 1
