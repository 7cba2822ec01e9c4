"""Operators add rows in front; a wrong row names itself and the mend."""

from __future__ import annotations

import pytest

from bot.lineworks.errors import read_refusal
from bot.lineworks.rules import Evidence, RulesError, built_in, load_rules, parse_rules
from storage.failures import Kind

OWN = """
[[rule]]
status = [429]
code = "SEND_QUOTA"
text = "per day"
kind = "daily_cap"
evidence = "measured"
source = "our tenant, 2026-11-20"
"""


def test_an_operators_row_wins_over_the_built_in_ones(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN, "utf-8")
    answer = b'{"code":"SEND_QUOTA","description":"20000 Per Day"}'
    refusal = read_refusal(429, {}, answer, load_rules(file))
    assert (refusal.kind, refusal.evidence) == (Kind.DAILY_CAP, Evidence.MEASURED)


def test_without_a_file_the_built_in_rows_stand():
    assert load_rules() == built_in()


def test_an_operators_file_may_be_empty():
    assert parse_rules("", "own.toml") == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('"daily_cap"', '"daily"'), "own.toml, rule 1: kind must be one of"),
        (('"daily_cap"', '"hard_bounce"'), "kind 'hard_bounce' is not one of LINE WORKS"),
        (('"measured"', '"heard"'), "evidence must be one of documented, measured, guessed"),
        (("[429]", "[]"), "status must be a number"),
        (("[429]", "true"), "status must be a number"),
        (("[429]", '"6xx"'), "status must be a number"),
        (('"SEND_QUOTA"', '"("'), "code is no regular expression"),
        (("text =", "words ="), "unknown field 'words'"),
        (('text = "per day"', 'header = { name = "x" }'), "header must be"),
        (("[[rule]]", "[rule]"), "write each row as [[rule]]"),
        (("[[rule]]", "[[rule"), "own.toml: not TOML"),
    ],
)
def test_a_wrong_row_names_itself_and_the_mend(change, complaint):
    with pytest.raises(RulesError) as caught:
        parse_rules(OWN.replace(*change), "own.toml")
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RulesError, match=r"own\.toml: cannot be read"):
        load_rules(tmp_path / "own.toml")


def test_a_class_of_statuses_holds_all_of_it():
    row = OWN.replace("[429]", '"5xx"')
    assert parse_rules(row, "own.toml")[0].statuses == frozenset(range(500, 600))


def test_a_header_row_fits_only_with_the_header():
    row = OWN.replace('text = "per day"', 'header = { name = "X-Why", holds = "quota" }')
    rules = parse_rules(row, "own.toml")
    answer = b'{"code":"SEND_QUOTA"}'
    assert read_refusal(429, {"x-why": "Quota"}, answer, rules).kind is Kind.DAILY_CAP
    assert read_refusal(429, {}, answer, rules).kind is Kind.UNCLASSIFIED
