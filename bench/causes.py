"""Reading a refusal: against storing it, against other engines, and when the text is hostile."""

from __future__ import annotations

import random
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import re2

from bench.bars import Bar, paired
from handlers.causes import RuleSet, built_in, read
from handlers.causes.phrases import Phrase, fold
from storage.sqlite import schema

_TEXTS = 2000
_HOSTILE = 64 * 1024
_LITTLE = 2048
_ROWS = 1_000_000
_TURNS = 8  # one to warm up, seven that count
_PRAGMAS = (
    "page_size = 8192", "journal_mode = WAL", "synchronous = NORMAL", "cache_size = -64000",
    "wal_autocheckpoint = 8000",
)  # fmt: skip
_FILLING = "550 5.1.1 <taro@example.co.jp>: Recipient address rejected: User unknown"
_RAW = (
    '{{"email":"taro@example.co.jp","event":"bounce","type":"bounce","status":"5.1.1",'
    '"timestamp":1790000031,"reason":"{}","sg_message_id":"Ab12Cd34Ef56Gh78Ij90Kl.recvd-1",'
    '"smtp-id":"<Ab12Cd34Ef56Gh78Ij90Kl@geopod-ismtpd-7>","tls":1,"ip":"192.0.2.10"}}'
)


def bars() -> list[Bar]:
    rules = built_in()
    texts = _typical(rules)
    return [_against_rows(texts), *_against_engines(texts, rules), _hostile(texts, rules)]


def _typical(rules: RuleSet) -> list[str]:
    """The rules' own examples as servers would send them: with an address, a host and an id."""
    chance = random.Random(1)
    examples = [text for rule in rules.rules for text in rule.examples]
    return [
        f"{chance.choice(examples)} <user{number}@example.co.jp> "
        f"(in reply to RCPT TO; mx{number % 7}.example.co.jp, id {number:08x}-{number * 7:x})"
        for number in range(_TEXTS)
    ]


def _against_rows(texts: Sequence[str]) -> Bar:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(_filled(Path(folder) / "rows.db")) as rows,
    ):
        batches = _batches(rows, texts)
        ours, control = paired(
            lambda: [read(text) for text in texts], lambda: _insert(rows, next(batches))
        )
    print(
        f"one text read: {ours / len(texts) * 1e6:.1f} us ({len(texts) / ours:,.0f} a second), "
        f"one raw row inserted behind {_ROWS:,}: {control / len(texts) * 1e6:.1f} us"
    )
    return Bar(
        name="reading one text : one raw row insert",
        ratio=ours / control,
        floor=2.0,
        aim=0.8,
        better="lower",
    )


def _filled(path: Path) -> sqlite3.Connection:
    """The layout of `failures` with a million rows in it, opened as the store opens it."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    for statement in (*schema.INTAKE, *schema.RULE_SETS):
        connection.execute(statement)
    columns = _columns(connection)
    for start in range(0, _ROWS, _TEXTS):
        told = [_row(columns, start + number, _FILLING) for number in range(_TEXTS)]
        _insert(connection, told)
    return connection


def _batches(
    connection: sqlite3.Connection, texts: Sequence[str]
) -> Iterator[list[tuple[object, ...]]]:
    """Further rows, made ready before the clock runs."""
    columns = _columns(connection)
    made = [
        [
            _row(columns, _ROWS + turn * len(texts) + number, text)
            for number, text in enumerate(texts)
        ]
        for turn in range(_TURNS)
    ]
    return iter(made)


def _insert(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT INTO failures VALUES ({marks})", rows)  # noqa: S608 - marks
    connection.execute("COMMIT")


def _columns(connection: sqlite3.Connection) -> list[str]:
    return [row[1] for row in connection.execute("PRAGMA table_info(failures)")]


_NUMBERS = {"occurred_at", "times_seen", "history", "each_telling_counts", "told_at", "confidence"}


def _row(columns: Sequence[str], number: int, text: str) -> tuple[object, ...]:
    told: dict[str, object] = {
        "id": number + 1,
        "recipient_id": number * 2654435761 % 100_003,
        "source_id": f"{number:040x}",
        "provider_text": text,
        "raw": _RAW.format(text),
    }
    return tuple(told.get(name, 1 if name in _NUMBERS else "x") for name in columns)


def _against_engines(texts: Sequence[str], rules: RuleSet) -> list[Bar]:
    """The same words in regular expressions: rule after rule with `re`, all at once with RE2."""
    folded = [fold(text) for text in texts]
    phrases = [one for rule in rules.rules for one in rule.words]
    patterns = [re.compile(_pattern(one)) for one in phrases]
    finder = rules.finder
    some = folded[:200]
    ours, plain = paired(
        lambda: [finder.numbers(text) for text in some],
        lambda: [[n for n, one in enumerate(patterns) if one.search(text)] for text in some],
        rounds=3,
    )
    print(f"words found: {ours / 200 * 1e6:.1f} us a text; with re: {plain / 200 * 1e6:.1f} us")
    found = [_faster("finding all words : Python's re, rule after rule", plain / ours, 10, 50)]
    search = _re2(phrases)
    ours, other = paired(
        lambda: [finder.numbers(text) for text in folded],
        lambda: [search(one) for one in folded],
    )
    print(f"words found with a set of RE2: {other / len(folded) * 1e6:.1f} us a text")
    found.append(_faster("finding all words : a set of RE2", other / ours, 0.1, 1))
    # Fresh words make RE2 build a state a byte, so a little of them must do.
    hostile = fold(_hostile_texts(rules)["the rules' own words, shuffled"][:_LITTLE])
    ours, other = paired(lambda: finder.numbers(hostile), lambda: _re2(phrases)(hostile), rounds=1)
    print(
        f"{_LITTLE} bytes of the rules' words, shuffled: {ours * 1e3:.1f} ms, a set of RE2: {other * 1e3:.0f} ms"
    )
    found.append(_faster("finding all words when shuffled : a set of RE2", other / ours, 10, 100))
    return found


def _re2(phrases: Sequence[Phrase]) -> Callable[[str], Any]:
    """Without the bound on gaps, which RE2 would have to count in its states."""
    options = re2.Options()
    options.max_mem = 1 << 30
    found = re2.Set.SearchSet(options)
    for one in phrases:
        found.Add(_pattern(one, bounded=False))
    found.Compile()
    search: Callable[[str], Any] = found.Match
    return search


def _pattern(one: Phrase, *, bounded: bool = True) -> str:
    """A regular expression for the same phrase; neighbours share the blank between them."""
    pieces = ["|".join(sorted(map(re.escape, piece))) for piece in one.pieces]
    pattern = f"(?:{pieces[0]})"
    for piece, gap in zip(pieces[1:], one.gaps, strict=True):
        between = f".{{0,{gap}}}" if bounded else ".*"
        pattern += rf"{between}(?:{piece.replace(chr(92) + ' ', ' ?')})"
    return pattern


def _faster(name: str, ratio: float, floor: float, aim: float) -> Bar:
    return Bar(name=name, ratio=ratio, floor=floor, aim=aim, better="higher")


def _hostile(texts: Sequence[str], rules: RuleSet) -> Bar:
    """The dearest of several ways to make 64 KiB hard to read, per byte, against a typical text."""
    size = sum(len(text.encode()) for text in texts)
    worst, name = 0.0, ""
    for kind, text in _hostile_texts(rules).items():
        long = len(text.encode())
        ours, control = paired(lambda t=text: read(t), lambda: [read(one) for one in texts])  # type: ignore[misc]
        ratio = (ours / long) / (control / size)
        print(
            f"64 KiB of {kind}: {ours / long * 1e9:.0f} ns a byte ({ratio:.2f} of a typical text's)"
        )
        if ratio > worst:
            worst, name = ratio, kind
    print(f"dearest: {name}")
    return Bar(
        name="64 KiB of hostile text : typical text, per byte",
        ratio=worst,
        floor=2.0,
        aim=1.0,
        better="lower",
    )


def _hostile_texts(rules: RuleSet) -> dict[str, str]:
    chance = random.Random(2)
    pieces = [
        spelling.strip()
        for rule in rules.rules
        for one in (*rule.words, *rule.unless)
        for piece in one.pieces
        for spelling in sorted(piece)
        if spelling.isascii()
    ]
    words = " ".join(chance.choice(pieces) for _ in range(8000))
    told = {
        "the rules' own words, shuffled": words,
        "one word of many rules": "user " * 20_000,
        "halves of gaps": "user mailbox not unable " * 4000,
        "a word cut off": "unknow" * 12_000,
        "at signs": "@" * _HOSTILE,
        "addresses": "a@b." * 20_000,
        "numbers": "1.2.3." * 12_000,
        "reply codes": "550 5.1.1 " * 7000,
        "one letter": "a" * _HOSTILE,
        "punctuation": "<(.;:)>" * 10_000,
        "Japanese": "宛先不明ではありません" * 2200,
    }
    return {name: text[:_HOSTILE] for name, text in told.items()}
