"""Every engine answers the same suite; `pytest.mark.engine` names whose own ways a test is about."""

import shutil
import tempfile
from pathlib import Path

import pytest

from storage import open_store

ENGINES = ["sqlite", "postgres"]


def pytest_generate_tests(metafunc):
    if "url" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("engine")
        metafunc.parametrize("url", marked.args if marked else ENGINES, indirect=True)


@pytest.fixture
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server = request.getfixturevalue("postgres")
    fresh = server.database()
    yield fresh
    server.drop(fresh)


@pytest.fixture
def folder():
    """One that anybody may enter, unlike those of pytest."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()
