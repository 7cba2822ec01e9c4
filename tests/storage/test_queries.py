"""The named queries and the code that calls them."""

import re
from pathlib import Path

STORAGE = Path(__file__).parents[2] / "storage"


def test_every_named_query_is_called_and_every_called_one_is_named():
    named = [
        name
        for file in (STORAGE / "sql").glob("*.sql")
        for name in re.findall(r"^-- name: (\w+)", file.read_text(), re.MULTILINE)
    ]
    called = {
        name
        for file in STORAGE.rglob("*.py")
        for name in re.findall(r"\bqueries\.(\w+)", file.read_text().replace("_queries", "queries"))
    }
    assert len(named) == len(set(named))
    assert set(named) == called - {"name"}  # the loader's docstring says `queries.name`
