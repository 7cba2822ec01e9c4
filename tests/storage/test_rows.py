from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.failures import Kind, Medium
from storage.rows import columns, from_ms, maybe_ms, maybe_time, to_ms, value_of
from tests.storage.examples import NOW

zones = st.timezones() | st.just(timezone(timedelta(hours=9)))


@dataclass(frozen=True, kw_only=True)
class Sample:
    name: str
    kind: Kind
    medium: Medium | None
    at: datetime
    until: datetime | None
    day: date
    late: bool
    count: int
    share: float
    body: bytes
    answers: tuple[tuple[str, str], ...]


SAMPLE = Sample(
    name="花子",
    kind=Kind.DEFERRED,
    medium=None,
    at=NOW,
    until=None,
    day=date(2026, 11, 20),
    late=True,
    count=3,
    share=0.5,
    body=b"\x00\xff",
    answers=(("junk_folder", "はい"), ("note", "")),
)


def test_a_value_becomes_plain_columns():
    assert columns(SAMPLE) == {
        "name": "花子",
        "kind": "deferred",
        "medium": None,
        "at": 1_795_136_400_000,
        "until": None,
        "day": "2026-11-20",
        "late": 1,
        "count": 3,
        "share": 0.5,
        "body": b"\x00\xff",
        "answers": '[["junk_folder", "はい"], ["note", ""]]',
    }


def test_a_column_is_never_an_enum_or_a_boolean():
    assert {type(column) for column in columns(SAMPLE).values()} <= {
        str,
        int,
        float,
        bytes,
        type(None),
    }


def test_columns_become_the_value_again():
    further = {"tenant": "ignored"}
    restored = value_of(Sample, columns(SAMPLE) | further)
    assert restored == SAMPLE
    assert isinstance(restored.kind, Kind)
    assert restored.late is True


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=zones))
def test_times_are_kept_to_the_millisecond_in_any_zone(moment):
    kept = from_ms(to_ms(moment))
    assert timedelta(0) <= moment - kept < timedelta(milliseconds=1)
    assert kept.tzinfo is UTC


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2).map(sorted))
def test_the_order_of_times_is_kept(moments):
    earlier, later = map(to_ms, moments)
    assert earlier <= later


def test_a_naive_time_is_a_bug():
    with pytest.raises(TypeError):
        to_ms(datetime(2026, 11, 20))


def test_no_time_stays_no_time():
    assert maybe_ms(None) is maybe_time(None) is None
    assert maybe_time(maybe_ms(NOW)) == NOW
