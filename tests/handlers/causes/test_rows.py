"""Files of rules: what they may say, and how a mistake is named."""

import pytest

from handlers.causes import RulesError, built_in
from handlers.causes.rows import parse
from handlers.causes.ruleset import rule_set
from storage.failures import Cause, Mender, Permanence

ORDER = built_in().order
GOOD = """
[[rule]]
name = "gate"
tier = "plain"
cause = "policy_blocked"
words = ["gate says no"]
"""


def parsed(text, tier=""):
    return parse(text, "own.toml", ORDER, tier)


def test_a_row_is_a_rule_with_the_tiers_own_confidence():
    [rule] = parsed(GOOD)
    assert (rule.name, rule.reading.cause) == ("gate", Cause.POLICY_BLOCKED)
    assert rule.reading.confidence == ORDER.confidence["plain"]
    assert rule.doubted.confidence < rule.reading.confidence
    assert rule.where == "own.toml, line 2 (gate)"


def test_a_row_may_say_otherwise():
    [rule] = parsed(
        GOOD
        + 'confidence = 0.5\npermanence = "hard"\nmender = "sender"\nwaiting_helps = true\n'
        + 'status = ["7.1", "7.606-608"]\ncode = ["550"]\nbefore = []\n'
    )
    assert (rule.reading.confidence, rule.reading.permanence) == (0.5, Permanence.HARD)
    assert (rule.mender, rule.waiting_helps) == (Mender.SENDER, True)
    assert rule.status == {"7.1", "7.606", "7.607", "7.608"}
    assert rule.allows("550", "7.607", "")
    assert not rule.allows("551", "7.607", "")
    assert not rule.allows("550", "7.609", "")


def test_a_file_may_say_once_what_holds_for_its_rows():
    shared = 'provider = "gate"\nsource = "its manual"\n'
    [rule] = parsed(shared + GOOD)
    assert (rule.provider, rule.source) == ("gate", "its manual")


def test_rows_without_a_tier_stand_in_the_readers():
    [rule] = parsed(GOOD.replace('tier = "plain"\n', ""), tier="operator")
    assert rule.tier == "operator"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"gate"', '""'), r"own\.toml, line 2: name: missing"),
        (('"plain"', '"plane"'), r"line 2: tier: is 'plane'; use one of operator, signature"),
        (('"policy_blocked"', '"policy"'), r"line 2: cause: is 'policy'; use one of mailbox_full"),
        (('["gate says no"]', '"gate says no"'), "line 2: words: write a list of texts"),
        (('["gate says no"]', '["(gate"]'), "line 2: words: .*close each"),
        (('["gate says no"]', "[]"), "line 2: words: missing; give one of words, status"),
        (("words =", "wods ="), r"line 2: wods: unknown; did you mean words\?"),
        (("words =", "zzz ="), "line 2: zzz: unknown; use before, cause"),
        (("tier =", "confidence = 2\ntier ="), "line 2: confidence: is 2; use a number between"),
        (("tier =", "confidence = true\ntier ="), "line 2: confidence: is True"),
        (("tier =", 'permanence = "x"\ntier ='), "line 2: permanence: is 'x'; use one of hard"),
        (("tier =", 'mender = "me"\ntier ='), "line 2: mender: is 'me'; use one of recipient"),
        (("tier =", "waiting_helps = 1\ntier ="), "line 2: waiting_helps: is 1; use true or false"),
        (
            ("tier =", 'status = ["5.1.1"]\ntier ='),
            r"status: is '5\.1\.1'; write subject and detail",
        ),
        (("tier =", 'code = ["55"]\ntier ='), "code: is '55'; write three digits"),
        (("tier =", "provider = 1\ntier ="), "line 2: provider: write it as text in quotes"),
        (("[[rule]]", "[rule]"), r"own\.toml: rule: write each row as \[\[rule\]\]"),
        (("[[rule]]", "[[rule]"), r"own\.toml: not TOML .*; mend that line"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_is_named_with_its_line_and_mend(change, said):
    with pytest.raises(RulesError, match=said):
        parsed(GOOD.replace(*change, 1))


def test_two_rows_of_one_name_are_refused():
    with pytest.raises(RulesError, match=r"line 8 \(gate\): name: 'gate' stands in .* too"):
        parsed(GOOD + GOOD)


def row(name, cause, *, tier="plain", before=()):
    listed = ", ".join(f'"{one}"' for one in before)
    return (
        f'[[rule]]\nname = "{name}"\ntier = "{tier}"\ncause = "{cause}"\n'
        f'words = ["{name}"]\nbefore = [{listed}]\n'
    )


def names(*rows):
    return [rule.name for rule in rule_set(ORDER, parsed("".join(rows))).rules]


def test_the_tier_decides_then_the_cause_then_the_place_in_the_file():
    assert names(
        row("late", "expired", tier="loose"),
        row("box", "mailbox_full"),
        row("box again", "mailbox_full"),
        row("first", "expired"),
        row("own", "other", tier="operator"),
    ) == ["own", "first", "box", "box again", "late"]


def test_before_puts_a_rule_right_in_front_of_another():
    assert names(
        row("one", "expired"),
        row("two", "mailbox_full"),
        row("three", "other", before=["two"]),
        row("four", "other", before=["three"]),
    ) == ["one", "four", "three", "two"]


def test_before_what_stands_behind_anyway_changes_nothing():
    assert names(row("one", "expired", before=["two"]), row("two", "other")) == ["one", "two"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("one", "expired", before=["nobody"])], "before: no rule is called 'nobody'"),
        (
            [row("one", "expired", before=["two"]), row("two", "other", before=["one"])],
            "before: goes round in a circle",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused(rows, said):
    with pytest.raises(RulesError, match=said):
        names(*rows)
