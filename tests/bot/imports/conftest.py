from datetime import UTC, datetime

import pytest

from bot.imports.reading import layout_of, read
from bot.imports.values import Given
from handlers.causes import built_in
from storage.failures import Kind
from tests.fakes import TOKYO

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def given():
    """An installation that began to look on 20 November, in Tokyo."""
    return Given(
        zone=TOKYO,
        now=NOW,
        connected_at=datetime(2026, 11, 19, 15, tzinfo=UTC),
        rules=built_in(),
        judge=lambda status, code, text: (
            Kind.NO_SUCH_ID if code == "NOT_FOUND" else Kind.PROVIDER_DOWN,
            True,
        ),
    )


@pytest.fixture
def file(tmp_path):
    """A file of this text; a list of rows becomes lines of cells."""

    def written(text, name="a.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return written


@pytest.fixture
def told(file, given):
    """What a file tells: everything in it that was understood, and the findings."""

    def read_all(text, name="a.csv", wanted="", encoding=""):
        path = file(text, name)
        parts = []
        found = read(path, layout_of(path, wanted=wanted, encoding=encoding), given, parts.append)
        facts = [one for part in parts for one in (*part.failures, *part.successes, *part.people)]
        return facts, found

    return read_all
