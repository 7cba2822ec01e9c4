"""The named queries and the code that calls them."""

import re
from pathlib import Path

import pytest

STORAGE = Path(__file__).parents[2] / "storage"
ENGINES = ["sqlite", "postgres"]


def named(folder):
    return [
        name
        for file in folder.glob("*.sql")
        for name in re.findall(r"^-- name: (\w+)", file.read_text(), re.MULTILINE)
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_named_query_is_called_and_every_called_one_is_named(engine):
    known = named(STORAGE / "sql") + named(STORAGE / engine / "sql")
    called = {
        name
        for folder in (STORAGE, STORAGE / "verbs", STORAGE / engine)
        for file in folder.glob("*.py")
        for name in re.findall(r"\bqueries\.(\w+)", file.read_text().replace("_queries", "queries"))
    }
    assert len(known) == len(set(known))
    assert set(known) == called - {"name"}  # the loader speaks of `queries.name`


def test_every_part_is_said_by_several_queries():
    queries = [
        query
        for file in STORAGE.glob("**/sql/*.sql")
        for query in file.read_text().split("-- name:")
    ]
    parts = {file.stem for file in (STORAGE / "sql" / "parts").iterdir()}
    assert parts
    for part in parts:
        assert sum(f"{{{part}}}" in query for query in queries) > 1, part
