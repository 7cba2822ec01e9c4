"""Real trouble for files: a full disk, a held lock, a stranger's rights, a damaged copy."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from storage.store import StorageBusyError

_NOBODY = 65534
_MIB = 1024 * 1024
_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
print("held", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def held(file, begin):
    """Another program has begun a transaction, and takes its time."""
    command = [sys.executable, "-c", _HOLD, str(file), begin]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()


@contextlib.contextmanager
def mounted(folder, size=6 * _MIB):
    """A small disk in memory; false where none may be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@contextlib.contextmanager
def full(folder):
    """Not a byte is left on the disk under this folder."""
    ballast = Path(folder) / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (64 * 1024, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def limited(pid, size):
    """The process may let no file grow beyond `size`."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def nobody():
    """Root may do everything; for a while we are somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def within(seconds, act):
    """Until it does not raise StorageBusyError any more."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(StorageBusyError):
            return act()
        time.sleep(0.05)
    return act()


def cut_short(file):
    os.truncate(file, file.stat().st_size // 2)


def overwritten(file, after=0.5):
    """From there on every byte is another one."""
    size = file.stat().st_size
    begin = int(size * after)
    with file.open("r+b") as copy:
        copy.seek(begin)
        copy.write(b"\x55" * (size - begin))
