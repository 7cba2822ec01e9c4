"""A whole file: what it was taken for, every row with its line, parts of bounded size."""

import io
import zipfile

import pytest

from bot.imports import preview
from bot.imports.reading import PART, layout_of, read
from bot.imports.text import FileError
from storage.failures import Kind

SCREEN = "日時,宛先,エラー,原因,備考\n2026/11/20 9:05,taro@example.jp,ソフトバウンス,満杯,x\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_file_is_read_however_it_was_saved(told, encoding, delimiter):
    [failure], found = told(SCREEN.replace(",", delimiter).encode(encoding))
    assert (failure.kind, failure.recipient) == (Kind.SOFT_BOUNCE, "taro@example.jp")
    assert found.layout.delimiter == delimiter


def test_titles_above_the_headers_are_passed_over(told):
    _, found = told("通知エラー一覧\n期間,2026/11/01,2026/11/20\n\n" + SCREEN)
    assert (found.layout.header.line, found.rows, found.bad) == (4, 1, 0)


def test_the_encoding_that_is_said_must_fit(file):
    with pytest.raises(FileError, match="is not utf-8 in line 1: say another --encoding"):
        layout_of(file(SCREEN.encode("cp932")), encoding="utf-8")


def test_a_file_that_is_nothing_known_says_what_there_is(file):
    with pytest.raises(FileError, match="no headers in its first 10 lines.*--as export-email"):
        layout_of(file("a,b\n1,2\n"))


@pytest.mark.parametrize("text", [b"", b"\n\n\n", b" , \r\n", b"\xef\xbb\xbf", b"\x1a"])
def test_a_file_without_a_word_is_empty(file, text):
    with pytest.raises(FileError, match="^is empty$"):
        layout_of(file(text))


def archive(member):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        zipped.writestr(member, "<x/>")
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["", "cp932", "utf-16-le"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (archive("xl/workbook.xml"), "is an Excel workbook: save it as CSV"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "is an Excel workbook: save it as CSV"),
        (archive("mail.csv"), "is an archive: unpack it first"),
        (archive("xl/workbook.xml")[:40], "is an archive: unpack it first"),
    ],
    ids=["workbook", "old workbook", "archive", "cut archive"],  # its bytes hold the time
)
def test_a_workbook_is_told_from_text(file, content, said, encoding):
    with pytest.raises(FileError, match=said):
        layout_of(file(content), encoding=encoding)


def test_the_end_mark_of_dos_is_no_row(told):
    _, found = told((SCREEN + "\x1a").encode("cp932"))
    assert (found.rows, found.bad) == (1, 0)


def test_a_row_that_is_not_understood_spoils_no_other_and_names_its_lines(told):
    rows = (
        SCREEN
        + 'きのう,a@example.jp,bounce,"two\nlines",\n2026/11/20,b@example.jp,bounce,,,,more\n'
    )
    facts, found = told(rows + '2026/11/21,c@example.jp,deferred,,\n"open')
    assert [one.recipient for one in facts] == ["taro@example.jp", "c@example.jp"]
    assert [(one.line, one.end, one.reason) for one in found.troubles] == [
        (3, 4, "occurred_at: 'きのう' is no time"),
        (5, 5, "row: has 7 cells under 5 headers"),
        (7, 7, "row: a quote is opened here and never closed"),
    ]
    assert (found.rows, found.bad) == (5, 3)


def test_a_row_may_end_early_and_empty_cells_may_follow(told):
    facts, found = told(
        "日時,宛先,エラー,原因\n2026/11/20,a@example.jp,deferred\n2026/11/20,b@example.jp,deferred,,,\n"
    )
    assert (len(facts), found.bad) == (2, 0)


def test_troubles_are_counted_all_and_shown_some(told, given):
    _, found = told(SCREEN + "きのう,a@example.jp,bounce,,\n" * 30)
    assert (found.bad, len(found.troubles)) == (30, 20)
    assert "  and 10 more" in list(preview.lines("a.csv", found, given))


def test_a_cell_that_was_made_harmless_is_restored_but_for_raw_files(told):
    [failure], _ = told("日時,宛先,エラー,原因\n2026/11/20,a@example.jp,deferred,'=later\n")
    assert failure.provider_text == "=later"
    raw = (
        "occurred_at,person,recipient,kind,cause,permanence,provider_text,status,list,"
        "subject_or_tag,times_seen,state,request,remedy\n"
        "2026-11-20T00:00:00Z,,a@example.jp,deferred,other,soft,'=later,,,,1,open,,\n"
    )
    [failure], _ = told(raw)
    assert failure.provider_text == "'=later"


def test_parts_are_bounded(file, given):
    rows = "".join(f"2026/11/20,{n}@example.jp,deferred,,\n" for n in range(PART + 1))
    path = file("日時,宛先,エラー,原因,備考\n" + rows)
    parts = []
    read(path, layout_of(path), given, parts.append)
    assert [len(part.failures) for part in parts] == [PART, 1]


def test_the_preview_says_what_why_and_how_many(told, given):
    _, found = told(
        SCREEN
        + "2026/11/19,b@example.jp,dropped,バウンスリスト,\n"
        + "きのう,c@example.jp,bounce,,\n"
    )
    shown = "\n".join(preview.lines("a.csv", found, given))
    for words in (
        "a.csv: a list of e-mail failures of another system (screen-email), by the words in its",
        "utf-8, cells between commas, headers in line 1",
        "日時 = occurred_at, 宛先 = recipient, エラー = kind, 原因 = cause",
        "not known, left out: 備考",
        "times without a zone: Asia/Tokyo",
        "rows: 3: soft_bounce 1, dropped 1, not understood 1",
        "older than this installation, so no news: 1",
        "line 3: dropped.bounce_list  b@example.jp  2026-11-19 00:00:00+09:00",
        "  line 4: occurred_at: 'きのう' is no time",
    ):
        assert words in shown


def test_the_preview_of_people_and_of_what_tells_no_failure(told, given):
    _, found = told("氏名,メールアドレス,LINE WORKS ID\n白川 静,アドレスなし,\n")
    assert "  白川 静  no address" in "\n".join(preview.lines("a.csv", found, given))
    rows = "processed,message_id,event,email\n2026-11-20,m,open,a@example.jp\n2026-11-20,m,delivered,a@example.jp\n"
    _, found = told(rows)
    shown = "\n".join(preview.lines("a.csv", found, given))
    assert "rows: 2: delivered 1, tell of no failure 1" in shown
    assert "line 2: no failure" in shown
    assert "line 3: delivered  a@example.jp  2026-11-20 09:00:00+09:00" in shown
    assert "times without a zone: UTC" in shown
