"""A bar for people at a terminal, and silence for everybody else."""

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.failures import Batch, Failure, Kind, Medium, SetAside, Source
from storage.opening import open_store
from tests.bot.test_cli_readings import environ

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)


@pytest.fixture
def filled(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/t.db")
    event = {"event": "bounce", "email": "b@example.jp", "timestamp": int(NOW.timestamp()) - 9}
    failures = tuple(
        Failure(
            source=Source.SENDGRID_EVENTS,
            source_id=f"{n}",
            medium=Medium.EMAIL,
            kind=Kind.HARD_BOUNCE,
            recipient=f"taro-{n}@example.jp",
            occurred_at=NOW,
            provider_text="552 5.2.2 mailbox full",
        )
        for n in range(20)
    )
    aside = SetAside(source=Source.SENDGRID_EVENTS, body=json.dumps(event).encode(), reason="odd")
    store.record("default", Batch(failures=failures, set_aside=(aside,)), NOW)
    store.close()
    return tmp_path


def told(folder, *command, terminal):
    """What the command says on standard error, at a terminal or into a pipe."""
    end, errors = pty.openpty() if terminal else os.pipe()
    env = os.environ | environ(folder) | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=errors,
    ) as process:
        os.close(errors)
        out, said = process.stdout.read(), b""
        while more := _read(end):
            said += more
    os.close(end)
    assert process.returncode == 0, out
    return said.decode(), out.decode()


def _read(end):
    try:
        return os.read(end, 65536)
    except OSError:  # how a terminal says that nobody writes any more
        return b""


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (("reclassify",), "reclassify"),
        (("export", "week", "--output", "out"), "email.csv"),
        (("quarantine", "retry", "--all"), "quarantine retry"),
    ],
)
def test_long_work_shows_at_a_terminal_how_far_it_has_come(filled, command, label):
    said, out = told(filled, *command, terminal=True)
    assert label in said
    assert "100%" in said
    assert "100%" not in out


@pytest.mark.parametrize("command", [("reclassify",), ("export", "week", "--output", "out")])
def test_elsewhere_nothing_is_shown(filled, command):
    assert told(filled, *command, terminal=False)[0] == ""
