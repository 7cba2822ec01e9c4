"""Bytes as records: encodings, delimiters, quotes, and the lines they stand in."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports.text import FileError, encoding_named, encoding_of, misfit, records

JAPANESE = "日時,宛先\r\n2026/11/20,taro@example.jp\r\n"


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("utf-16", "utf-16")],
)
def test_an_encoding_is_found_out(file, written, found):
    path = file(JAPANESE, encoding=written)
    assert encoding_of(path) == found
    assert next(one.cells for one in records(path, found, ",")) == ["日時", "宛先"]


def test_utf_16_of_the_other_end_is_met_too(file):
    path = file(b"\xfe\xff" + JAPANESE.encode("utf-16-be"))
    assert encoding_of(path) == "utf-16"


@pytest.mark.parametrize("said", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_mark_is_no_part_of_the_first_cell_where_the_encoding_is_said(file, said):
    path = file(('\ufeff"日時",宛先\n').encode(said))
    assert [one.cells for one in records(path, said, ",")] == [["日時", "宛先"]]


@pytest.mark.parametrize(
    "name",
    ["utf-9", "rot13", "base64", "hex", "zlib", "undefined", "idna", "punycode", "unicode_escape"],
)
def test_what_no_file_is_written_in_is_no_encoding(name):
    with pytest.raises(LookupError):
        encoding_named(name)


@pytest.mark.parametrize(
    ("called", "known"), [("UTF8", "utf-8"), ("ms932", "cp932"), ("utf_16_le", "utf-16-le")]
)
def test_an_encoding_may_be_called_as_people_call_it(called, known):
    assert encoding_named(called) == known


@pytest.mark.parametrize("said", ["utf-16", "utf-32"])
def test_a_mark_that_is_missing_is_in_line_1(file, said):
    assert misfit(file("日時,宛先\n"), said) == 1


def test_utf_16_without_its_mark_is_guessed_by_nobody(file):
    with pytest.raises(FileError, match="--encoding utf-16-le"):
        encoding_of(file("a,b".encode("utf-16-le")))


def test_bytes_in_no_encoding_name_their_lines(file):
    with pytest.raises(FileError, match=r"not UTF-8 \(line 3\) and not CP932 \(line 3\)"):
        encoding_of(file(b"a\nb\n\xff\n"))


def test_a_character_that_is_cut_at_the_end_is_noticed(file):
    assert misfit(file("a\nあ".encode()[:-1]), "utf-8") == 2
    assert misfit(file("a\nあ".encode()), "utf-8") == 0


def test_a_character_may_stand_on_the_border_of_two_reads(file, monkeypatch):
    monkeypatch.setattr("bot.imports.text._CHUNK", 4)
    assert misfit(file("aaa" + "あ" * 5), "utf-8") == 0
    assert misfit(file(b"aaa\n" + "あ".encode()[:2] + b"\n"), "utf-8") == 2


def test_a_quoted_cell_may_hold_line_ends_and_the_lines_are_still_right(file):
    path = file('a,b\n"one\ntwo",2\nx,"y"\n')
    assert [(one.line, one.end) for one in records(path, "utf-8", ",")] == [(1, 1), (2, 3), (4, 4)]


def test_empty_lines_are_no_records_and_still_count(file):
    assert [one.line for one in records(file("a\n\n , \nb\n"), "utf-8", ",")] == [1, 4]


def test_a_quote_that_is_never_closed_is_said_where_it_opens(file):
    [good, bad] = records(file('a,b\n"open,1\nc,d\n'), "utf-8", ",")
    assert good.cells == ["a", "b"]
    assert (bad.line, bad.broken) == (2, "a quote is opened here and never closed")


def test_a_quote_that_is_never_closed_does_not_swallow_a_whole_file(file):
    path = file('"open' + "x" * 300_000 + "\nlast,1\n")
    [bad, *_, last] = records(path, "utf-8", ",")
    assert bad.broken == "a quote is opened here and never closed"
    assert last.cells == ["last", "1"]


def test_a_stray_quote_spoils_its_own_line_only(file):
    [bad, good] = records(file('"a"b,c\nd,e\n'), "utf-8", ",")
    assert bad.broken.startswith("is no row of cells")
    assert good.cells == ["d", "e"]


def test_how_far_it_is_read_is_heard(file):
    heard = []
    path = file("a,b\n" * 2000)
    assert len(list(records(path, "utf-8", ",", heard.append))) == 2000
    assert heard == sorted(heard)
    assert heard[-1] == path.stat().st_size


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6), tab=st.booleans())
def test_whatever_is_written_as_csv_is_read_as_it_was(rows, tab, tmp_path_factory):
    delimiter = "\t" if tab else ","
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(text.getvalue().encode())
    read = [one.cells for one in records(path, "utf-8", delimiter)]
    assert read == [row for row in rows if any(cell.strip() for cell in row)]
