"""Text fits and does no harm, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.limits import clip, harmless, head, parts, units

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts)
def test_units_are_those_of_utf_16(text):
    assert units(text) == len(text.encode("utf-16-le")) // 2


@given(texts, st.integers(1, 30))
def test_a_clipped_text_fits_and_starts_the_same(text, most):
    clipped = clip(text, most)
    assert units(clipped) <= most
    assert clipped == text or (clipped.endswith("…") and text.startswith(clipped[:-1]))


@given(texts, st.integers(2, 30))
def test_parts_fit_and_lose_nothing_but_blanks(text, most):
    pieces = parts(text, most)
    assert all(units(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_parts_are_cut_at_line_ends():
    assert parts("one\ntwo\nthree", 9) == ["one\ntwo", "three"]


def test_no_character_is_cut_in_half():
    assert head("a😀b", 2) == "a"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ('<m userId="all">', '＜m userId="all">'),
        ('<M userId="all">', '＜M userId="all">'),
        ("<<m", "<＜m"),
        ("5 < 6", "5 < 6"),
        ("a\x00b\u202e", "a\ufffdb\u202e"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\ud800", "\ufffd"),
    ],
)
def test_hostile_text_is_shown_and_does_nothing(hostile, shown):
    assert harmless(hostile) == shown


@given(st.text())
def test_harmless_text_is_no_longer_and_can_be_sent(text):
    assert units(harmless(text)) <= units(text)
    assert harmless(text).encode().decode() == harmless(text)
