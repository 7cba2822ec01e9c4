"""Opening a database: brought up to date once, and refused in words where it is unfit."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from storage.opening import StoreUrlError, open_store
from storage.postgres import migrations
from storage.store import StorageBusyError
from tests.storage.examples import NOW, TENANT, batch, bounce


@pytest.fixture
def empty(postgres):
    """`empty(options)` makes a database without a table."""
    made = []

    def make(options=""):
        made.append(postgres.empty_database(options))
        return made[-1]

    yield make
    for one in made:
        postgres.drop(one)


def rows(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_an_empty_database_gets_every_step_once(empty):
    url = empty()
    for _ in range(2):
        open_store(url).close()
    applied = [name for (name,) in rows(url, "SELECT name FROM schema_steps ORDER BY name")]
    assert applied == sorted(migrations.STEPS)


def test_several_may_open_at_once(empty):
    url = empty()
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(open_store, [url] * 4):
            store.close()
    assert rows(url, "SELECT count(*) FROM schema_steps") == [(len(migrations.STEPS),)]


def test_a_step_that_fails_leaves_nothing_of_itself(empty, monkeypatch):
    url = empty()
    broken = {"9998_broken": ("CREATE TABLE half (id INT)", "SELECT nothing_such()")}
    monkeypatch.setattr(migrations, "STEPS", migrations.STEPS | broken)
    with pytest.raises(psycopg.errors.UndefinedFunction):
        open_store(url)
    assert rows(url, "SELECT to_regclass('half')") == [(None,)]
    applied = [name for (name,) in rows(url, "SELECT name FROM schema_steps")]
    assert "9998_broken" not in applied


def test_what_a_newer_version_wrote_is_left_alone(empty):
    url = empty()
    open_store(url).close()
    rows(url, "INSERT INTO schema_steps (name) VALUES ('9999_later')")
    with pytest.raises(StoreUrlError, match="newer version .*9999_later.*install that version"):
        open_store(url)


def test_a_database_of_another_encoding_is_refused_with_the_mend(empty):
    url = empty("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(StoreUrlError, match="encoding LATIN1; make one with ENCODING 'UTF8'"):
        open_store(url)
    assert rows(url, "SELECT to_regclass('failures')") == [(None,)]


def test_a_server_that_is_too_old_is_refused(empty, monkeypatch):
    monkeypatch.setattr(migrations, "_OLDEST", 99_00_00)
    with pytest.raises(StoreUrlError, match="13 or newer is needed"):
        open_store(empty())


def test_a_server_that_is_not_there_is_trouble_not_a_wrong_setting():
    with pytest.raises(StorageBusyError) as refused:
        open_store("postgresql://bot:secret@127.0.0.1:9/db")
    assert "secret" not in str(refused.value)


def test_without_the_extension_parts_of_addresses_are_found_all_the_same(empty, postgres):
    url = empty()
    rows(url, "DROP ROLE IF EXISTS bot")
    rows(url, "CREATE ROLE bot LOGIN")
    rows(url, "GRANT ALL ON SCHEMA public TO bot")
    store = open_store(url.replace("postgres@", "bot@"))
    store.record(TENANT, batch(bounce(recipient="hanako@example.jp")), NOW)
    assert [address for _, address in store.similar(TENANT, "nako")] == ["hanako@example.jp"]
    assert not store.health().search_indexed
    store.close()
    assert rows(url, "SELECT to_regclass('recipients_by_part')") == [(None,)]
    store = open_store(url)
    assert store.health().search_indexed
    store.close()
    rows(url, "DROP OWNED BY bot")


def printed(script):
    command = [sys.executable, "-c", script]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_the_driver_is_asked_for_by_its_name():
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from storage import open_store\n"
        "try: open_store('postgresql://x/y')\n"
        "except ValueError as error: print(error)\n"
    )
    assert "pip install 'notify-errors[postgres]'" in printed(script)


def test_sqlite_alone_loads_no_driver():
    script = "import sys, storage.opening; print('psycopg' in sys.modules)"
    assert printed(script) == "False\n"
