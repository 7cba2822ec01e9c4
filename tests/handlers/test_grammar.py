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


@pytest.mark.parametrize(
    "typed",
    [
        "11月20日",
        "１１月２０日",
        "2026/11/20",
        "11/20",
        "２０２６－１１－２０",
        "2026ー11ー20",
        "20261120",
        "2026.11.20",
        "11月20日から11月22日まで",
        "一昨日",
        "おととい",
    ],
)
def test_dates_may_be_written_as_in_japan(typed):
    assert understand(typed) == Asked(name="dates", argument=typed)


@pytest.mark.parametrize("typed", ["2026-13-45", "11月", "2026-11", "令和8年11月20日", "一昨昨日"])
def test_what_looks_like_a_date_is_taken_for_one(typed):
    assert understand(typed).name == "dates"


@pytest.mark.parametrize("typed", ["550-5.1.1", "5.1.1", "550", "421-4.7.0"])
def test_a_reply_is_no_date(typed):
    assert isinstance(understand(typed), NotUnderstood)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("ｔｏｄａｙ", Asked(name="today")),
        ("ﾍﾙﾌﾟ", Asked(name="help")),
        ("ｗｈｏ　taro@example.jp", Asked(name="who", argument="taro@example.jp")),
        ("taro＠example.jp", Asked(name="who", argument="taro＠example.jp")),
        ("2026-taro@example.jp", Asked(name="who", argument="2026-taro@example.jp")),
        ("ｅｘｐｌａｉｎ ５５０", Asked(name="explain", argument="５５０")),
    ],
)
def test_full_width_letters_are_read_and_what_follows_stays_as_typed(typed, asked):
    assert understand(typed) == asked


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
