"""A row that can never win, or that its own examples pass by, is named with its line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.checking import complaints, load_rules
from bot.lineworks.errors import read_refusal
from bot.lineworks.rules import Evidence, RulesError, built_in, parse_rules
from storage.failures import Kind

OWN = """
[[line_works]]
status = 429
code = "SEND_QUOTA"
kind = "daily_cap"
evidence = "measured"
source = "our tenant, 2026-11-20"

[[rule]]
name = "for causes"
"""


def rows(*conditions):
    """A file of one row per line of conditions, the first in line 1, the second in line 5."""
    return "\n".join(
        f'[[rule]]\n{one}\nkind = "daily_cap"\nevidence = "guessed"' for one in conditions
    )


def found(*conditions):
    return list(complaints(parse_rules(rows(*conditions), "own.toml")))


def test_the_built_in_rows_have_no_complaint():
    assert list(complaints(built_in())) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("status = 429", "status = 429"),
        ("status = 429", 'status = 429\ncode = "A"'),
        ('status = "4xx"', "status = [400, 429]"),
        ('code = "A|B"', 'status = 400\ncode = "B"'),
        ('code = "INVALID_.+"', 'code = "INVALID_USER.*"'),
        ('code = ".+_NOT_EXIST"', 'code = "USER.*_NOT_EXIST|ROOM_NOT_EXIST"'),
        ('code = "(BOT|ROOM)(_.*)?_GONE"', 'code = "BOT_.*_GONE"'),
        ('code = "A[0-9]"', 'code = "A1|A2"'),
        ('code = "A[0-9]+"', 'code = "A[0-9]+"'),
        ('text = "domain"', 'text = "invalid DOMAIN|domainId"'),
        ('text = "a.*c"', 'text = "a.*b.*c"'),
        (
            'header = { name = "X-Why", holds = "q" }',
            'status = 400\nheader = { name = "x-why", holds = "q" }',
        ),
    ],
)
def test_a_row_behind_one_that_fits_all_it_fits_is_named_with_the_mend(first, second):
    [complaint] = found(first, second)
    # Conditions of two lines push the second row down by one.
    assert re.match(r"own\.toml, line [56]: this row can never win: .* by line 1;", complaint)
    assert complaint.endswith("move it in front, or take it out")


def test_rows_may_hide_another_together():
    [complaint] = found(
        "status = 400", 'status = 401\ncode = "A|B"', 'status = [400, 401]\ncode = "A"'
    )
    assert "line 10: this row can never win" in complaint
    assert "taken by lines 1 and 5;" in complaint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('status = 429\ncode = "A"', "status = 429"),
        ("status = [400, 429]", 'status = "4xx"'),
        ("status = 400", 'code = "A"'),
        ('code = "A|B"', 'code = "A|C"'),
        ('code = "INVALID_.+"', 'code = "INVALID.*"'),
        ('code = "A.?"', 'code = "A.*"'),
        ('code = "A[^B]*"', 'code = "A.*"'),
        ('code = "A.+"', 'code = "A"'),
        ('text = "domain"', 'text = "do.*main"'),
        ('text = "\\\\bdomain"', 'text = "domain"'),
        ('text = "a"', 'code = "A"'),
        ('header = { name = "x", holds = "q" }', "status = 400"),
        ('header = { name = "x", holds = "q" }', 'header = { name = "y", holds = "q" }'),
    ],
)
def test_a_row_that_some_answer_reaches_is_left_alone(first, second):
    assert found(first, second) == []


CODES = st.lists(st.sampled_from(["A", "B", ".*", ".+", "_"]), min_size=1, max_size=4).map("".join)
PATTERNS = st.lists(CODES, min_size=1, max_size=2).map("|".join)
ANSWERS = st.text("AB_C", max_size=6)


@given(PATTERNS, PATTERNS, st.lists(ANSWERS, max_size=30))
def test_who_is_said_never_to_win_wins_nothing(first, second, answers):
    if found(f'code = "{first}"', f'code = "{second}"'):
        assert not [a for a in answers if re.fullmatch(second, a) and not re.fullmatch(first, a)]


def test_a_pattern_of_many_wildcards_is_not_tried_in_every_way():
    assert found('code = "A.*"', f'code = "{"B.*" * 40}"') == []


def test_an_example_that_another_row_reads_is_named():
    [complaint] = found(
        'code = "A[0-9]"', 'code = "A.*"\nexamples = [{ status = 400, code = "A1" }]'
    )
    assert complaint.startswith("own.toml, line 5: examples: number 1 is read by line 1; move")


def test_an_example_that_its_row_does_not_read_is_named():
    [complaint] = found('code = "A"\nexamples = [{ status = 400, code = "B" }]')
    assert (
        complaint
        == "own.toml, line 1: examples: number 1 does not fit the row; mend one of the two"
    )


def test_an_example_of_a_header_says_what_the_header_held():
    row = 'header = { name = "x", holds = "q" }\nexamples = [{ status = 400, header = "a q" }]'
    assert found(row) == []


def test_an_operators_row_wins_over_the_built_in_ones(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(OWN, "utf-8")
    refusal = read_refusal(429, {}, b'{"code":"SEND_QUOTA"}', load_rules(file))
    assert (refusal.kind, refusal.evidence) == (Kind.DAILY_CAP, Evidence.MEASURED)


def test_without_a_file_the_built_in_rows_stand():
    assert load_rules() == built_in()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (OWN.replace("[[rule]]", "[[ruel]]"), "rules.toml, line 9: unknown table 'ruel'; use"),
        (OWN.replace('"daily_cap"', '"cap"'), "rules.toml, line 5: kind must be one of"),
        (OWN + OWN.replace("[[rule]]", "[[ rule ]]"), "line 12: this row can never win"),
    ],
)
def test_an_operators_mistake_names_file_line_and_mend(tmp_path, text, complaint):
    file = tmp_path / "rules.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(file)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    if content:
        (tmp_path / "rules.toml").write_bytes(content)
    with pytest.raises(RulesError, match=r"rules\.toml: cannot be read"):
        load_rules(tmp_path / "rules.toml")
