"""The CSV files: every column has its cell, formulas are harmless, complaints are private."""

import csv
import io

import pytest

from handlers.exports import CELLS, COLUMNS, Words, content
from handlers.wording import say
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading
from storage.people import Person
from storage.store import CaseQuery

TARO = "taro@example.jp"


@pytest.fixture
def rows(house):
    def written(medium=Medium.EMAIL, *, locale="ja", raw=False, for_approvers=False):
        words = Words(house, locale, raw=raw, for_approvers=for_approvers)
        data, _ = content(words, medium, CaseQuery(medium=medium))
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))

    return written


def test_every_column_has_a_cell_and_a_header_in_both_languages():
    for columns in COLUMNS.values():
        for column in columns:
            assert column in CELLS
            assert say(f"column.{column}", "ja")


def test_a_row_speaks_the_readers_language(rows, told):
    told.failure(Kind.HARD_BOUNCE, TARO, reading=Reading(cause=Cause.MAILBOX_FULL))
    (row,) = rows()
    assert row["エラー種別"] == "恒久的な拒否(ハードバウンス)"
    assert row["原因"] == "空き容量不足"


def test_raw_rows_keep_the_machine_names(rows, told):
    told.failure(Kind.DROPPED, TARO, dropped_by=DroppedBy.BOUNCE_LIST)
    (row,) = rows(raw=True)
    assert (row["kind"], row["recipient"]) == ("dropped.bounce_list", TARO)
    assert row["occurred_at"].endswith("+09:00")


def test_a_cell_that_looks_like_a_formula_is_only_text(rows, told):
    told.failure(Kind.HARD_BOUNCE, TARO, provider_text='=HYPERLINK("x")', tag="@SUM(A1)")
    (row,) = rows(locale="en")
    assert row[say("column.provider_text", "en")].startswith("'=")
    assert row[say("column.subject_or_tag", "en")].startswith("'@")


def test_the_file_begins_with_the_mark_that_excel_needs(house, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    words = Words(house, "ja", raw=False, for_approvers=False)
    data, count = content(words, Medium.EMAIL, CaseQuery(medium=Medium.EMAIL))
    assert data.startswith(b"\xef\xbb\xbf")
    assert count == 1


def test_who_is_behind_the_address_is_named(rows, house, told):
    house.store.put_people(house.tenant, [Person(id="p", name="山田太郎", email=TARO)])
    told.failure(Kind.HARD_BOUNCE, TARO)
    assert rows()[0]["氏名"] == "山田太郎"


@pytest.mark.parametrize("for_approvers", [True, False])
def test_a_complaint_is_named_to_approvers_only(rows, told, for_approvers):
    told.failure(Kind.SPAM_REPORT, TARO, provider_text="complained")
    (row,) = rows(for_approvers=for_approvers)
    assert (row["エラー種別"] == "迷惑メール報告") is for_approvers
    assert ("complained" in row.values()) is for_approvers


def test_line_works_has_a_file_of_its_own(rows, told):
    told.refused_message(Kind.DAILY_CAP)
    assert rows() == []
    (row,) = rows(Medium.LINE_WORKS, locale="en")
    assert row[say("column.line_works_id", "en")] == "hanako@works"
