"""The rules' language of words: what it finds, what it leaves, what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.causes.phrases import GAPS, Finder, PhraseError, fold, phrase

VOCABULARY = {"user": ["user", "mail box"], "unknown": ["unknown", "not found"]}


def finds(words, text):
    return Finder([(7, phrase(words, VOCABULARY))]).numbers(fold(text)) == {7}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("User  UNKNOWN", " user unknown "),
        ("The user's box doesn’t exist", " the users box doesnt exist "),
        ("black-list, [closed]", " black list closed "),
        ("550-5.1.1 no\n550 5.1.1 user", " no user "),
        ("<taro@example.co.jp>: User unknown", " user unknown "),
        ("taro@example.co.jp...User unknown", " user unknown "),
        ("host mx.example.jp[192.0.2.1] said", " host mx example jp ip said "),
        ("SC-001 and 24 hours", " sc 001 and hours "),
        ("宛先「taro」が不明", " 宛先 taro が不明 "),
        ("ｕｓｅｒ　ｕｎｋｎｏｗｎ", " user unknown "),
        ("", "  "),
    ],
)
def test_a_text_is_folded_to_words(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("user unknown", "550 User unknown"),
        ("(user|mailbox) unknown", "mailbox unknown"),
        ("user (is |)unknown", "user unknown"),
        ("user (is |)unknown", "user is unknown"),
        ("(mail(box|drop)|user) full", "maildrop full"),
        ("throttl*", "you are throttled"),
        ("*list", "a blacklist"),
        ("{user} {unknown}", "mail box not found"),
        ("user ... unknown", "user <taro@example.jp> is quite unknown"),
        ("no .. user", "no such user"),
        ("宛先 ... 不明", "この宛先のアドレスは不明です"),
        ("doesn't exist", "it doesnt exist"),
    ],
)
def test_words_are_found(words, text):
    assert finds(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("user unknown", "users unknown"),
        ("user unknown", "unknown user"),
        ("list", "blacklist"),
        ("user ... unknown", f"user {'x' * (GAPS['...'] + 1)} unknown"),
        ("no .. user", f"no {'x' * (GAPS['..'] + 1)} user"),
        ("user ... unknown", "unknown user"),
        ("user unknown", "user@unknown.example.jp unknown"),
        ("no user", "no-user@example.jp"),
    ],
)
def test_words_are_not_found(words, text):
    assert not finds(words, text)


def test_a_later_place_of_a_piece_counts_too():
    assert finds("user ... unknown", f"user {'x ' * 60} user unknown")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("(user", "close each"),
        ("user)", r"put \( before"),
        ("(user ... box)", "a gap stands outside"),
        ("user?", r"'\?' means nothing here"),
        ("[user]", "means nothing here"),
        ("{nobody} unknown", "no vocabulary is called 'nobody'"),
        ("!!", "nothing is left"),
        ("us*er", "at one end of a piece only"),
        ("".join(["(a|b|c|d|e|f|g|h)"] * 5), "spellings; cut it"),
    ],
)
def test_words_that_are_not_of_the_language_are_refused(words, said):
    with pytest.raises(PhraseError, match=said):
        phrase(words, VOCABULARY)


@pytest.mark.parametrize(
    "words", ["{user} ... (unknown|gone)", "no .. user ... here", "宛先 ... 不明"]
)
def test_samples_hold_what_they_are_samples_of(words):
    samples = list(phrase(words, VOCABULARY).samples(50))
    assert samples
    assert all(finds(words, sample) for sample in samples)


def test_many_phrases_are_found_at_once_each_under_its_number():
    finder = Finder(
        [(1, phrase("user unknown")), (2, phrase("user ... gone")), (3, phrase("gone"))]
    )
    assert finder.numbers(fold("user unknown, gone")) == {1, 2, 3}
    assert finder.numbers(fold("user gone")) == {2, 3}
    assert finder.numbers(fold("nothing")) == set()


WORDS = st.lists(st.sampled_from(["user", "unknown", "no", "the", "box"]), max_size=12)


@given(WORDS)
def test_a_phrase_without_gaps_is_found_just_where_its_words_stand_side_by_side(words):
    text = " ".join(words)
    assert finds("user unknown", text) == ("user unknown" in text)


@given(st.text(max_size=400))
def test_a_folded_text_is_words_with_one_blank_around_each(text):
    folded = fold(text)
    assert folded == f" {' '.join(folded.split())} "
    assert "@" not in folded


@given(st.text(alphabet="user unkow@.<>:1宛先不明", max_size=200), st.text(max_size=20))
def test_more_text_behind_never_hides_what_was_found(text, more):
    before = finds("user ... unknown", text)
    assert not before or finds("user ... unknown", f"{text} {more}")
