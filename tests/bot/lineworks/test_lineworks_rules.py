"""A row says which answers it fits; a wrong one names its line, its field and the mend."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.errors import read_refusal
from bot.lineworks.rules import RulesError, built_in, parse_rules
from storage.failures import Kind

OWN = """
[[rule]]
status = [429]
code = "SEND_QUOTA"
text = "per day"
kind = "daily_cap"
evidence = "measured"
source = "our tenant, 2026-11-20"
examples = [{ status = 429, code = "SEND_QUOTA", text = "20000 per day" }]
"""


def test_a_file_may_be_empty():
    assert parse_rules("", "own.toml") == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('"daily_cap"', '"daily"'), "own.toml, line 6: kind must be one of"),
        (('"daily_cap"', '"hard_bounce"'), "line 6: kind 'hard_bounce' is not one of LINE WORKS"),
        (('kind = "daily_cap"\n', ""), "line 2: kind must be one of"),
        (
            ('"measured"', '"heard"'),
            "line 7: evidence must be one of documented, measured, guessed",
        ),
        (("[429]", "[]"), "line 3: status must be a number"),
        (("[429]", "true"), "line 3: status must be a number"),
        (("[429]", '"6xx"'), "line 3: status must be a number"),
        (('"SEND_QUOTA"\n', '"("\n'), "line 4: code is no regular expression"),
        (("text =", "words ="), "line 5: words is no field; use code, evidence"),
        (('text = "per day"', 'header = { name = "x" }'), "line 5: header must be"),
        (("{ status = 429,", "{"), "line 9: examples must be a list"),
        (("{ status = 429,", '{ status = "429",'), "line 9: examples must be a list"),
        (("{ status = 429,", "{ status = true,"), "line 9: examples must be a list"),
        (("{ status = 429,", "{ status = 429, kind = 1,"), "line 9: examples must be a list"),
        (("examples = [{", "examples = {"), "not TOML"),
        (("[[rule]]", "[rule]"), "own.toml: write each row as [[rule]]"),
        (("[[rule]]", "[[rule"), "own.toml: not TOML"),
        (("[[rule]]", "[[rules]]"), "own.toml, line 2: unknown table 'rules'; use [[rule]]"),
    ],
)
def test_a_wrong_row_names_its_line_its_field_and_the_mend(change, complaint):
    with pytest.raises(RulesError) as caught:
        parse_rules(OWN.replace(*change), "own.toml")
    assert complaint in str(caught.value)


def test_the_line_is_that_of_the_row_among_others():
    with pytest.raises(RulesError, match="own.toml, line 15: kind must be"):
        parse_rules(OWN + OWN.replace('"daily_cap"', '"daily"'), "own.toml")


def test_rows_in_one_inline_list_stand_at_its_line():
    with pytest.raises(RulesError, match="own.toml, line 2: evidence must be"):
        parse_rules('\nrule = [{ status = 429, kind = "daily_cap" }]', "own.toml")


def test_a_row_that_would_fit_every_answer_is_refused():
    row = '[[rule]]\nkind = "daily_cap"\nevidence = "guessed"'
    with pytest.raises(RulesError, match="line 1: status or another of code, header"):
        parse_rules(row, "own.toml")


def test_a_class_of_statuses_holds_all_of_it():
    row = OWN.replace("[429]", '"5xx"')
    assert parse_rules(row, "own.toml")[0].statuses == frozenset(range(500, 600))


def test_a_header_row_fits_only_with_the_header():
    row = OWN.replace('text = "per day"', 'header = { name = "X-Why", holds = "quota" }')
    rules = parse_rules(row, "own.toml")
    answer = b'{"code":"SEND_QUOTA"}'
    assert read_refusal(429, {"x-why": "Quota"}, answer, rules).kind is Kind.DAILY_CAP
    assert read_refusal(429, {}, answer, rules).kind is Kind.UNCLASSIFIED


@given(st.text())
def test_any_text_is_read_or_refused_with_a_mend(text):
    with contextlib.suppress(RulesError):
        assert parse_rules(text, "own.toml") == ()


JSON = st.none() | st.booleans() | st.integers(-1, 999) | st.text(max_size=3)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.integers(100, 599) | st.just("5xx") | JSON,
        "code": JSON,
        "text": JSON,
        "header": st.fixed_dictionaries({"name": JSON, "holds": JSON}) | JSON,
        "kind": st.sampled_from(Kind) | JSON,
        "evidence": st.just("guessed") | JSON,
        "examples": st.lists(st.fixed_dictionaries({"status": JSON}), max_size=2) | JSON,
    },
)


@given(FIELDS)
def test_any_row_is_read_or_refused_with_a_mend(fields):
    told = {name: value for name, value in fields.items() if value is not None}
    with contextlib.suppress(RulesError):
        assert len(parse_rules(f"rule = [{_inline(told)}]", "own.toml")) == 1


def _inline(value):
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if one is not None}
        return "{" + ", ".join(f"{name} = {_inline(one)}" for name, one in kept.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=True)


def test_every_built_in_row_names_its_source_and_an_example():
    assert not [rule for rule in built_in() if len(rule.source) < 10 or not rule.examples]


@pytest.mark.parametrize("rule", built_in(), ids=lambda rule: f"line {rule.line}")
def test_every_built_in_row_reads_its_examples_in_front_of_all_others(rule):
    for example in rule.examples:
        headers = {rule.header[0].upper(): example.header} if rule.header else {}
        body = json.dumps({"code": example.code, "description": example.text}).encode()
        refusal = read_refusal(example.status, headers, body)
        assert (refusal.kind, refusal.evidence) == (rule.kind, rule.evidence)
