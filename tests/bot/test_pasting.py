"""JSON is found wherever it stands in what was pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pasting import objects_in


def told(text):
    return [one.told for one in objects_in(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('403 {"a": 1} and {"b": [2]}', [{"a": 1}, {"b": [2]}]),
        ('[{"a": 1}, 7, {"b": 2}]', [{"a": 1}, {"b": 2}]),
        ('{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        ("“{“a”: “x”}”", [{"a": "x"}]),
        ('{"a": "two\nlines"}', [{"a": "two\nlines"}]),
        ('host[192.0.2.1] said {no} {"a": 1}', [{"a": 1}]),
        ("550 no JSON at all", []),
        ("7", []),
        ("", []),
    ],
)
def test_objects_are_found_in(text, found):
    assert told(text) == found


def test_what_stands_before_an_object_is_told_with_it():
    assert [one.before for one in objects_in('429 {"a": 1} then 500 [{"b": 2}]')] == [
        "429 ",
        " then 500 ",
    ]


@given(st.text('[]{}":1a \\'))
def test_nothing_that_may_be_pasted_breaks_it(text):
    assert all(isinstance(one, dict) for one in told(text))


@pytest.mark.parametrize("sign", ["[", "{", '{"a":', "[[]"])
def test_a_wall_of_brackets_has_nothing_in_it(sign):
    assert [one for one in told(sign * 20_000) if one] == []
