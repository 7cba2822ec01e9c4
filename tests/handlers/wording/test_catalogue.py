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
from storage.requests import RequestState, ResendState

ENTRIES = catalogue.entries()
LINE_WORKS_TEXT = 2000
LINE_WORKS_LABEL = 20
SLACK_TITLE = 24
FORMS = {"ja", "ja_one", "en", "en_one"}
BUTTONS = [key for key in ENTRIES if key.startswith("button.")]
ANSWERS = [key for key in ENTRIES if key.startswith("answer.")]

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
    *(f"resend_state.{state}" for state in ResendState),
]


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def longest(key: str) -> int:
    return max(map(utf16_units, ENTRIES[key].values()))


def test_every_sentence_has_both_languages():
    wrong = [key for key in ENTRIES if not {"ja", "en"} <= set(ENTRIES[key]) <= FORMS]
    assert wrong == []


def test_no_sentence_is_empty_or_padded():
    assert [
        key for key in ENTRIES if any(t.strip() != t or not t for t in ENTRIES[key].values())
    ] == []


def test_both_languages_have_the_same_named_slots():
    assert [key for key, entry in ENTRIES.items() if slots(entry["ja"]) != slots(entry["en"])] == []
    assert all(name.isidentifier() for entry in ENTRIES.values() for name in slots(entry["en"]))


@pytest.mark.parametrize("spoken", ["ja", "en"])
def test_a_singular_stands_beside_a_count(spoken):
    singular = [entry for entry in ENTRIES.values() if f"{spoken}_one" in entry]
    assert singular
    assert [one for one in singular if "count" not in slots(one[spoken])] == []
    assert [one for one in singular if not slots(one[f"{spoken}_one"]) <= slots(one[spoken])] == []


def test_no_sentence_is_too_long_for_line_works():
    assert [key for key in ENTRIES if longest(key) > LINE_WORKS_TEXT] == []


def test_every_title_of_a_form_fits_slack():
    titles = [key for key in ENTRIES if re.search(r"\.form\.(title|submit)$", key)]
    assert titles
    assert [key for key in titles if longest(key) > SLACK_TITLE] == []


def test_every_button_fits_a_line_works_label():
    assert [key for key in [*BUTTONS, *ANSWERS] if longest(key) > LINE_WORKS_LABEL] == []


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_no_two_buttons_read_alike(locale):
    labels = Counter(ENTRIES[key][locale] for key in BUTTONS)
    assert max(labels.values()) == 1


def test_no_button_leaves_open_what_it_does():
    vague = re.compile("^(OK|はい|いいえ|Yes|No)$|削除|実行")
    assert [key for key in BUTTONS if any(map(vague.search, ENTRIES[key].values()))] == []


def test_words_that_mislead_are_avoided():
    assert [key for key in ENTRIES if WORDS_WE_AVOID.search(ENTRIES[key]["ja"])] == []
    english = {key: re.sub(r"{\w+}", "", ENTRIES[key]["en"]) for key in ENTRIES}
    assert [key for key in english if ENGLISH_WE_AVOID.search(english[key])] == []


def test_everything_that_has_a_machine_name_has_a_label():
    assert [key for key in NAMED if key not in ENTRIES] == []


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


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 request under way"), (2, "2 requests under way")]
)
def test_one_is_singular_in_english(count, text):
    assert say("pending.summary", "en", count=count) == text


def test_a_singular_that_is_not_needed_is_not_written():
    assert (
        say("digest.examples_and_more", "en", examples="x", count=1)
        == "For example: x, plus 1 more"
    )


def test_whole_numbers_are_grouped_and_words_are_not():
    assert say("pending.summary", "ja", count=12000) == "申請中 12,000件"
    assert say("lookup.named", "ja", name="2026", recipient="{x}") == "2026({x})"


def test_a_missing_slot_is_named():
    with pytest.raises(KeyError, match=r"'pending\.summary' needs the slot 'count'"):
        say("pending.summary", "ja")


def test_no_command_word_means_two_things():
    words = Counter(
        word
        for key in ENTRIES
        if key.startswith("typed.")
        for locale in ("ja", "en")
        for word in ENTRIES[key][locale].split()
    )
    assert max(words.values()) == 1


def test_every_command_is_explained_by_its_first_word():
    for key in (key for key in ENTRIES if key.startswith("typed.")):
        for locale in ("ja", "en"):
            line = say(key.replace("typed.", "help."), locale, prefix="")
            assert line.startswith(say(key, locale).split()[0])


def test_every_source_says_how_far_it_was_read_and_that_it_has_said_nothing():
    for source in Source:
        assert {f"coverage.{source}", f"coverage.{source}_silent"} <= set(ENTRIES)
