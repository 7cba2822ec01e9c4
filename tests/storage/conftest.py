import pytest

from storage import open_store


@pytest.fixture(params=["sqlite"])
def url(request, tmp_path):
    """Every engine answers the same suite."""
    return {"sqlite": f"sqlite:///{tmp_path / 'store.db'}"}[request.param]


@pytest.fixture
def store(url):
    opened = open_store(url)
    yield opened
    opened.close()
