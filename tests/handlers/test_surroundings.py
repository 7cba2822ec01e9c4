"""How far one case reaches, seen in what is stored; and the page that says it."""

from datetime import timedelta

import pytest

from handlers import asking, lookups
from handlers.conversation import Form, Press
from handlers.groups import GroupKey
from handlers.reach import Scope
from handlers.show.reader import Reader
from handlers.surroundings import around, waits
from storage.failures import Cause, Kind, Medium, Reading
from storage.views import Totals
from tests.fakes import TOKYO
from tests.handlers.conftest import ADMIN, buttons_of, text_of

DOMAIN = "a.example.jp"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def outage(told, house):
    """So many of a domain refused alike, a minute apart."""

    def strike(count, domain=DOMAIN, cause=Cause.POLICY_BLOCKED, at=None, **more):
        begin = at or house.now()
        for n in range(count):
            told.failure(
                recipient=f"p{n}@{domain}",
                reading=Reading(cause=cause),
                at=begin + timedelta(minutes=n),
                **more,
            )

    return strike


def case(house, recipient=f"p0@{DOMAIN}", medium=Medium.EMAIL):
    return house.store.case(house.tenant, medium, recipient)


def page(house, recipient=f"p0@{DOMAIN}", locale="en", **more):
    values = {"clear": True, "may_ask": True} | more
    reader = Reader(locale=locale, zone=TOKYO, now=house.now(), **values)
    return lookups.who(house, recipient, reader, "slack-reply:x")


def test_three_of_a_domain_within_a_day_speak_for_it(house, outage):
    outage(2)
    assert around(house, case(house)).scope is Scope.ADDRESS
    outage(3)
    found = around(house, case(house))
    assert (found.scope, found.name, found.count) == (Scope.DOMAIN, DOMAIN, 3)


def test_the_number_is_a_setting(with_policy, outage):
    outage(4)
    assert around(with_policy(domain_fails_at=5), case(with_policy())).scope is Scope.ADDRESS


@pytest.mark.parametrize(("apart", "count"), [(DAY, 3), (DAY + HOUR, 1), (-DAY, 3), (-2 * DAY, 1)])
def test_only_failures_within_a_day_of_the_case_count(house, told, outage, apart, count):
    told.failure(recipient=f"me@{DOMAIN}", reading=Reading(cause=Cause.POLICY_BLOCKED))
    outage(1, at=house.now() + apart)
    told.failure(recipient=f"z@{DOMAIN}", reading=Reading(cause=Cause.POLICY_BLOCKED))
    assert around(house, case(house, f"me@{DOMAIN}")).count == count


def test_who_was_reached_since_does_not_count(house, outage, told):
    outage(3)
    told.success(recipient=f"p2@{DOMAIN}", at=house.now() + HOUR)
    assert around(house, case(house)).scope is Scope.ADDRESS


def test_others_of_the_domain_that_were_reached_are_counted(house, outage, told, clock):
    told.success(recipient=f"early@{DOMAIN}", at=house.now() - 3 * HOUR)
    outage(3)
    told.success(recipient=f"meanwhile@{DOMAIN}")
    assert around(house, case(house)).delivered == 1
    told.failure(recipient="one@b.example", reading=Reading(cause=Cause.POLICY_BLOCKED))
    told.success(recipient="one@b.example", at=house.now() - 3 * HOUR)
    assert around(house, case(house, "one@b.example")).delivered == 0
    told.success(recipient="two@b.example", at=house.now() + 3 * HOUR)
    assert around(house, case(house, "one@b.example")).delivered == 1


def test_everyone_is_told_by_the_hour_not_by_the_day(house, outage, told):
    for n in range(60):
        told.success(recipient=f"morning{n}@c.example", at=house.now() - 5 * HOUR)
    for domain in ("a.example", "b.example", "docomo.ne.jp"):
        outage(4, domain, Cause.AUTH_FAILURE, kind=Kind.SOFT_BOUNCE)
    found = around(house, case(house, "p0@docomo.ne.jp"))
    assert (found.scope, found.count, found.domains, found.delivered) == ("everyone", 12, 3, 0)
    for n in range(12):
        told.success(recipient=f"now{n}@c.example")
    assert around(house, case(house, "p0@a.example")).scope is Scope.DOMAIN
    assert house.store.totals(house.tenant, house.now(), house.now() + HOUR)[
        Medium.EMAIL
    ] == Totals(delivered=12, failed=12)


def test_the_page_says_it_before_the_steps_and_turns_to_the_it_department(house, outage):
    outage(4)
    text = text_of(page(house))
    assert "3 other addresses of the same domain (a.example.jp) fail for the same reason" in text
    assert "there is no need to ask each recipient" in text
    assert "Whose turn: Recipient's IT department" in text
    assert text.index("3 other addresses") < text.index("What to do")


def test_the_page_names_who_acts_only_once(house, outage):
    outage(4, cause=Cause.USER_UNKNOWN)
    assert "The admin should check" not in text_of(page(house))


def test_steps_meant_for_one_person_give_way(house, outage, told):
    outage(4, cause=Cause.USER_UNKNOWN)
    text = text_of(page(house))
    assert "how many addresses fail (4), since when (Fri 20 Nov 10:00)" in text
    assert "Once it is mended, the admin requests removal" in text
    assert "ask the recipient whether other mail arrives" not in text
    outage(3, "soft.example.jp", kind=Kind.SOFT_BOUNCE)
    assert "the admin requests removal" not in text_of(page(house, "p0@soft.example.jp"))
    told.failure(reading=Reading(cause=Cause.USER_UNKNOWN))
    assert "ask the recipient whether other mail arrives" in text_of(page(house, "taro@example.jp"))


def test_the_page_of_one_address_says_that_its_domain_works(house, told):
    told.failure(reading=Reading(cause=Cause.USER_UNKNOWN))
    assert "accepted" not in text_of(page(house, "taro@example.jp"))
    told.success(recipient="hanako@example.jp")
    text = text_of(page(house, "taro@example.jp"))
    assert "The same domain (example.jp) accepted other mail" in text
    assert "Whose turn: Admin" in text


def test_who_is_told_about_the_others_is_not_asked_to_look(house, told):
    told.failure(reading=Reading(cause=Cause.DOMAIN_NOT_FOUND))
    look = "See whether other addresses of the same domain fail"
    assert look in text_of(page(house, "taro@example.jp"))
    told.success(recipient="hanako@example.jp")
    assert look not in text_of(page(house, "taro@example.jp"))


@pytest.mark.parametrize(
    ("domain", "cause", "kind", "said"),
    [
        (DOMAIN, Cause.AUTH_FAILURE, Kind.SOFT_BOUNCE, "The sending side should deal with them"),
        (DOMAIN, Cause.SERVER_ERROR, Kind.DEFERRED, "are delayed for the same reason"),
        ("gmail.com", Cause.THROTTLED, Kind.SOFT_BOUNCE, "4 other addresses at Gmail"),
        ("gmail.com", Cause.CONNECTION_FAILED, Kind.DEFERRED, "at Gmail are delayed"),
    ],
)
def test_each_reach_has_its_sentence(house, outage, domain, cause, kind, said):
    outage(5, domain, cause, kind=kind)
    assert said in text_of(page(house, f"p0@{domain}"))


def test_some_unknown_people_of_a_domain_that_works_are_no_outage(house, outage, told):
    outage(3, cause=Cause.USER_UNKNOWN)
    for n in range(3):
        told.success(recipient=f"well{n}@{DOMAIN}")
    text = text_of(page(house))
    assert "But the domain accepted 3 notifications in the same time" in text
    assert "Whose turn: Admin" in text


def test_everyone_turns_to_support(house, outage):
    for domain in ("a.example", "b.example", "docomo.ne.jp"):
        outage(4, domain, Cause.AUTH_FAILURE, kind=Kind.SOFT_BOUNCE)
    text = text_of(page(house, "p0@a.example"))
    assert "12 addresses of 3 domains fail for the same reason" in text
    assert "Whose turn: Support" in text
    assert "do not resend in bulk" in text


def test_in_line_works_the_others_of_a_limit_are_counted(house, told):
    told.refused_message(recipient="one@works")
    assert "others could not be sent" not in text_of(page(house, "one@works"))
    for name in ("two", "three"):
        told.refused_message(recipient=f"{name}@works")
    assert "2 others could not be sent to" in text_of(page(house, "one@works"))


def test_what_the_recipient_wants_is_never_counted(house, told):
    for n in range(4):
        told.failure(Kind.SPAM_REPORT, recipient=f"p{n}@{DOMAIN}")
    found = around(house, case(house))
    assert (found.scope, found.count) == (Scope.ADDRESS, 1)
    assert "other addresses" not in text_of(page(house))


@pytest.fixture
def lost_name(told, outage, house):
    """A domain that was reached yesterday has no name in the DNS today."""
    for n in range(3):
        told.success(recipient=f"p{n}@{DOMAIN}", at=house.now() - DAY)
    outage(3, cause=Cause.DOMAIN_NOT_FOUND)


def test_a_domain_that_lost_its_name_is_not_taken_off_a_list_yet(house, lost_name, clock):
    message = page(house)
    assert "This looks like a DNS fault on the recipient's side" in text_of(message)
    assert "can be requested from Sat 21 Nov 10:00" in text_of(message)
    assert [button.verb for button in buttons_of(message)] == ["forward"]
    clock.turn(hours=25)
    assert [button.verb for button in buttons_of(page(house))] == ["ask_remove", "forward"]


def test_a_list_offers_no_removal_that_is_too_early(house, lost_name, told, clock):
    told.failure(recipient="q@b.example", reading=Reading(cause=Cause.DOMAIN_NOT_FOUND))
    key = GroupKey(
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        dropped_by=None,
        since=house.now() - HOUR,
        until=house.now() + HOUR,
    )

    def asked_for():
        reader = Reader(locale="en", zone=TOKYO, now=house.now(), clear=True, may_ask=True)
        found = buttons_of(lookups.listing(house, key, 0, reader, removable=True))
        return [button.describes for button in found if button.verb == "ask_remove"]

    assert asked_for() == ["Request removal: q@b.example"]
    clock.turn(hours=25)
    assert len(asked_for()) == 4


def test_a_removal_that_comes_too_early_says_when(house, lost_name, clock):
    [case_id] = house.store.case_ids(house.tenant, [case(house)])
    pressed = Press(
        person=ADMIN,
        verb="ask_remove",
        subject=case_id,
        place="slack:D1",
        message="",
        reply_to="",
        shared=False,
    )
    reader = Reader(locale="en", zone=TOKYO, now=house.now(), clear=True, may_ask=True)
    assert "can be requested from" in text_of(asking.removal_form(house, pressed, reader))
    clock.turn(hours=25)
    assert isinstance(asking.removal_form(house, pressed, reader), Form)


def test_a_domain_that_answers_again_waits_no_longer(house, lost_name, told):
    assert waits(house, case(house))
    told.success(recipient=f"other@{DOMAIN}", at=house.now() + HOUR)
    assert not waits(house, case(house))
