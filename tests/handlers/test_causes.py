"""The first reader of causes: its rules read their own examples, and it never guesses far."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.causes import built_in, enhanced_status_of, load, read, smtp_code_of
from storage.failures import Cause, Permanence, Reading

RULES = built_in().rules
VERSION = built_in().version
EXAMPLES = [(rule, text) for rule in RULES for text in rule.examples]


@pytest.mark.parametrize(
    ("rule", "text"), EXAMPLES, ids=[f"{rule.name}: {text}" for rule, text in EXAMPLES]
)
def test_every_rule_reads_its_examples_before_any_other(rule, text):
    assert read(text) == replace(rule.reading, rule_set=VERSION)


def test_every_rule_has_an_example_unless_it_only_hears_the_provider():
    assert [rule.name for rule in RULES if not (rule.examples or rule.hints)] == []


def test_no_two_rules_share_a_name():
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_cause_but_other_has_a_rule():
    assert {rule.reading.cause for rule in RULES} == set(Cause) - {Cause.OTHER}


def test_a_text_that_says_nothing_is_other():
    assert read("it came back") == Reading(rule_set=VERSION)
    assert read("") == Reading(cause=Cause.OTHER, confidence=0.0, rule="", rule_set=VERSION)


@pytest.mark.parametrize(
    ("text", "permanence"),
    [
        ("550 5.1.1 no such user", Permanence.HARD),
        ("550 no such domain", Permanence.HARD),
        ("551 5.1.6 she has left the company", Permanence.HARD),
        ("550 5.2.1 this mailbox is suspended", Permanence.SOFT),
        ("552 the box is full", Permanence.SOFT),
        ("554 this is spam", Permanence.SOFT),
        ("Automatic reply: away", Permanence.NONE),
    ],
)
def test_hard_means_that_the_address_itself_takes_no_mail(text, permanence):
    assert read(text).permanence is permanence


@pytest.mark.parametrize("domain", ["docomo.ne.jp", "ezweb.ne.jp"])
def test_a_carriers_unknown_user_stays_an_unknown_user(domain):
    told = read(f"550 5.1.1 <hanako-no-denwa@{domain}>: User unknown", "550", "5.1.1")
    assert (told.cause, told.rule) == (Cause.USER_UNKNOWN, "no-such-user")


def test_codes_that_are_given_are_believed_before_those_in_the_text():
    assert read("sorry", "550", "5.2.2").cause is Cause.MAILBOX_FULL
    assert read("550 5.1.1 sorry", "452", "4.2.2").cause is Cause.MAILBOX_FULL


def test_a_status_that_only_says_that_there_was_none_gives_way_to_the_text():
    assert read("550 5.1.1 sorry", "550", "5.0.0").rule == "status-user-unknown"


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("Invalid Address", Cause.USER_UNKNOWN),
        ("invalid", Cause.USER_UNKNOWN),
        ("Technical Failure", Cause.CONNECTION_FAILED),
        ("Frequency or Volume Too High", Cause.THROTTLED),
        ("Frequency/Volume", Cause.THROTTLED),
        ("content", Cause.CONTENT_REJECTED),
        ("Reputation", Cause.REPUTATION_BLOCKED),
        ("Unclassified", Cause.OTHER),
    ],
)
def test_the_providers_own_guess_is_heard_where_the_words_say_nothing(told, cause):
    reading = read("550 it came back", hints={"classification": told})
    assert reading.cause is cause
    assert reading.confidence < 0.5


def test_the_providers_own_guess_never_wins_over_the_words():
    told = read("452 the box is full", hints={"classification": "Invalid Address"})
    assert told.cause is Cause.MAILBOX_FULL


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("550 5.1.1 no", "550", "5.1.1"),
        ("550-5.7.26 no", "550", "5.7.26"),
        ("no (#5.4.4).", "", "5.4.4"),
        ("5500 no", "", ""),
        ("from 5.10.2.25 no", "", ""),
        ("", "", ""),
    ],
)
def test_codes_are_found_in_the_words(text, code, status):
    assert (smtp_code_of(text), enhanced_status_of(text)) == (code, status)


def test_a_rule_with_several_conditions_needs_all_of_them():
    row = {
        "name": "both",
        "cause": "expired",
        "confidence": 0.5,
        "words": ["late"],
        "status": ["4.7"],
        "code": ["451"],
    }
    [rule] = load([row])
    assert rule.holds("late", "451", "4.7", "")
    assert not rule.holds("soon", "451", "4.7", "")
    assert not rule.holds("late", "450", "4.7", "")
    assert not rule.holds("late", "451", "4.2", "")


@given(st.text(max_size=300), st.text(max_size=5), st.text(max_size=10))
def test_any_text_has_a_reading_with_a_confidence_between_0_and_1(text, code, status):
    told = read(text, code, status, {"classification": text[:20]})
    assert 0 <= told.confidence <= 1
    assert bool(told.rule) == (told.cause is not Cause.OTHER)
