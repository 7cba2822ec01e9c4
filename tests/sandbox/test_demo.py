import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from click.testing import CliRunner

from sandbox.demo import demo


@contextmanager
def alone(*words):
    """A stand-in started as people start it; yields what it printed, by label."""
    code = "from sandbox.demo import demo; demo()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            yield process, re.match(r"listens on: (\S+)", process.stdout.readline())[1]
        finally:
            process.kill()


def test_the_help_says_how_to_start_one_stand_in_alone():
    said = CliRunner().invoke(demo, ["--help"]).output
    assert "Commands:\n  lineworks" in said
    assert "/_control/state" in said


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("slack", "/api/auth.test", 200),
        ("sendgrid", "/v3/scopes", 401),
        ("lineworks", "/v1.0/bots/7001001/channels/x", 401),
    ],
)
def test_a_stand_in_alone_speaks_its_vendors_http_until_it_is_ended(name, path, status):
    with alone(name) as (process, url):
        assert httpx.get(url + path).status_code == status
        assert httpx.get(f"{url}/_control/state").is_success
        assert "now" in httpx.get(f"{url}/clock").json()
        process.send_signal(signal.SIGTERM)
        assert re.search("bot token|key that reads|client secret", process.stdout.read())
        assert process.wait(10) == 0


def test_a_file_that_exists_is_not_filled_again(tmp_path):
    kept = tmp_path / "kept.db"
    kept.touch()
    said = CliRunner().invoke(demo, ["--keep", str(kept)])
    assert said.exit_code == 2
    assert "name a new file" in said.output
