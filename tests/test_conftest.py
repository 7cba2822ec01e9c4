"""The guards bite."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
SKIPPING = """
import pytest

@pytest.mark.skip(reason="no browser here")
def test_marked(): ...

def test_from_within():
    pytest.skip("no database here")

@pytest.mark.xfail(reason="known")
def test_expected_failure():
    assert False
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "api.example.com"])
def test_a_connection_to_elsewhere_is_refused(host):
    with pytest.raises(RuntimeError, match="loopback only"):
        socket.create_connection((host, 443), timeout=1)


def test_a_datagram_to_elsewhere_is_refused():
    with (
        socket.socket(type=socket.SOCK_DGRAM) as sender,
        pytest.raises(RuntimeError, match="loopback only"),
    ):
        sender.sendto(b"?", ("192.0.2.1", 53))


def test_loopback_is_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5),
    ):
        pass


def run_skipping(tmp_path, **environment):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "test_whole_file.py").write_text(
        "import pytest\npytest.skip('no font here', allow_module_level=True)\n"
    )
    kept = {name: value for name, value in os.environ.items() if name != "FAIL_ON_SKIP"}
    command = [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", str(tmp_path)]
    return subprocess.run(
        command, cwd=tmp_path, env=kept | environment, capture_output=True, text=True, check=False
    )


def test_a_skip_is_no_failure_on_a_desk(tmp_path):
    run = run_skipping(tmp_path)
    assert run.returncode == 0, run.stdout
    assert "3 skipped, 1 xfailed" in run.stdout


def test_a_skip_is_a_failure_where_nothing_may_be_skipped(tmp_path):
    run = run_skipping(tmp_path, FAIL_ON_SKIP="1")
    assert run.returncode == 1, run.stdout
    for reason in ("no browser here", "no database here", "no font here"):
        assert f"FAIL_ON_SKIP forbids: Skipped: {reason}" in run.stdout
    assert "1 xfailed" in run.stdout


def test_every_process_gives_the_tests_the_same_names(request):
    """Or two of them could not share the work: no time, no order of a set in a name."""
    root = CONFTEST.parents[1]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests"]
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    run = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    named = set(run.stdout.splitlines())
    assert [item.nodeid for item in request.session.items if item.nodeid not in named] == []
