"""One mailbox has many spellings; two mailboxes never become one."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.failures import domain_of, fold_recipient
from storage.folding import LONGEST

# Near enough to each other that a careless folding would take two for one.
LOCALS = [
    "taro",
    "taro+a",
    "ta.ro",
    "strasse",
    "straße",
    "が",
    "か",
    "ｔａｒｏ",
    "a b",
    'a"b',
    "a\\b",
    "a@b",
    "",
    ".",
]
LABELS = ["example", "exemple", "strasse", "straße", "日本語", "日本", "が", "か", "xn--zzzz", "-"]


@st.composite
def spellings(draw, local, labels):
    """Some way of writing this mailbox."""
    cased = draw(st.sampled_from([str, str.lower, str.title]))
    form = draw(st.sampled_from(["NFC", "NFD"]))
    needs = not local or any(one in local for one in ' "\\@') or local == "."
    told = unicodedata.normalize(form, _changed(local, cased))
    if needs or draw(st.booleans()):
        escape_all = draw(st.booleans())
        told = "".join(f"\\{one}" if escape_all or one in '"\\' else one for one in told)
        told = f'"{told}"'
    domain = ".".join(draw(label_spellings(one, cased, form)) for one in labels)
    if draw(st.booleans()):
        domain = domain.replace(".", draw(st.sampled_from(["。", "．", "."])))
    blanks = st.sampled_from(["", " ", "\t", "\u3000"])
    return f"{draw(blanks)}{told}@{domain}{draw(st.sampled_from(['', '.']))}{draw(blanks)}"


def _changed(text, cased):
    """Another case, where it is the same letters' (`ß` has none)."""
    return "".join(up if len(up := cased(one)) == 1 else one for one in text)


@st.composite
def label_spellings(draw, label, cased, form):
    ways = [unicodedata.normalize(form, _changed(label, cased))]
    if label.isascii():
        ways.append("".join(chr(ord(one) + 0xFEE0) if one.isalnum() else one for one in label))
    else:
        ways += [
            f"xn--{label.encode('punycode').decode()}",
            f"XN--{label.encode('punycode').decode().upper()}",
        ]
    return draw(st.sampled_from(ways))


mailboxes = st.tuples(
    st.sampled_from(LOCALS), st.lists(st.sampled_from(LABELS), min_size=1, max_size=3)
)


@given(st.data(), mailboxes, mailboxes)
def test_two_spellings_are_one_recipient_exactly_where_they_are_one_mailbox(data, one, other):
    first, second = (fold_recipient(data.draw(spellings(*told))) for told in (one, other))
    assert (first == second) == (one == other)


@given(st.data(), mailboxes)
def test_every_spelling_of_a_mailbox_is_one_recipient(data, mailbox):
    first, second = (fold_recipient(data.draw(spellings(*mailbox))) for _ in range(2))
    assert first == second


@given(st.text() | st.text('@."\\xn-- aAßσΣς\u3099か。٠İ'))
@example("@ .")
def test_a_folded_recipient_is_folded_already(told):
    folded = fold_recipient(told)
    assert fold_recipient(folded) == folded
    assert domain_of(folded) == domain_of(told)


def test_no_character_folds_otherwise_the_second_time():
    for number in range(0x110000):
        for told in (f"a{chr(number)}b@example.jp", f"a@x{chr(number)}y.jp"):
            folded = fold_recipient(told)
            assert fold_recipient(folded) == folded, hex(number)


@given(st.text())
def test_a_folded_recipient_is_at_most_a_few_times_as_long(told):
    assert len(fold_recipient(told)) <= 3 * len(told)


@pytest.mark.parametrize(
    "unit", ["\u0316\u0300", "か\u3099", '"', "\\", "@", "xn--", ".", "。", "İ", '"\\"']
)
def test_what_is_longer_than_any_address_is_folded_in_no_time(unit):
    told = unit * 400_000
    assert fold_recipient(told) == told.strip().lower()
    short = unit * (LONGEST // len(unit))
    assert fold_recipient(fold_recipient(short)) == fold_recipient(short)


@pytest.mark.parametrize(
    ("told", "folded"),
    [
        ('"a"@example.jp', "a@example.jp"),
        ('"a b"@Example.jp', '"a b"@example.jp'),
        ("a b@example.jp", "a b@example.jp"),
        ('"a\\"b"@example.jp', '"a\\"b"@example.jp'),
        ('"unclosed@example.jp', '"unclosed@example.jp'),
        ("a+x@example.jp", "a+x@example.jp"),
        ("taro@XN--WGV71A119E.jp", "taro@日本語.jp"),
        ("taro@日本語.jp.", "taro@日本語.jp"),
        ("taro@example..", "taro@example.."),
        ("taro@xn--a-.jp", "taro@xn--a-.jp"),
        ("taro@[192.0.2.1]", "taro@[192.0.2.1]"),
        ("ΟΔΟΣ@example.jp", "οδοσ@example.jp"),
        ("A.", "a."),
    ],
)
def test_an_address_folds_as_its_standard_says(told, folded):
    assert fold_recipient(told) == folded
