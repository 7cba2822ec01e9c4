"""What a crash run works on: a store of its own, and nothing of it is left."""

import click
import psycopg
import pytest

from crash.stores import STORES
from storage.opening import is_database, open_store
from tests import postgres


@pytest.mark.parametrize("storage", STORES)
def test_a_store_can_be_opened_and_is_gone_afterwards(storage, tmp_path):
    if storage == "postgres" and postgres.binaries() is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with STORES[storage](tmp_path) as url:
        store = open_store(url)
        store.ready()
        store.close()
    if is_database(url):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=5)


def test_without_a_server_to_start_the_run_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with (
        pytest.raises(click.ClickException, match="apt-get install postgresql"),
        STORES["postgres"](tmp_path),
    ):
        pass
