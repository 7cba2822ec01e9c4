"""A real PostgreSQL for tests: Debian's binaries, started on loopback, stopped when the tests end."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage.opening import open_store

_DEBIAN = Path("/usr/lib/postgresql")
_START_SECONDS = 60
_NUMBERS = count(1)
# What a crash of the machine would cost is nobody's loss here.
_QUICK = {"fsync": "off", "full_page_writes": "off"}
_TEMPLATE = "notify_errors_template"


def binaries() -> Path | None:
    """Where initdb and pg_ctl are: on the path, or the newest that Debian has put aside."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = [one for one in _DEBIAN.glob("*/bin") if (one / "pg_ctl").exists()]
    return max(versions, key=lambda one: int(one.parent.name), default=None)


@dataclass
class Server:
    """One server: where it is reached, and how it is stopped and started again."""

    url: str
    folder: Path | None = None
    port: int = 0

    def database(self) -> str:
        """The URL of a fresh database with today's schema."""
        name = f"t{os.getpid()}_{next(_NUMBERS)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url_of(name)

    def empty_database(self, options: str = "") -> str:
        name = f"e{os.getpid()}_{next(_NUMBERS)}"
        self._do(f"CREATE DATABASE {name} {options}")
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        return f"{self.url.rpartition('/')[0]}/{name}"

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def prepare(self) -> None:
        self._do(f"DROP DATABASE IF EXISTS {_TEMPLATE} WITH (FORCE)")
        self._do(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        open_store(self.url_of(_TEMPLATE)).close()

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """As if its machine had died; back at the end."""
        if self.folder is None:
            pytest.skip("the server is somebody else's, and stays up")
        self.stop()
        try:
            yield
        finally:
            self.start()

    def stop(self, how: str = "immediate") -> None:
        self._control("-m", how, "stop")

    def lives(self) -> bool:
        return self._control("status", check=False).returncode == 0

    def start(self) -> None:
        options = [
            f"-p {self.port}",
            "-c listen_addresses=127.0.0.1",
            f"-c unix_socket_directories={self.folder}",
            *(f"-c {name}={value}" for name, value in _QUICK.items()),
        ]
        self._control("-l", f"{self.folder}/log", "-o", " ".join(options), "start")

    def _control(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        found = binaries()
        assert found
        command = [*_as_nobody(), str(found / "pg_ctl"), "-D", f"{self.folder}/data", "-w", *words]
        return subprocess.run(
            command, check=check, timeout=_START_SECONDS, stdout=subprocess.DEVNULL
        )


@contextmanager
def running(given: str = "") -> Iterator[Server]:
    """Somebody's own, or one of ours; without either the test is skipped, loudly."""
    if given:
        yield Server(url=given)
        return
    folder = Path(tempfile.mkdtemp(prefix="notify-errors-postgres-"))
    try:
        with ours(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ours(folder: Path, *options: str) -> Iterator[Server]:
    """One of ours with its files under this folder; `options` are initdb's."""
    found = binaries()
    if found is None:
        pytest.skip(
            "no PostgreSQL here: apt-get install postgresql, or NOTIFY_ERRORS_TEST_POSTGRES"
        )
    server = _made(found, folder, options)
    try:
        server.start()
        yield server
    finally:
        if server.lives():  # a test may have brought it down
            server.stop()


def _made(found: Path, folder: Path, options: tuple[str, ...]) -> Server:
    if _as_nobody():
        shutil.chown(folder, "postgres")
    data = f"{folder}/data"
    init = [str(found / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    init += ["--no-sync", "--locale=C.UTF-8", *options]
    subprocess.run(
        [*_as_nobody(), *init], check=True, timeout=_START_SECONDS, stdout=subprocess.DEVNULL
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Server(url=f"postgresql://postgres@127.0.0.1:{port}/postgres", folder=folder, port=port)


def _as_nobody() -> list[str]:
    """PostgreSQL refuses to be run by root."""
    if getpass.getuser() != "root" and os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
