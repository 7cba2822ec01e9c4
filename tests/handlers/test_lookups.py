"""Who was looked up: why, how sure that is, and which older bounce a drop leads back to."""

from datetime import timedelta

import pytest

from handlers import lookups
from handlers.conversation import Quote
from handlers.groups import GroupKey
from handlers.show.reader import Reader
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading, Source
from storage.people import Person
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
    def look(locale, recipient=TARO):
        reader = Reader(locale=locale, zone=TOKYO, now=house.now(), clear=True)
        return lookups.who(house, recipient, reader, ADMIN)

    return look


def test_full_width_signs_find_the_address_unless_it_is_spelt_so_itself(told, who):
    told.failure()
    for typed in ("taro＠example.jp", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"):
        assert "How things stand with taro@example.jp" in text_of(who("en", typed))
    told.failure(recipient="ｔａｒｏ@example.jp")
    assert "How things stand with ｔａｒｏ@example.jp" in text_of(who("en", "ｔａｒｏ@example.jp"))


EXACT = {
    "ja": "「{}」に完全に一致する宛先はありません。近い宛先から選んで、",
    "en": 'No recipient is exactly "{}". Choose one below',
}
UNLIKE = {
    "ja": "「{}」に一致する宛先も、近い宛先も見つかりませんでした",
    "en": '"{}", and none is like it',
}
JUNK = {"ja": "迷惑メール", "en": "junk folder"}


@pytest.fixture
def endos(house, told):
    for number, name in enumerate(["遠藤 健太", "遠藤 舞"]):
        address = f"endo-{number}@docomo.ne.jp"
        told.failure(recipient=address)
        person = Person(id=str(number), name=name, email=address)
        house.store.put_people(house.tenant, [person])


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("part", ["遠藤", "endo", "@docomo.ne.jp", "＠ｄｏｃｏｍｏ"])
def test_a_part_of_a_name_or_an_address_is_nobody_and_leads_to_whom_it_may_mean(
    endos, who, locale, part
):
    said = text_of(who(locale, part))
    assert EXACT[locale].format(part) in said
    assert "endo-0@docomo.ne.jp" in said
    assert JUNK[locale] not in said


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_a_part_that_nobody_has_says_that_none_is_like_it(endos, who, locale):
    said = text_of(who(locale, "佐々木"))
    assert UNLIKE[locale].format("佐々木") in said
    assert JUNK[locale] not in said


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(
    "whole", ["endo@docomo.ne.jp", "endo＠docomo.ne.jp", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"]
)
def test_a_whole_address_or_id_that_nobody_has_is_told_until_when_we_looked(
    endos, who, locale, whole
):
    assert JUNK[locale] in text_of(who(locale, whole))


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


GUESSED = {
    "ja": "この種別は推定です(LINE WORKSの応答だけでは断定できません)。",
    "en": "our best guess: the answer of LINE WORKS alone does not prove it",
}


@pytest.mark.parametrize(("locale", "words"), GUESSED.items())
@pytest.mark.parametrize("guessed", [True, False])
def test_a_guess_is_told_as_one_and_what_is_known_is_not(told, who, locale, words, guessed):
    told.failure(Kind.BOT_NOT_ALLOWED, "jiro@works", medium=Medium.LINE_WORKS, guessed=guessed)
    assert (words in text_of(who(locale, "jiro@works"))) is guessed


@pytest.mark.parametrize(
    ("locale", "words"), [("ja", "断定できません"), ("en", "alone does not prove")]
)
def test_a_suspected_cap_says_once_that_it_is_suspected(told, who, locale, words):
    told.failure(Kind.DAILY_CAP_SUSPECTED, "jiro@works", medium=Medium.LINE_WORKS, guessed=True)
    assert text_of(who(locale, "jiro@works")).count(words) == 1


ALIKE = {
    "ja": (
        "同じ内容の通知を1件にまとめています(応答は3回)",
        "同じ内容の通知を1件にまとめ、応答は3回",
    ),
    "en": ("counted as one (seen 3 times)", "equal messages counted as one, seen 3 times"),
}


@pytest.mark.parametrize(("locale", "words"), ALIKE.items())
@pytest.mark.parametrize("alike", [True, False])
def test_equal_messages_without_an_id_are_told_as_counted_as_one(
    house, told, who, locale, words, alike
):
    for _ in range(3):
        told.failure(
            Kind.TOO_FREQUENT,
            "jiro@works",
            medium=Medium.LINE_WORKS,
            source_id="body of the day",
            each_telling_counts=alike,
        )
    reader = Reader(locale=locale, zone=TOKYO, now=house.now(), clear=True)
    key = GroupKey(
        since=house.now() - timedelta(days=1),
        until=house.now() + timedelta(days=1),
        medium=Medium.LINE_WORKS,
        kind=Kind.TOO_FREQUENT,
        dropped_by=None,
    )
    page, listed = who(locale, "jiro@works"), lookups.listing(house, key, 0, reader)
    assert (words[0] in text_of(page)) is alike
    assert (words[1] in text_of(listed)) is alike
