"""A file's bytes as records with their line numbers, as Excel and others write them.

UTF-8 with or without its mark, CP932, UTF-16 with its mark; comma, tab or
semicolon between the cells; quoted cells may hold line ends.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

DELIMITERS = (",", "\t", ";")
# Longer than any reply; a quote that is never closed must not swallow the file.
_LONGEST_CELL = 256 * 1024
_CHUNK = 1 << 20
_OFTEN = 500  # records
# What Python makes of bytes that stand for nothing in CP932.
_NO_CHARACTER = re.compile("[\uf8f0-\uf8f3]")
_MARK = "\ufeff"
# Without this mark nobody writes UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Programs of DOS, and some after them, write this behind the last line.
_DOS_END = "\x1a"
# What a workbook begins with: that of today is a ZIP archive, one of old or with a password is not.
_ZIPPED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# Python's names for what no file is written in, though it turns text into bytes.
_NO_FILES = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))


class FileError(ValueError):
    """The file as a whole cannot be read; the text says the mend."""


class Record(NamedTuple):
    """One record. `line`: its first line, from 1; `end`: its last. `broken` says what is wrong."""

    line: int
    end: int
    cells: list[str]
    broken: str = ""


def refuse_no_text(path: Path) -> None:
    """FileError for what holds no lines of text, whatever encoding is said."""
    # A pipe gives what it holds once; we read a file several times.
    if not path.is_file():
        raise FileError("is no ordinary file: save it to a file first")
    with path.open("rb") as file:
        start = file.read(len(_ZIPPED))
    if start == _OLD_OFFICE or (start == _ZIPPED and _holds_sheets(path)):
        raise FileError("is an Excel workbook: save it as CSV")
    if start == _ZIPPED:
        raise FileError("is an archive: unpack it first")


def _holds_sheets(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def encoding_named(name: str) -> str:
    """Python's name for what is called so; LookupError where no file is written in it."""
    known = codecs.lookup(name).name
    if known in _NO_FILES:
        raise LookupError(name)
    "a".encode(known)  # refuses what is no encoding of text, such as base64
    return known


def encoding_of(path: Path) -> str:
    """By its mark, else the first of UTF-8 and CP932 that fits all of it."""
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        raise FileError("holds NULs: if it is UTF-16 without its mark, say --encoding utf-16-le")
    troubles = []
    for encoding in ("utf-8", "cp932"):
        line = misfit(path, encoding)
        if not line:
            return encoding
        troubles.append(f"not {encoding.upper()} (line {line:,})")
    raise FileError(f"is {' and '.join(troubles)}: say --encoding, or save it as UTF-8")


def misfit(path: Path, encoding: str) -> int:
    """The first line that is not in this encoding; 0 where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].decode(encoding, "ignore").count("\n")
            except UnicodeError:  # UTF-16 and UTF-32 without their mark
                return line
            if encoding == "cp932" and (odd := _NO_CHARACTER.search(text)):
                return line + text.count("\n", 0, odd.start())
            line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return line
    return 0


def records(
    path: Path, encoding: str, delimiter: str, progress: Callable[[int], None] = lambda _: None
) -> Iterator[Record]:
    """Every record that is not empty; `progress` hears now and then how many bytes are read."""
    csv.field_size_limit(_LONGEST_CELL)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, newline="") as file:
        # The mark belongs to no header, be the encoding found out or said.
        if file.read(1) != _MARK:
            file.seek(0)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for count in itertools.count(1):
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield Record(first, reader.line_num, [], _said(error))
                continue
            if count % _OFTEN == 0:
                progress(raw.tell())
            if any(cell.strip() for cell in cells) and cells != [_DOS_END]:
                yield Record(first, reader.line_num, cells)


def _said(error: csv.Error) -> str:
    if "unexpected end" in str(error) or "limit" in str(error):
        return "a quote is opened here and never closed"
    return f"is no row of cells: {error}"
