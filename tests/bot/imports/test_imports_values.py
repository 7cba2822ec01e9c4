"""Cells: times as people and programs write them, counts, words for what happened."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as told
from hypothesis import strategies as st

from bot.imports.values import (
    HIDDEN,
    CellError,
    moment,
    our_kind,
    said_kind,
    said_list,
    times_seen,
    unescaped,
)
from handlers.wording import say
from storage.failures import KINDS, DroppedBy, Kind, Medium
from tests.bot.imports.conftest import NOW

AT = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-20T09:05:00+09:00",
        "2026-11-20 09:05:00",
        "2026/11/20 9:05",
        "2026/11/20 09:05:00",
        "2026年11月20日 9時5分",
        "2026年11月20日(金) 9:05",
        "2026-11-20 00:05:00 UTC",
        "2026-11-20 00:05:00 +0000 UTC",
        "2026-11-20T00:05:00Z",
        "1795133100",
        " 2026/11/20 9:05 ",
    ],
)
def test_a_time_is_read_however_it_is_written(cell, given):
    assert moment("occurred_at", cell, given) == AT


def test_a_day_alone_begins_at_midnight(given):
    assert moment("occurred_at", "2026/11/20", given) == datetime(2026, 11, 19, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "is missing"),
        ("きのう", "is no time"),
        ("2026/13/01", "is no time"),
        ("2026/11/20 25:00", "is no time"),
        ("99999999999999", "is no time"),
        ("0", "before the year 2000"),
        ("1999-12-31", "before the year 2000"),
        ("2026-11-24", "lies in the future"),
        ("9999-12-31T23:59:59-12:00", "is no time"),
    ],
)
def test_a_time_that_cannot_be_says_so(cell, said, given):
    with pytest.raises(CellError, match=f"occurred_at: .*{said}"):
        moment("occurred_at", cell, given)


def test_clocks_may_differ_by_an_hour(given):
    cell = (NOW + timedelta(minutes=59)).isoformat()
    assert moment("occurred_at", cell, given) > NOW


@told(cell=st.text(st.sampled_from("0123456789-/:年月日時分 TZ+(金)."), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cell_is_a_time_or_no_time(cell, given):
    try:
        assert moment("x", cell, given).tzinfo is UTC
    except CellError as error:
        assert str(error).startswith("x: ")  # noqa: PT017 - either is right


@pytest.mark.parametrize(("cell", "count"), [("", 1), ("3", 3), ("3回", 3), (" 12 ", 12)])
def test_a_count(cell, count):
    assert times_seen(cell) == count


@pytest.mark.parametrize("cell", ["0", "-1", "many", "1.5", "9999999", "9" * 5000])
def test_a_count_that_is_none_says_so(cell):
    with pytest.raises(CellError, match="is no count"):
        times_seen(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("'＝1", "＝1"),
        ("'quoted'", "'quoted'"),
        ("=1", "=1"),
        ("'", "'"),
        ("", ""),
    ],
)
def test_a_cell_that_was_made_harmless_is_as_it_was(cell, text):
    assert unescaped(cell) == text


@pytest.mark.parametrize("medium", Medium)
def test_every_kind_is_known_by_its_names(medium):
    for kind in KINDS[medium]:
        for name in (kind.value, say(f"kind.{kind}", "ja"), say(f"kind.{kind}", "en")):
            assert our_kind(name, medium)[0] is kind


@pytest.mark.parametrize("by", DroppedBy)
def test_every_sort_of_drop_is_known_by_its_names(by):
    for name in (f"dropped.{by}", say(f"kind.dropped.{by}", "ja"), say(f"kind.dropped.{by}", "en")):
        assert our_kind(name, Medium.EMAIL) == (Kind.DROPPED, by)


def test_a_kind_of_the_other_medium_is_none():
    assert our_kind("daily_cap", Medium.EMAIL) is None
    assert our_kind("dropped.bounce_list", Medium.LINE_WORKS) is None
    assert our_kind("", Medium.EMAIL) is None


def test_what_is_hidden_is_known_as_hidden():
    assert "stoppedbyrecipient" in HIDDEN


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ソフトバウンス", Kind.SOFT_BOUNCE),
        ("Hard Bounce", Kind.HARD_BOUNCE),
        ("deferred", Kind.DEFERRED),
        ("dropped(破棄)", Kind.DROPPED),
        ("不正な宛先リスト", Kind.INVALID_ADDRESS),
        ("bounce", None),
        ("何か", None),
    ],
)
def test_other_peoples_words_for_mail(words, kind):
    assert said_kind(words, Medium.EMAIL) is kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("メッセージの送信頻度が高すぎます", Kind.TOO_FREQUENT),
        ("短時間に送信し過ぎています", Kind.TOO_FREQUENT),
        ("1日に送信できる最大数を超えました", Kind.DAILY_CAP),
        ("ユーザーのLINE WORKS IDが存在しません", Kind.NO_SUCH_ID),
        ("組織のドメインに存在しないLINE WORKS IDです", Kind.ID_OUTSIDE_DOMAIN),
        ("組織のドメイン情報が正しくありません", Kind.WRONG_DOMAIN_INFO),
        ("OAuth Scopesが正しくありません", Kind.MISSING_SCOPE),
        ("その他", None),
    ],
)
def test_other_peoples_words_for_line_works(words, kind):
    assert said_kind(words, Medium.LINE_WORKS) is kind


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("dropped\nBounced Address", DroppedBy.BOUNCE_LIST),
        ("バウンスリストに登録", DroppedBy.BOUNCE_LIST),
        ("迷惑メール報告リスト", DroppedBy.SPAM_REPORT_LIST),
        ("配信停止リスト", DroppedBy.UNSUBSCRIBE_LIST),
        ("不正な宛先リスト", DroppedBy.INVALID_LIST),
        ("dropped", DroppedBy.OTHER),
    ],
)
def test_which_list_a_drop_speaks_of(words, name):
    assert said_list(words) is name
