"""The sentences as data: both languages, equal slots, lengths, words that we do not use."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from string import Formatter

import pytest

from handlers.wording import catalogue, say
from storage.cases import CaseState
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender, Permanence, Source
from storage.lists import ListName
from storage.requests import Outcome, RequestState, ResendState

ENTRIES = catalogue.entries()
LINE_WORKS_TEXT = 2000
LINE_WORKS_LABEL = 20
BUTTONS = [key for key in ENTRIES if key.startswith("button.")]

WORDS_WE_AVOID = re.compile(
    "ブラックリスト|ホワイトリスト|クォータ|サプレッション|スパム|アドレスを削除|レートリミット"
    "|スロットリング|保留|不正な|ことができ|ブロック(?!リスト)|迷惑メールフォルダ(?!ー)|フィルタ(?!ー)"
    "|届きました|読まれ|いたします|ユーザーID|配信済み"
)
ENGLISH_WE_AVOID = re.compile(
    r"black ?list|white ?list|spam folder|trash|\bemails?\b", re.IGNORECASE
)

NAMED = [
    *(f"kind.{kind}" for kind in Kind),
    *(f"kind.dropped.{dropped_by}" for dropped_by in DroppedBy),
    *(f"cause.{cause}" for cause in Cause),
    *(f"mender.{mender}" for mender in Mender),
    *(f"permanence.{permanence}" for permanence in Permanence),
    *(f"medium.{medium}" for medium in Medium),
    *(f"source.{source}" for source in Source),
    *(f"list.{name}" for name in ListName),
    *(f"state.{state}" for state in CaseState),
    *(f"request_state.{state}" for state in RequestState),
    *(f"outcome.{outcome}" for outcome in Outcome),
    *(f"resend_state.{state}" for state in ResendState),
]


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("key", ENTRIES)
def test_every_sentence_has_both_languages(key):
    assert {"ja", "en"} <= set(ENTRIES[key]) <= {"ja", "en", "en_one"}
    assert all(text.strip() == text != "" for text in ENTRIES[key].values())


@pytest.mark.parametrize("key", ENTRIES)
def test_both_languages_have_the_same_named_slots(key):
    entry = ENTRIES[key]
    assert slots(entry["ja"]) == slots(entry["en"])
    assert all(name.isidentifier() for name in slots(entry["en"]))


@pytest.mark.parametrize("key", [key for key in ENTRIES if "en_one" in ENTRIES[key]])
def test_an_english_singular_stands_beside_a_count(key):
    entry = ENTRIES[key]
    assert "count" in slots(entry["en"])
    assert slots(entry["en"]) - {"count"} <= slots(entry["en_one"]) <= slots(entry["en"])


@pytest.mark.parametrize("key", ENTRIES)
def test_no_sentence_is_too_long_for_line_works(key):
    assert max(map(utf16_units, ENTRIES[key].values())) <= LINE_WORKS_TEXT


@pytest.mark.parametrize("key", BUTTONS)
def test_every_button_fits_a_line_works_label(key):
    assert max(map(utf16_units, ENTRIES[key].values())) <= LINE_WORKS_LABEL


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_no_two_buttons_read_alike(locale):
    labels = Counter(ENTRIES[key][locale] for key in BUTTONS)
    assert max(labels.values()) == 1


@pytest.mark.parametrize("key", BUTTONS)
def test_no_button_leaves_open_what_it_does(key):
    assert not re.search("^(OK|はい|いいえ|Yes|No)$|削除|実行", ENTRIES[key]["ja"])


@pytest.mark.parametrize("key", ENTRIES)
def test_words_that_mislead_are_avoided(key):
    assert not WORDS_WE_AVOID.search(ENTRIES[key]["ja"])
    assert not ENGLISH_WE_AVOID.search(ENTRIES[key]["en"])


@pytest.mark.parametrize("key", NAMED)
def test_everything_that_has_a_machine_name_has_a_label(key):
    assert key in ENTRIES


def test_every_area_lives_in_one_file():
    names = [file.name for file in files("handlers.wording").iterdir()]
    areas = Counter(
        area
        for name in names
        if name.endswith(".toml") and name != catalogue.REMEDIES
        for area in catalogue.read(name)
    )
    assert max(areas.values()) == 1


def test_a_label_is_found_by_its_dotted_name():
    assert say("kind.dropped.bounce_list", "ja") == "送信前に破棄(バウンスリスト)"
    assert say("kind.dropped", "en") == "Not sent"


@pytest.mark.parametrize(
    ("locale", "label"),
    [("ja", "承認"), ("ja_JP", "承認"), ("ja-JP", "承認"), ("en", "Approve"), ("de", "Approve")],
)
def test_anything_but_japanese_reads_english(locale, label):
    assert say("button.approve", locale) == label


def test_an_unknown_sentence_is_named():
    with pytest.raises(KeyError, match=r"no wording for 'button\.nonsense'"):
        say("button.nonsense", "ja")
