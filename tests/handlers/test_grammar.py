"""What people type, in either language."""

import pytest

from handlers.grammar import COMMANDS, Asked, NotUnderstood, meanings, understand


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("today", "today"),
        ("今日", "today"),
        ("昨日", "yesterday"),
        ("今週", "week"),
        ("WEEK", "week"),
        ("申請中", "pending"),
        ("エクスポート", "export"),
        ("状態", "status"),
        ("使い方", "help"),
        ("", "help"),
        ("  ", "help"),
    ],
)
def test_a_word_means_the_same_in_both_languages(text, name):
    assert understand(text) == Asked(name=name)


def test_what_follows_the_word_is_the_argument():
    assert understand("who  taro@example.jp") == Asked(name="who", argument="taro@example.jp")


def test_a_full_width_blank_separates_too():
    assert understand("だれ　taro@example.jp").argument == "taro@example.jp"


def test_an_address_alone_asks_who():
    assert understand("taro@example.jp") == Asked(name="who", argument="taro@example.jp")


def test_an_address_that_slack_made_a_link_is_read_as_typed():
    typed = understand("who <mailto:taro@example.jp|taro@example.jp>")
    assert typed == Asked(name="who", argument="taro@example.jp")


def test_dates_are_a_command_of_their_own():
    assert understand("2026-11-20..2026-11-22").name == "dates"


def test_an_unknown_word_names_the_nearest_right_one():
    assert understand("todya") == NotUnderstood(word="todya", nearest="today")


def test_an_unknown_word_that_is_near_to_nothing_says_so():
    assert understand("qqqqqq") == NotUnderstood(word="qqqqqq", nearest="")


def test_no_word_means_two_commands():
    assert set(meanings().values()) == set(COMMANDS)


@pytest.mark.parametrize("word", ["explain", "EXPLAIN", "説明", "解説"])
def test_what_is_to_be_explained_stays_as_it_was_pasted(word):
    pasted = '550-5.1.1  two  blanks\n\t{"a": "' + "x" * 4000 + '"}'
    assert understand(f"  {word}\n{pasted}\n") == Asked(name="explain", argument=pasted)
    assert understand(word) == Asked(name="explain")
