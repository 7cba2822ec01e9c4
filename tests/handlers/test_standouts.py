"""The domains that stand out in a digest and in look-ups."""

from datetime import timedelta

import pytest

from handlers.commands import answer
from handlers.conversation import Command
from handlers.reach import Scope
from handlers.show.digests import message
from handlers.standouts import standing_out, standouts
from handlers.summary import compose
from storage.failures import Cause, DroppedBy, Kind, Reading
from storage.views import CaseQuery
from tests.handlers.conftest import ADMIN, text_of
from tests.handlers.test_reach import row

DAY = timedelta(days=1)


def found(*rows, delivered=None, fails_at=3):
    return [
        (one.scope.value, one.name, one.count)
        for one in standouts(rows, delivered or {}, fails_at=fails_at)
    ]


def test_the_largest_comes_first_and_single_addresses_do_not_come():
    rows = (row("a.example", 3), row("b.example", 5), row("c.example", 2))
    assert found(*rows) == [("domain", "b.example", 5), ("domain", "a.example", 3)]
    assert found(*rows, fails_at=4) == [("domain", "b.example", 5)]


def test_three_in_three_days_do_not_stand_out_but_three_in_one_of_them_do():
    rows = [row("a.example", 1, days_ago=day) for day in range(3)]
    assert found(*rows) == []
    assert found(*rows, row("a.example", 2, days_ago=0)) == [("domain", "a.example", 5)]


def test_error_types_and_causes_are_not_added_up():
    rows = (
        row("a.example", 2),
        row("a.example", 2, Cause.USER_UNKNOWN),
        row("a.example", 2, kind=Kind.SOFT_BOUNCE),
        row("a.example", 2, kind=Kind.DROPPED, dropped_by=DroppedBy.BOUNCE_LIST),
    )
    assert found(*rows) == []


def test_a_provider_stands_out_as_one_unless_it_takes_the_others():
    au = (row("au.com", 2, Cause.USER_UNKNOWN), row("ezweb.ne.jp", 2, Cause.USER_UNKNOWN))
    assert found(*au, delivered={"au.com": 3}) == [("provider", "au", 4)]
    assert found(*au, delivered={"au.com": 3, "ezweb.ne.jp": 1}) == []
    assert found(row("gmail.com", 3, Cause.SPAM_DETECTED), delivered={"gmail.com": 99}) == [
        ("provider", "google", 3)
    ]


def test_companies_behind_one_provider_stand_out_as_the_provider():
    said = "550 5.7.1 blocked [x.prod.outlook.com]"
    rows = [row(f"{n}.example", 1, Cause.REPUTATION_BLOCKED, example=said) for n in range(3)]
    assert found(*rows) == [("provider", "microsoft", 3)]
    assert found(row("a.example", 3, Cause.REPUTATION_BLOCKED, example=said)) == [
        ("domain", "a.example", 3)
    ]


def test_the_recipients_will_and_ids_without_a_domain_do_not_stand_out():
    assert found(row("a.example", 9, kind=Kind.SPAM_REPORT), row("", 9)) == []


@pytest.fixture
def struck(told, house):
    def strike(domain, count, cause=Cause.POLICY_BLOCKED, at=None):
        for n in range(count):
            told.failure(
                recipient=f"p{n}@{domain}",
                reading=Reading(cause=cause),
                at=at or house.now() - timedelta(hours=1),
            )

    return strike


def test_a_period_is_asked_for_once(house, struck):
    struck("a.example", 3)
    struck("b.example", 3, at=house.now() - 3 * DAY)
    query = CaseQuery(since=house.now() - DAY, until=house.now())
    [one] = standing_out(house, query)
    assert (one.scope, one.name, one.cause) == (Scope.DOMAIN, "a.example", Cause.POLICY_BLOCKED)


def digest(house, locale="en"):
    since = house.now() - DAY
    summary = compose(house, since, house.now() + timedelta(seconds=1), learnt=True)
    return text_of(message(house, summary, locale))


def test_the_digest_names_them_under_their_error_type(house, struck):
    struck("a.example", 3)
    struck("single.example", 1)
    assert "Standing out: a.example (Refused by recipient-side rule: 3)" in digest(house)


def test_a_few_are_named_and_the_rest_is_counted(house, struck):
    for n in range(5):
        struck(f"{n}.example", 9 - n)
    said = next(line for line in digest(house, "ja").splitlines() if "集中" in line)
    assert said == (
        "同じ理由が集中している宛先: 0.example(受信側の設定による拒否、9件)、"
        "1.example(受信側の設定による拒否、8件)、2.example(受信側の設定による拒否、7件)、ほか 2か所"
    )


def test_a_digest_without_any_says_nothing_of_it(house, struck):
    struck("a.example", 2)
    assert "Standing out" not in digest(house)


def test_today_says_it_too(house, struck, clock):
    struck("a.example", 4)
    command = Command(
        person=ADMIN, text="today", place="slack:C1", reply_to="slack-reply:x", shared=True
    )
    assert "Standing out: a.example" in text_of(answer(house, command))
