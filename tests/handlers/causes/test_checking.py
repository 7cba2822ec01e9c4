"""What the checker finds in rules that read well and still are wrong."""

import pytest

from handlers.causes import built_in
from handlers.causes.checking import findings
from handlers.causes.rows import parse
from handlers.causes.ruleset import rule_set

ORDER = built_in().order


def found(*rows):
    return findings(rule_set(ORDER, parse("\n".join(rows), "own.toml", ORDER)))


def row(name, cause="policy_blocked", **fields):
    told = {
        "tier": "plain",
        "words": [f"{name} says no"],
        "examples": [f"550 {name} says no"],
        "not_examples": ["550 sorry"],
        "source": "a manual",
    } | fields
    lines = [
        f"{key} = {str(value).replace(chr(39), chr(34))}"
        for key, value in told.items()
        if key not in ("tier", "source", "permanence", "mender")
    ]
    lines += [
        f'{key} = "{told[key]}"'
        for key in ("tier", "source", "permanence", "mender")
        if told.get(key)
    ]
    return "\n".join(["[[rule]]", f'name = "{name}"', f'cause = "{cause}"', *lines])


def test_the_built_in_rules_are_without_findings():
    assert findings(built_in()) == []


def test_a_good_rule_has_no_findings():
    assert found(row("gate")) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"examples": []}, "own.toml, line 1 (gate): examples: none"),
        ({"not_examples": []}, "own.toml, line 1 (gate): not_examples: none"),
        ({"source": ""}, "own.toml, line 1 (gate): source: missing"),
        (
            {"examples": ["550 sorry"]},
            "own.toml, line 1 (gate): examples: '550 sorry' is read by no rule",
        ),
        (
            {"not_examples": ["550 gate says no more"]},
            "own.toml, line 1 (gate): not_examples: '550 gate says no more' is read by this rule",
        ),
    ],
)
def test_a_rule_lacks_something(fields, said):
    [finding] = found(row("gate", **fields))
    assert finding.startswith(said)
    assert ";" in finding  # the mend


def test_a_hint_needs_no_example():
    assert found(row("guess", words=[], hints=["gate"], examples=[], not_examples=[])) == []


def test_a_rule_that_others_always_forestall_can_never_win():
    first = row("gate", "expired")
    second = row("late", words=["gate says no (again|more)"], examples=["550 gate says no"])
    assert any("(late): can never win" in one for one in found(first, second))


def test_single_words_that_can_never_win_are_named():
    first = row("gate", "expired")
    second = row("late", words=["late says no", "gate says no more"])
    [finding] = found(first, second)
    assert "(late): words: 'gate says no more' can never win" in finding


def test_a_code_that_another_rule_has_first_can_never_win():
    first = row(
        "first", "expired", words=[], status=["1.1"], examples=["550 5.1.1 no"], not_examples=[]
    )
    second = row(
        "second", "other", words=[], status=["1.1"], examples=["550 5.1.1 no"], not_examples=[]
    )
    said = found(first, second)
    assert any("(second): can never win" in one for one in said)
    assert any("status 1.1 contradicts first (own.toml, line 1)" in one for one in said)


def test_equal_words_with_two_causes_contradict_each_other():
    first = row("gate", "expired")
    second = row("late", words=["gate says no", "late says no"])
    assert any(
        "own.toml, line 9 (late): words 'gate says no' contradicts gate (own.toml, line 1)" in one
        for one in found(first, second)
    )


def test_an_example_that_another_rule_reads_is_named_with_that_rule():
    first = row("gate", "expired")
    second = row("late", examples=["550 late says no, gate says no"])
    [finding] = found(first, second)
    assert "is read by gate (own.toml, line 1); add before" in finding


def test_rules_that_differ_in_one_place_of_the_order_need_one():
    first = row("gate", "user_moved_or_disabled", permanence="hard")
    second = row(
        "late", "user_moved_or_disabled", words=["late says no"], examples=["550 late says no"]
    )
    both = row(
        "wide",
        "user_moved_or_disabled",
        words=["wide says no", "says .. no"],
        examples=["550 wide says no"],
    )
    assert found(first, second) == []
    [finding] = found(first, both)
    assert "overlaps wide" in finding
    assert "without order" in finding
    assert found(first.replace("[[rule]]", '[[rule]]\nbefore = ["wide"]'), both) == []
