"""The reader of causes with its own rules: each reads its examples, and none guesses far."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.causes import (
    RulesError,
    built_in,
    enhanced_status_of,
    explain,
    holding,
    load_rules,
    read,
    smtp_code_of,
)
from storage.failures import Cause, Mender, Permanence, Reading

RULES = built_in().rules
VERSION = built_in().version
EXAMPLES = [(rule, text) for rule in RULES for text in rule.examples]
NOT_EXAMPLES = [(rule, text) for rule in RULES for text in rule.not_examples]


@pytest.mark.parametrize(
    ("rule", "text"), EXAMPLES, ids=[f"{rule.name}: {text}" for rule, text in EXAMPLES]
)
def test_every_rule_reads_its_examples(rule, text):
    assert read(text) in (rule.reading, rule.doubted)


@pytest.mark.parametrize(
    ("rule", "text"), NOT_EXAMPLES, ids=[f"{rule.name}: {text}" for rule, text in NOT_EXAMPLES]
)
def test_every_rule_leaves_what_it_must_not_read(rule, text):
    assert read(text).rule != rule.name


def test_every_cause_but_other_has_a_rule():
    assert {rule.reading.cause for rule in RULES} == set(Cause) - {Cause.OTHER}


@pytest.mark.parametrize("text", ["it came back", "", "450 try again later", "temporary failure"])
def test_a_text_that_says_nothing_is_other(text):
    assert read(text) == Reading(rule_set=VERSION)


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


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("554 5.7.1 message expired: connection refused", Cause.EXPIRED),
        ("connection timed out", Cause.CONNECTION_FAILED),
        ("450 4.1.8 sender address rejected: domain not found", Cause.POLICY_BLOCKED),
        ("554 blocked using zen.spamhaus.org as a source of spam", Cause.REPUTATION_BLOCKED),
        ("552 5.2.2 mailbox full, message size 20 MB", Cause.MAILBOX_FULL),
        ("550 the account is disabled: user unknown", Cause.USER_MOVED_OR_DISABLED),
        ("550 5.7.1 DMARC: not accepted by policy", Cause.AUTH_FAILURE),
        ("451 4.7.1 greylisted: too many connections", Cause.THROTTLED),
        ("421 too many connections, connection closed", Cause.THROTTLED),
    ],
)
def test_of_two_things_the_one_to_act_on_first_is_read(text, cause):
    assert read(text).cause is cause


def test_a_reading_on_which_rules_disagree_is_less_sure():
    alone, split = read("550 the mailbox is full"), read("550 the mailbox is full, access denied")
    assert (alone.cause, alone.rule) == (split.cause, split.rule)
    assert split.confidence < alone.confidence


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
        ("Mailbox Unavailable", Cause.MAILBOX_FULL),
        ("Unclassified", Cause.OTHER),
        ("", Cause.OTHER),
    ],
)
def test_the_providers_own_guess_is_heard_where_the_words_say_nothing(told, cause):
    reading = read("550 it came back", hints={"classification": told})
    assert reading.cause is cause
    assert reading.confidence < 0.5


def test_the_providers_own_guess_never_wins_over_the_words():
    told = read("452 the box is full", hints={"classification": "Invalid Address"})
    assert told == read("452 the box is full")


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


@given(st.text(max_size=300), st.text(max_size=5), st.text(max_size=10))
def test_any_text_has_a_reading_with_a_confidence_between_0_and_1(text, code, status):
    told = read(text, code, status, {"classification": text[:20]})
    assert 0 <= told.confidence < 1
    assert bool(told.rule) == (told.cause is not Cause.OTHER)


@given(st.lists(st.sampled_from([text for _, text in EXAMPLES]), min_size=1, max_size=3))
def test_what_is_read_is_the_first_of_all_that_hold(texts):
    text = "; ".join(texts)
    held = list(holding(built_in(), text))
    assert [RULES.index(rule) for rule in held] == sorted(RULES.index(rule) for rule in held)
    assert read(text).rule == (held[0].name if held else "")


def test_an_explanation_says_whose_turn_it_is_and_whether_waiting_helps():
    full = explain("452 4.2.2 mailbox full")
    assert (full.mender, full.waiting_helps) == (Mender.RECIPIENT, False)
    slow = explain("421 too many connections")
    assert (slow.mender, slow.waiting_helps) == (Mender.NOBODY, True)
    nothing = explain("sorry")
    assert (nothing.mender, nothing.rule) == (Mender.SUPPORT, None)


def test_a_rule_may_know_better_than_its_cause_who_mends():
    told = explain("454 4.7.5 certificate is not valid")
    assert told.reading.cause is Cause.CONNECTION_FAILED
    assert (told.mender, told.waiting_helps) == (Mender.RECIPIENT_IT, False)


@pytest.fixture
def own_rules(tmp_path):
    def write(text):
        path = tmp_path / "rules.toml"
        path.write_text(text, encoding="utf-8")
        return load_rules(path)

    return write


OWN = """
[[rule]]
name = "our-gateway"
cause = "policy_blocked"
words = ["gate says no"]
examples = ["550 5.1.1 gate says no: user unknown"]
not_examples = ["550 5.1.1 user unknown"]
source = "our gateway's manual"
"""


def test_an_operators_rule_stands_before_all_others(own_rules):
    rules = own_rules(OWN)
    told = read("550 5.1.1 gate says no: user unknown", rules=rules)
    assert (told.cause, told.rule) == (Cause.POLICY_BLOCKED, "our-gateway")
    assert read("550 5.1.1 gate says no: user unknown").cause is Cause.USER_UNKNOWN


def test_every_reading_names_the_version_of_its_rules(own_rules):
    rules = own_rules(OWN)
    assert rules.version != VERSION
    assert {read(text, rules=rules).rule_set for text in ("550 sorry", "550 gate says no")} == {
        rules.version
    }


def test_the_version_follows_from_the_rules_alone(own_rules):
    assert own_rules(OWN).version == own_rules("# a remark\n" + OWN).version
    assert (
        own_rules(OWN).version != own_rules(OWN.replace("gate says no", "gate says never")).version
    )
    assert own_rules("").version == VERSION


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RulesError, match=r"nowhere\.toml: cannot be read"):
        load_rules(tmp_path / "nowhere.toml")


def test_a_reading_is_that_of_the_rule():
    assert read("550 5.1.1 user unknown") == replace(
        built_in().named("no-such-user").reading, rule_set=VERSION
    )
