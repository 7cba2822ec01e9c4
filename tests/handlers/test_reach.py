"""One address, one domain, one provider, or everyone: decided from counts alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.causes.facts import SPEAKERS
from handlers.reach import (
    OURS,
    PERSONAL,
    Scope,
    at_least,
    everyone_of,
    fellows,
    reach_of,
    removal_waits,
    strikes_everyone,
    turn,
)
from handlers.wording import say
from storage.cases import tell
from storage.failures import Cause, DroppedBy, Failure, Kind, Medium, Mender, Reading, Source
from storage.views import Alike

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
DOMAIN, DOCOMO, GMAIL = "a.example.jp", "docomo.ne.jp", "gmail.com"
SCOPES = list(Scope)


def case(domain=DOMAIN, cause=Cause.POLICY_BLOCKED, kind=Kind.HARD_BOUNCE, **more):
    line_works = more.pop("line_works", False)
    return tell(
        [
            Failure(
                source=Source.SENDGRID_EVENTS,
                source_id="1",
                medium=Medium.LINE_WORKS if line_works else Medium.EMAIL,
                kind=kind,
                recipient=f"taro@{domain}",
                occurred_at=NOW,
                reading=Reading(cause=cause),
                **more,
            )
        ],
        None,
    )


def row(domain=DOMAIN, count=1, cause=Cause.POLICY_BLOCKED, kind=Kind.HARD_BOUNCE, **more):
    values = {
        "medium": Medium.EMAIL,
        "kind": kind,
        "dropped_by": None,
        "cause": cause,
        "domain": domain,
        "days_ago": 0,
        "count": count,
        "reached": 0,
        "first_at": NOW,
        "last_at": NOW,
        "example": "550 no",
    }
    return Alike(**values | more)


def reach(one, *rows, delivered=None, fails_at=3):
    return reach_of(one, rows, delivered or {}, fails_at=fails_at)


@pytest.mark.parametrize(
    ("count", "fails_at", "scope"),
    [(1, 3, "address"), (2, 3, "address"), (3, 3, "domain"), (4, 5, "address"), (5, 5, "domain")],
)
def test_so_many_addresses_of_a_domain_speak_for_it(count, fails_at, scope):
    found = reach(case(), row(count=count), row("b.example", 9), fails_at=fails_at)
    assert found.scope == scope
    assert found.name == DOMAIN
    assert found.count == (count if scope == "domain" else 1)


@pytest.mark.parametrize("domain", [DOCOMO, GMAIL, "ezweb.ne.jp", "yahoo.co.jp"])
def test_a_providers_domain_is_no_companys(domain):
    one = case(domain, Cause.CONNECTION_FAILED)
    assert reach(one, row(domain, 3)).scope is Scope.PROVIDER
    assert reach(one, row(domain, 2)).scope is Scope.ADDRESS


def test_all_domains_of_a_provider_count_together():
    one = case("ezweb.ne.jp", Cause.SERVER_ERROR)
    found = reach(one, row("ezweb.ne.jp", 1), row("au.com", 2), row(GMAIL, 5))
    assert (found.scope, found.name, found.count, found.domains) == ("provider", "au", 3, 2)


@pytest.mark.parametrize("cause", sorted(PERSONAL))
@pytest.mark.parametrize(
    ("delivered", "scope"), [(0, "provider"), (3, "provider"), (4, "address"), (90, "address")]
)
def test_unknown_and_full_mailboxes_are_usual_at_a_provider_that_takes_others(
    cause, delivered, scope
):
    found = reach(case(DOCOMO, cause), row(DOCOMO, 4), delivered={DOCOMO: delivered})
    assert found.scope == scope


@pytest.mark.parametrize("cause", sorted(OURS))
def test_companies_behind_one_provider_speak_for_it_when_the_trouble_is_ours(cause):
    said = "550 5.7.1 refused [TY2PR01.prod.outlook.com]"
    one = case(cause=cause, provider_text=said)
    rows = [row(domain, example=said) for domain in (DOMAIN, "b.example", "c.example")]
    found = reach(one, *rows)
    assert (found.scope, found.name, found.count) == ("provider", "microsoft", 3)
    assert reach(one, *rows[:2]).scope is Scope.ADDRESS
    assert reach(one, row(count=3, example=said)).scope is Scope.DOMAIN


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Cause.USER_UNKNOWN, "550 5.1.10 not found [prod.outlook.com]"),  # not ours
        (Cause.REPUTATION_BLOCKED, "550 5.7.1 blocked"),  # nobody known speaks
        (Cause.SPAM_DETECTED, "550 5.7.1 a rule of theirs - gcdp"),  # their administrator speaks
    ],
)
def test_companies_without_a_common_provider_speak_for_themselves(cause, said):
    rows = [row(domain, example=said) for domain in (DOMAIN, "b.example", "c.example")]
    assert reach(case(cause=cause, provider_text=said), *rows).scope is Scope.ADDRESS


def test_the_numbers_are_told_with_it():
    rows = (
        row(count=2, reached=1, first_at=NOW - timedelta(hours=2)),
        row(count=1, kind=Kind.SOFT_BOUNCE, last_at=NOW + timedelta(hours=1)),
        row("b.example", 7, reached=7, first_at=NOW - timedelta(hours=9)),
    )
    found = reach(case(), *rows, delivered={DOMAIN: 4, "b.example": 5})
    assert (found.count, found.others, found.reached, found.delivered) == (3, 2, 1, 4)
    assert found.until - found.since == timedelta(hours=3)


def test_one_address_tells_what_its_domain_took_meanwhile():
    assert reach(case(), row(), delivered={DOMAIN: 4}).delivered == 4


def test_fellows_share_medium_family_and_cause():
    listed = {"kind": Kind.DROPPED, "dropped_by": DroppedBy.BOUNCE_LIST}
    alike = [row(), row(kind=Kind.SOFT_BOUNCE), row(**listed)]
    others = [
        row(cause=Cause.USER_UNKNOWN),
        row(kind=Kind.DEFERRED),
        row(kind=Kind.DROPPED, dropped_by=DroppedBy.SPAM_CONTENT),
        row(medium=Medium.LINE_WORKS),
    ]
    assert fellows(case(), [*others, *alike]) == alike
    assert fellows(case(kind=Kind.INVALID_ADDRESS), [row(kind=Kind.INVALID_ADDRESS)]) == []


@pytest.mark.parametrize("kind", [Kind.TOO_FREQUENT, Kind.DAILY_CAP, Kind.DAILY_CAP_SUSPECTED])
def test_a_limit_of_line_works_is_everyones_by_its_nature(kind):
    assert reach(case(kind=kind, line_works=True)).scope is Scope.EVERYONE


@pytest.mark.parametrize(
    "kind",
    [Kind.MISSING_SCOPE, Kind.BAD_CREDENTIALS, Kind.WRONG_DOMAIN_INFO, Kind.PROVIDER_DOWN],
)
@pytest.mark.parametrize(("count", "scope"), [(2, "address"), (3, "everyone")])
def test_what_only_the_app_can_cause_is_everyones_once_several_meet_it(kind, count, scope):
    told = row("", count, kind=kind, medium=Medium.LINE_WORKS)
    found = reach(case(kind=kind, line_works=True), told)
    assert (found.scope, found.count) == (scope, count if count > 2 else 1)


def test_a_wrong_id_is_one_members_however_many_there_are():
    told = row("", 9, kind=Kind.NO_SUCH_ID, medium=Medium.LINE_WORKS)
    one = case(kind=Kind.NO_SUCH_ID, line_works=True)
    assert reach(one, *fellows(one, [told])).scope is Scope.ADDRESS


def test_the_sending_plans_limit_is_everyones():
    one = case(kind=Kind.DROPPED, dropped_by=DroppedBy.OVER_QUOTA)
    assert reach(one).scope is Scope.EVERYONE
    assert turn(reach(one), Mender.NOBODY) is Mender.SUPPORT


def spread(parties, each, cause=Cause.AUTH_FAILURE):
    return [row(f"{n}.example", each, cause) for n in range(parties)]


@pytest.mark.parametrize(
    ("rows", "accepted", "everyone"),
    [
        (spread(3, 3), 0, True),  # nine of nine
        (spread(4, 2), 0, False),  # eight of eight
        (spread(1, 1), 4, False),  # one of five
        (spread(2, 50), 0, False),  # two companies
        ([*spread(1, 20), row("docomo.ne.jp", 5), row("gmail.com", 9)], 2, True),
        ([row("au.com", 9), row("ezweb.ne.jp", 9), *spread(1, 9)], 0, False),  # au is one
        (spread(10, 10), 20, True),
        (spread(10, 10), 40, False),
        (spread(10, 10, Cause.USER_UNKNOWN), 0, False),  # a list of old addresses
        ([], 0, False),
    ],
)
def test_everyone_is_struck_when_hardly_anything_is_accepted_anywhere(rows, accepted, everyone):
    assert strikes_everyone(rows, accepted) is everyone


def test_everyone_together_is_told_in_numbers():
    found = everyone_of(spread(3, 4), 2)
    assert (found.scope, found.count, found.domains, found.delivered) == ("everyone", 12, 3, 2)


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (0, 5), (1, 5), (5, 5), (70, 100)])
def test_few_of_few_say_little(part, whole):
    assert 0 <= at_least(part, whole) <= (part / whole if whole else 0)


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from([DOMAIN, "b.example", "c.example", DOCOMO, GMAIL, ""]),
        st.integers(1, 9),
        example=st.sampled_from(["550 no", "550 5.7.1 [prod.outlook.com]"]),
        reached=st.integers(0, 3),
    ),
    max_size=8,
)
CASES = st.builds(
    case,
    st.sampled_from([DOMAIN, DOCOMO, GMAIL]),
    st.sampled_from([Cause.SPAM_DETECTED, Cause.USER_UNKNOWN, Cause.POLICY_BLOCKED]),
    provider_text=st.sampled_from(["550 no", "550 5.7.1 [prod.outlook.com]"]),
)
DELIVERED = st.dictionaries(st.sampled_from([DOMAIN, DOCOMO, GMAIL]), st.integers(0, 30))


@given(CASES, ROWS, DELIVERED, st.randoms())
def test_the_order_in_which_they_are_counted_changes_nothing(one, rows, delivered, dice):
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert reach(one, *rows, delivered=delivered) == reach(one, *shuffled, delivered=delivered)
    assert strikes_everyone(rows, 3) == strikes_everyone(shuffled, 3)


@given(CASES, ROWS, DELIVERED, st.data())
def test_one_more_address_never_narrows_it(one, rows, delivered, data):
    before = reach(one, *rows, delivered=delivered)
    more = list(rows)
    if more:
        at = data.draw(st.integers(0, len(more) - 1))
        more[at] = replace(more[at], count=more[at].count + 1)
    more += data.draw(ROWS)
    after = reach(one, *more, delivered=delivered)
    assert SCOPES.index(after.scope) >= SCOPES.index(before.scope)


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_delivery_more_never_makes_it_everyone(failed, accepted):
    rows = spread(3, failed) if failed else []
    assert strikes_everyone(rows, accepted) >= strikes_everyone(rows, accepted + 1)


@pytest.mark.parametrize(
    ("scope", "cause", "kind", "delivered", "whose"),
    [
        ("address", Cause.POLICY_BLOCKED, Kind.HARD_BOUNCE, 0, Mender.ADMIN),
        ("domain", Cause.POLICY_BLOCKED, Kind.HARD_BOUNCE, 0, Mender.RECIPIENT_IT),
        ("domain", Cause.USER_UNKNOWN, Kind.HARD_BOUNCE, 0, Mender.RECIPIENT_IT),
        ("domain", Cause.USER_UNKNOWN, Kind.HARD_BOUNCE, 2, Mender.RECIPIENT_IT),
        ("domain", Cause.USER_UNKNOWN, Kind.HARD_BOUNCE, 3, Mender.ADMIN),
        ("domain", Cause.AUTH_FAILURE, Kind.SOFT_BOUNCE, 0, Mender.ADMIN),
        ("domain", Cause.SERVER_ERROR, Kind.DEFERRED, 0, Mender.ADMIN),
        ("provider", Cause.SERVER_ERROR, Kind.SOFT_BOUNCE, 0, Mender.SENDER),
        ("provider", Cause.THROTTLED, Kind.DEFERRED, 0, Mender.SENDER),
        ("provider", Cause.CONNECTION_FAILED, Kind.DEFERRED, 0, Mender.ADMIN),
        ("everyone", Cause.AUTH_FAILURE, Kind.SOFT_BOUNCE, 0, Mender.SUPPORT),
    ],
)
def test_whose_turn_it_is_follows_from_how_far_it_reaches(scope, cause, kind, delivered, whose):
    found = replace(
        reach(case(cause=cause, kind=kind)), scope=Scope(scope), count=3, delivered=delivered
    )
    assert turn(found, Mender.ADMIN) is whose


def test_in_line_works_everyones_trouble_keeps_its_mender():
    found = reach(case(kind=Kind.DAILY_CAP, line_works=True))
    assert turn(found, Mender.LINEWORKS_ADMIN) is Mender.LINEWORKS_ADMIN


@pytest.mark.parametrize(
    ("count", "hours", "reached", "cause", "waits"),
    [
        (3, 1, -1, Cause.DOMAIN_NOT_FOUND, True),
        (2, 1, -1, Cause.DOMAIN_NOT_FOUND, False),  # too few to speak for the domain
        (3, 25, -1, Cause.DOMAIN_NOT_FOUND, False),  # a day has passed
        (3, 1, 1, Cause.DOMAIN_NOT_FOUND, False),  # it answers again
        (3, 1, None, Cause.DOMAIN_NOT_FOUND, False),  # nobody was ever reached there
        (3, 1, -1, Cause.POLICY_BLOCKED, False),
    ],
)
def test_a_known_domain_without_a_name_is_given_a_day(count, hours, reached, cause, waits):
    one = case(cause=cause)
    last = None if reached is None else NOW + timedelta(minutes=reached)
    found = reach(one, row(count=count, cause=cause))
    assert removal_waits(one, found, NOW + timedelta(hours=hours), last) is waits


@pytest.mark.parametrize("name", sorted(SPEAKERS))
def test_everybody_who_may_speak_has_a_name_for_people(name):
    assert say(f"reach.name.{name}", "ja")
