"""Who was looked up: a drop leads back to the bounce that put the address on the list."""

from datetime import timedelta

import pytest

from handlers import lookups
from handlers.conversation import Quote
from handlers.show.reader import Reader
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source
from tests.fakes import TOKYO
from tests.handlers.conftest import ADMIN, text_of

TARO = "taro@example.jp"
FULL = {"reading": Reading(cause=Cause.MAILBOX_FULL), "provider_text": "552 5.2.2 no space"}


@pytest.fixture
def dropped(told):
    def drop(**more):
        more = {"provider_text": "Bounced Address", "dropped_by": DroppedBy.BOUNCE_LIST, **more}
        return told.failure(Kind.DROPPED, TARO, **more)

    return drop


@pytest.fixture
def who(house):
    def look(locale):
        reader = Reader(locale=locale, zone=TOKYO, now=house.now(), clear=True)
        return lookups.who(house, TARO, reader, ADMIN)

    return look


def words_of(message):
    return [element.text for element in message.elements if isinstance(element, Quote)]


def test_a_drop_shows_the_cause_and_the_words_of_the_older_bounce(clock, told, dropped, who):
    told.failure(Kind.HARD_BOUNCE, TARO, **FULL)
    clock.turn(days=3)
    dropped()
    said = text_of(who("en"))
    assert "Mailbox full" in said
    assert "Besides, 1 notification was discarded" in said
    assert words_of(who("en")) == ["552 5.2.2 no space"]


def test_the_list_may_tell_of_the_bounce_after_the_drop_was_told(house, told, dropped, who):
    dropped()
    at = house.now() - timedelta(days=30)
    told.failure(Kind.HARD_BOUNCE, TARO, source=Source.SENDGRID_LISTS, at=at, history=True, **FULL)
    case = house.store.case(house.tenant, Medium.EMAIL, TARO)
    assert (case.kind, case.cause, case.drops) == (Kind.HARD_BOUNCE, Cause.MAILBOX_FULL, 1)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "The first refusal's reason is not known."),
        ("ja", "最初に拒否された理由は不明です。"),
    ],
)
def test_a_drop_whose_bounce_nobody_told_says_that_the_reason_is_not_known(
    dropped, who, locale, words
):
    dropped()
    assert words in text_of(who(locale))
