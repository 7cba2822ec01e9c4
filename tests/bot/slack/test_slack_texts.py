"""What Slack reads in a text, and where a text ends that is too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.texts import cut, escape, length, plain, shown, words

FAMILY = "👨\u200d👩\u200d👧"


def test_control_characters_are_escaped():
    assert escape("a <!channel> & b") == "a &lt;!channel&gt; &amp; b"


def test_a_text_at_its_limit_stays():
    assert cut("通知エラー", 5) == "通知エラー"


def test_a_longer_text_says_that_it_goes_on():
    assert cut("通知エラーのまとめ", 5) == "通知エラ…"


def test_an_escaped_character_counts_as_slack_receives_it():
    assert cut("a&b", 6) == "a…"
    assert cut("a&b", 7) == "a&b"


@pytest.mark.parametrize("whole", [FAMILY, "e\u0301", "か\u3099", "👍🏽", "❤\ufe0f"])
def test_what_reads_as_one_character_is_not_torn(whole):
    assert cut(f"ab{whole}", 2 + length(whole) - 1) in {"ab…", "a…"}


def test_a_web_address_becomes_a_link_and_a_mail_address_does_not():
    block = words("手順は https://example.jp/guide?a=1&b=2、質問は it@example.jp へ。", 3000)
    assert (
        block["text"] == "手順は <https://example.jp/guide?a=1&amp;b=2>、質問は it@example.jp へ。"
    )
    assert block["verbatim"]


def test_a_full_stop_after_a_web_address_is_not_part_of_it():
    assert shown("See https://example.jp/a.", 100) == "See <https://example.jp/a>."


def test_a_text_without_links_is_plain():
    block = words("*not bold* :x: <@U1>", 3000)
    assert block == {"type": "plain_text", "text": "*not bold* :x: &lt;@U1&gt;", "emoji": False}


def test_a_link_is_left_out_rather_than_cut():
    assert shown("See https://example.jp/long", 10) == "See …"
    assert shown("See https://example.jp/long, then wait.", 31) == "See <https://example.jp/long>,…"


def test_what_cannot_be_shown_is_replaced():
    assert plain("a\ud800b\x00c\x1b", 10)["text"] == "a\ufffdb\ufffdc\ufffd"


def test_blank_text_becomes_something_that_slack_takes():
    assert plain(" \n ", 10)["text"] == "…"


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_a_cut_text_fits_and_begins_as_the_whole_did(text, limit):
    got = cut(text, limit)
    assert length(escape(got)) <= limit
    assert got == text or (got.endswith("…") and text.startswith(got[:-1]))


@given(
    st.lists(st.text(max_size=20) | st.just(" https://example.jp/a?b=1&c=2 ")), st.integers(1, 90)
)
def test_a_text_with_links_fits_and_every_link_in_it_is_whole(parts, limit):
    got = shown("".join(parts), limit)
    assert length(got) <= limit
    assert got.count("<") == got.count("<https://example.jp/a?b=1&amp;c=2>") == got.count(">")
