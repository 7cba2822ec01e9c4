"""What `export --raw` writes, another installation brings in as the same cases."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.imports.reading import layout_of, read
from bot.imports.values import Given
from handlers import imports
from handlers.causes import built_in
from handlers.exports import Words, write
from handlers.house import House, Policy
from handlers.intake import record
from storage.cases import CaseState
from storage.failures import (
    KINDS,
    Batch,
    Cause,
    DroppedBy,
    Failure,
    Kind,
    Medium,
    Permanence,
    Reading,
    Source,
    Success,
)
from storage.opening import open_store
from storage.views import CaseQuery
from tests.fakes import TOKYO, FakeClock

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
WORD = st.text("abcあ-+.=@'", min_size=1, max_size=6)
MOMENTS = st.integers(0, 10**9).map(lambda ms: NOW - timedelta(milliseconds=ms))


@st.composite
def failures(draw):
    medium = draw(st.sampled_from(Medium))
    kind = draw(st.sampled_from(sorted(KINDS[medium])))
    mail = medium is Medium.EMAIL
    reading = Reading(
        cause=draw(st.sampled_from(Cause)), permanence=draw(st.sampled_from(Permanence))
    )
    return Failure(
        source=draw(st.sampled_from([Source.SENDGRID_EVENTS, Source.HOST_PUSH])),
        source_id=draw(st.text("abcdef", min_size=1, max_size=8)),
        medium=medium,
        kind=kind,
        recipient=draw(WORD) + "@example.jp",
        occurred_at=draw(MOMENTS),
        dropped_by=draw(st.sampled_from(DroppedBy)) if kind is Kind.DROPPED else None,
        reading=reading if mail else Reading(),
        provider_text=draw(TEXT),
        status=draw(TEXT),
        tag=draw(TEXT) if mail else "",
        bot_id="" if mail else draw(TEXT),
        times_seen=draw(st.integers(1, 5)),
        history=draw(st.booleans()),
    )


def deliveries(told):
    """Some of these recipients were reached later, or before."""
    return st.lists(
        st.builds(
            lambda one, at, name: Success(
                source=Source.SENDGRID_EVENTS,
                source_id=name,
                medium=one.medium,
                recipient=one.recipient,
                occurred_at=at,
            ),
            st.sampled_from(told),
            MOMENTS,
            st.text("abcdef", min_size=1, max_size=8),
        ),
        max_size=4,
    )


@contextmanager
def house(folder, name):
    store = open_store(f"sqlite:///{folder / name}.db")
    try:
        yield House(
            tenant="t",
            store=store,
            clock=FakeClock(NOW),
            zone=TOKYO,
            locale="ja",
            policy=Policy(),
            chats={},
        )
    finally:
        store.close()


def exported(house, medium, path):
    words = Words(house, "ja", raw=True, for_approvers=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        write(words, medium, CaseQuery(medium=medium, fresh=False), file)
    return sorted(path.read_bytes().split(b"\r\n"))


def brought_in(house, path):
    given = Given(
        zone=TOKYO,
        now=NOW,
        connected_at=NOW,
        rules=built_in(),
        judge=lambda *_: (Kind.UNCLASSIFIED, False),
    )
    begun = imports.begin(house, path.name)
    parts = []
    found = read(path, layout_of(path), given, parts.append)
    for number, part in enumerate(parts):
        imports.lay_by(house, begun, number, part)
    imports.want(house, begun)
    return found, imports.carry_on(house, begun.id)


@given(data=st.data(), told=st.lists(failures(), min_size=1, max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_an_export_brought_into_an_empty_store_gives_the_same_cases(data, told, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trip")
    with house(folder, "old") as old, house(folder, "new") as new:
        record(old, Batch(failures=tuple(told), successes=tuple(data.draw(deliveries(told)))))
        for one in data.draw(st.lists(st.sampled_from(told), max_size=4)):
            if one.medium is Medium.EMAIL:
                old.store.left_lists("t", one.recipient, data.draw(MOMENTS))
        for medium in Medium:
            first, second = folder / f"{medium}.csv", folder / f"{medium}-again.csv"
            before = exported(old, medium, first)
            found, done = brought_in(new, first)
            assert found.troubles == []
            assert done.new == found.rows
            assert exported(new, medium, second) == before
            _, again = brought_in(new, first)
            assert (again.new, again.repeated) == (0, found.rows)
            assert exported(new, medium, second) == before


def test_a_case_that_left_the_lists_is_gone_there_too(tmp_path):
    told = Failure(
        source=Source.SENDGRID_EVENTS,
        source_id="e",
        medium=Medium.EMAIL,
        kind=Kind.HARD_BOUNCE,
        recipient="taro@example.jp",
        occurred_at=NOW - timedelta(days=2),
    )
    with house(tmp_path, "old") as old, house(tmp_path, "new") as new:
        record(old, Batch(failures=(told,)))
        old.store.left_lists("t", told.recipient, NOW)
        before = exported(old, Medium.EMAIL, tmp_path / "a.csv")
        brought_in(new, tmp_path / "a.csv")
        assert new.store.case("t", Medium.EMAIL, told.recipient).state is CaseState.GONE
        assert exported(new, Medium.EMAIL, tmp_path / "b.csv") == before
