"""What stands in a cell: times, counts, and the words for what happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TypeVar

from bot.imports.headers import LOCALES, plain
from handlers.causes import RuleSet
from handlers.exports import FORMULA
from handlers.wording import say
from storage.failures import KINDS, Cause, DroppedBy, Kind, Medium, Permanence

E = TypeVar("E", bound=StrEnum)

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SKEW = timedelta(hours=1)
_MOST_SEEN = 1_000_000
_DIGITS = 10  # of Unix seconds, until 2286
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(?:\([日月火水木金土]\)\s*)?(\d{1,2})[:時](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?)?"
    r"\s*(UTC|GMT|Z|JST|[+-]\d{2}:?\d{2})?(?:\s*UTC)?"
)
_ZONES = {"UTC": "+0000", "GMT": "+0000", "Z": "+0000", "JST": "+0900"}


class CellError(ValueError):
    """What is wrong with which column's cell."""

    def __init__(self, column: str, error: str) -> None:
        super().__init__(f"{column}: {error}")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is the same for every row of a file.

    `zone` is for times without one. What happened before `connected_at` is history.
    `judge` sorts a LINE WORKS answer: status, code and text to kind, and whether guessed.
    """

    zone: tzinfo
    now: datetime
    connected_at: datetime
    rules: RuleSet
    judge: Callable[[str, str, str], tuple[Kind, bool]]


def moment(column: str, cell: str, given: Given, zone: tzinfo | None = None) -> datetime:
    """ISO 8601, Unix seconds, or as spreadsheets and Japanese pages write it."""
    told = _moment(cell.strip(), zone or given.zone)
    if told is None:
        raise CellError(column, f"{cell!r} is no time" if cell.strip() else "is missing")
    if told > given.now + _SKEW:
        raise CellError(column, f"{cell!r} lies in the future")
    if told < _EARLIEST:
        raise CellError(column, f"{cell!r} lies before the year 2000")
    return told


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC) if len(text) <= _DIGITS else None
        iso = datetime.fromisoformat(text)
        return (iso if iso.tzinfo else iso.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _written(text, zone)


def _written(text: str, zone: tzinfo) -> datetime | None:
    found = _WRITTEN.fullmatch(text)
    if not found:
        return None
    *numbers, offset = found.groups()
    try:
        year, month, day, hour, minute, second = (int(one or 0) for one in numbers)
        if offset:
            stamp = _ZONES.get(offset, offset)
            zone = datetime.strptime(stamp, "%z").tzinfo or zone
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def times_seen(cell: str) -> int:
    text = cell.strip().removesuffix("回")
    if not text:
        return 1
    count = int(text) if text.isdecimal() and len(text) < _DIGITS else 0
    if not 0 < count <= _MOST_SEEN:
        raise CellError("times_seen", f"{cell!r} is no count from 1 to {_MOST_SEEN:,}")
    return count


def unescaped(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


def labels(area: str, enum: type[E]) -> dict[str, E]:
    """Machine names, and ours in every language."""
    return {
        plain(name): one
        for one in enum
        for name in (one.value, *(say(f"{area}.{one}", locale) for locale in LOCALES))
    }


CAUSES: Mapping[str, Cause] = labels("cause", Cause)
PERMANENCES: Mapping[str, Permanence] = labels("permanence", Permanence)
_DROPS: Mapping[str, DroppedBy] = {
    plain(name): one
    for one in DroppedBy
    for name in (
        f"dropped.{one}",
        *(say(f"kind.dropped.{one}", locale) for locale in LOCALES),
    )
}
_KINDS: Mapping[str, Kind] = labels("kind", Kind)
HIDDEN = frozenset(
    plain(name)
    for name in (
        "stopped_by_recipient",
        *(say("kind.stopped_by_recipient", locale) for locale in LOCALES),
    )
)


def _plainly(table: Mapping[E, Sequence[str]]) -> tuple[tuple[E, tuple[str, ...]], ...]:
    return tuple((one, tuple(map(plain, signs))) for one, signs in table.items())


# Other people's words, found anywhere in a cell; the first that is found decides.
_SAID = {
    Medium.EMAIL: _plainly({
        Kind.HARD_BOUNCE: ("ハードバウンス", "hard bounce"),
        Kind.SOFT_BOUNCE: ("ソフトバウンス", "soft bounce", "blocked"),
        Kind.DEFERRED: ("deferred", "遅延", "延期", "保留"),
        Kind.DROPPED: ("dropped", "破棄", "ドロップ"),
        Kind.SPAM_REPORT: ("spam report", "迷惑メール報告"),
        Kind.UNSUBSCRIBED: ("unsubscribe", "配信停止"),
        Kind.INVALID_ADDRESS: ("invalid", "不正な宛先", "無効なアドレス", "不正なアドレス"),
    }),
    Medium.LINE_WORKS: _plainly({
        Kind.DAILY_CAP: ("1日", "一日", "日の最大", "最大数", "daily"),
        Kind.TOO_FREQUENT: ("頻度", "多すぎ", "短時間", "送信し過ぎ", "送信しすぎ", "too many"),
        Kind.WRONG_DOMAIN_INFO: ("ドメイン情報", "domain information"),
        Kind.ID_OUTSIDE_DOMAIN: ("ドメインに", "ドメイン外", "outside the domain"),
        Kind.NO_SUCH_ID: ("存在しな", "存在しません", "見つから", "does not exist"),
        Kind.MISSING_SCOPE: ("oauth", "scope", "権限"),
    }),
}  # fmt: skip
_LISTS = _plainly({
    DroppedBy.BOUNCE_LIST: ("バウンスリスト", "bounce"),
    DroppedBy.SPAM_REPORT_LIST: ("迷惑メール報告", "spam report"),
    DroppedBy.UNSUBSCRIBE_LIST: ("配信停止", "unsubscribe"),
    DroppedBy.INVALID_LIST: ("不正", "無効", "invalid"),
})  # fmt: skip


def our_kind(cell: str, medium: Medium) -> tuple[Kind, DroppedBy | None] | None:
    """A word of ours, in whichever language; None for any other."""
    word = plain(cell)
    if word in _DROPS and medium is Medium.EMAIL:
        return Kind.DROPPED, _DROPS[word]
    kind = _KINDS.get(word)
    if kind is None or kind not in KINDS[medium]:
        return None
    return kind, DroppedBy.OTHER if kind is Kind.DROPPED else None


def said_kind(words: str, medium: Medium) -> Kind | None:
    """What other people's words say."""
    return _found(_SAID[medium], plain(words))


def said_list(words: str) -> DroppedBy:
    """Which list a drop speaks of."""
    return _found(_LISTS, plain(words)) or DroppedBy.OTHER


def _found(table: Iterable[tuple[E, tuple[str, ...]]], told: str) -> E | None:
    return next((one for one, signs in table if any(sign in told for sign in signs)), None)
