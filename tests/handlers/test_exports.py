"""The CSV files: every column has its cell, formulas are harmless, complaints are private."""

import csv
import io
from datetime import timedelta

import pytest

from handlers.exports import CELLS, COLUMNS, Words, content
from handlers.requests import ask, decide, draft
from handlers.resends import carry_out
from handlers.wishes import Wish
from handlers.wording import say
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading
from storage.lists import ListEntry, ListName, Membership
from storage.people import Person
from storage.requests import Action
from storage.views import CaseQuery
from tests.handlers.conftest import ADMIN, APPROVER

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


@pytest.mark.parametrize("sign", ["=", "＝", "＋", "－", "＠", "\n="])
def test_a_japanese_excel_reads_full_width_signs_too(rows, told, sign):
    told.failure(Kind.HARD_BOUNCE, TARO, tag=f"{sign}1+1")
    (row,) = rows(locale="en")
    assert row[say("column.subject_or_tag", "en")].startswith("'")


def test_what_became_of_the_request_stands_in_its_row(rows, house, told):
    told.failure(Kind.HARD_BOUNCE, TARO)
    removal = draft(
        house, action=Action.REMOVE, medium=Medium.EMAIL, subject=TARO.upper(), asked_by=ADMIN
    )
    ask(house, removal)
    assert rows(raw=True)[0]["request"] == "open"


def test_what_became_of_the_resend_stands_in_its_row(rows, house, told):
    failure = told.refused_message(Kind.DAILY_CAP)
    at = failure.occurred_at
    wish = Wish(kinds=(Kind.DAILY_CAP,), since=at, until=at + timedelta(seconds=1))
    request = draft(
        house,
        action=Action.RESEND,
        medium=Medium.LINE_WORKS,
        subject=wish.subject(),
        asked_by=ADMIN,
    )
    ask(house, request)
    carry_out(house, decide(house, request.id, APPROVER, yes=True))
    assert rows(Medium.LINE_WORKS, raw=True)[0]["resend"] == "planned"


@pytest.mark.parametrize("for_approvers", [True, False])
def test_a_list_of_the_recipients_will_is_named_to_approvers_only(rows, house, told, for_approvers):
    told.failure(Kind.HARD_BOUNCE, TARO)
    entry = ListEntry(name=ListName.SPAM_REPORTS, address=TARO)
    held = Membership(entries=(entry,), read_at=house.now())
    house.store.set_membership(house.tenant, TARO, held, house.now())
    named = rows(raw=True, for_approvers=for_approvers)[0]["list"]
    assert named == ("spam_reports" if for_approvers else "stopped_by_recipient")
