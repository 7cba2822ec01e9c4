"""What was said to be stored survives the death of the process, and nothing is half there."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_store
from storage.failures import Medium
from storage.views import CaseQuery
from tests.storage.examples import NOW, TENANT

WRITER = f"""
import sys
from storage import open_store
from tests.storage.examples import NOW, batch, bounce
store = open_store(sys.argv[1])
for number in range(10_000):
    told = [bounce(source_id=f"{{number}}-{{n}}", recipient=f"{{n}}@example.jp") for n in range(7)]
    store.record({TENANT!r}, batch(*told), NOW)
    print(number, flush=True)
"""


@pytest.fixture
def killed_after(url):
    """Kill a writer in the middle of its work; answers the last batch that it said was stored."""

    def run(batches):
        root = Path(__file__).parents[2]
        command = [sys.executable, "-c", WRITER, url]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as writer:
            said = [writer.stdout.readline() for _ in range(batches)]
            writer.kill()
            said += writer.stdout.readlines()
        return int([line for line in said if line.endswith("\n")][-1])

    return run


def test_a_killed_writer_leaves_whole_batches(killed_after, url):
    last = killed_after(20)
    store = open_store(url)
    stored = [
        len(store.failures(TENANT, Medium.EMAIL, f"{n}@example.jp", limit=99_999)) for n in range(7)
    ]
    seen = {case.times_seen for case in store.cases(TENANT, CaseQuery())}
    total = store.totals(TENANT, NOW, NOW.replace(hour=NOW.hour + 1))[Medium.EMAIL].failed
    store.close()
    assert len(set(stored)) == len(seen) == 1
    assert stored[0] in {last + 1, last + 2}
    assert total == sum(stored)


@pytest.mark.engine("sqlite")
def test_a_commit_is_on_the_disk_before_anybody_is_told_of_it(store):
    """A power cut cannot be made here; PostgreSQL's setting has a test of its own."""
    full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert store._writer.execute("PRAGMA synchronous").fetchone()[0] == full
    assert store._writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
