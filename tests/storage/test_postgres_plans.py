"""The hot queries of PostgreSQL can do without reading a table whole, whatever it has grown to."""

import re
from pathlib import Path

import pytest

from tests.storage.test_plans import HOT

pytestmark = pytest.mark.engine("postgres")

OF_SQLITE = {"recipients_with_grams", "recipients_not_indexed", "recipients_to_index"} | {
    "index_recipients",
}
MINE = ["recipients_containing", *(name for name in HOT if name not in OF_SQLITE)]
NUMBERS = {
    "after",
    "before",
    "began",
    "count",
    "days_end",
    "fresh",
    "hour",
    "known_since",
    "learnt",
    "learnt_since",
    "learnt_until",
    "lost",
    "most",
    "now",
    "opened_since",
    "recipient_id",
    "since",
    "until",
}
JSON = {"kinds", "dropped_by", "causes", "but", "folded", "domains", "hours", "ids", "names"} | {
    "references",
    "sources",
    "states",
    "told",
    "wordings",
}
# Small by their nature: one row a source, a channel or a day.
SMALL = r"(?!schema_steps|coverage|tallies|postings)"
WHOLE = re.compile(rf"Seq Scan on {SMALL}(\w+)")


def asked(name, sql):
    if name in NUMBERS:
        return 1
    return "%abc%" if name == "pattern" else "[]" if f"json_each(%({name})s)" in sql else "a"


def plan_of(store, name, *, costs="OFF"):
    """With the largest tables in mind: never whole, if there is another way."""
    query = getattr(store._queries, name)
    parameters = {one: asked(one, query.sql) for one in query.parameters}
    with store._reading() as connection, connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        rows = connection.execute(f"EXPLAIN (COSTS {costs}) {query.sql}", parameters)
        return [row[0] for row in rows]


@pytest.mark.parametrize("name", MINE)
def test_no_hot_query_must_read_a_table_whole(store, name):
    assert [step for step in plan_of(store, name) if WHOLE.search(step)] == []


def test_a_query_that_must_read_a_table_whole_would_be_seen(store):
    with store._reading() as connection, connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        rows = connection.execute("EXPLAIN SELECT * FROM failures WHERE raw = 'x'").fetchall()
    assert any(WHOLE.search(row[0]) for row in rows)


def test_parts_of_addresses_can_be_found_by_their_index(store):
    with store._reading() as connection, connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        rows = connection.execute(
            "EXPLAIN SELECT id FROM recipients WHERE folded || '' LIKE '%abcd%'"
        )
        assert any("recipients_by_part" in row[0] for row in rows)


LAYOUT = Path(__file__).parents[2] / "docs" / "layout.md"
SHOWN = re.compile(r"\(`(\w+)`, PostgreSQL\)[^\n]*:\n\n```\n(.*?)\n```", re.DOTALL)
USED = re.compile(r"(?:Index|Bitmap Index|Index Only) Scan[^\n]* on (\w+)|using (\w+)")


def used(steps):
    return sorted({name for one in steps for pair in USED.findall(one) for name in pair if name})


def test_the_plans_that_are_shown_use_the_indexes_that_they_say(store):
    shown = dict(SHOWN.findall(LAYOUT.read_text("utf-8")))
    assert len(shown) == 3
    for name, text in shown.items():
        assert used(text.splitlines()) == used(plan_of(store, name))
