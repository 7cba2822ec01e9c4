"""What holds for every test: no network but loopback, a bare environment, honest skips."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import settings

# A busy machine is no failure; the time limit of a whole test is pytest's.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if "CI" in os.environ else "local")

# Read before the environment is cleared: somebody's own server, where databases may be made.
GIVEN_POSTGRES = os.environ.get("NOTIFY_ERRORS_TEST_POSTGRES", "")
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


class NetworkRefusedError(RuntimeError):
    """No OSError, so that nothing takes it for a provider that is down."""


def pytest_configure() -> None:
    """Drop what the developer's shell would decide for us, in child processes too."""
    for name in list(os.environ):
        if name.startswith("NOTIFY_ERRORS_") or name.lower() in PROXIES:
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_look_up(socket.getaddrinfo))
        yield


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Also a command that fails has set them up, and says nothing below its own level."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """One server for each process of tests."""
    from tests.postgres import running  # whoever needs none needs no driver

    with running(GIVEN_POSTGRES) as server:
        server.prepare()
        yield server


def _guarded(act: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_unless_loopback(args[-1][0])  # the address comes last
        return act(self, *args)

    return guarded


def _guarded_look_up(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:  # None: an address to listen on
            _refuse_unless_loopback(host)
        return look_up(host, *args, **kwargs)

    return guarded


def _refuse_unless_loopback(host: str | bytes) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = name == "localhost"
    if not loopback:
        raise NetworkRefusedError(f"a test may reach loopback only, not {name}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    return _without_skip(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    return _without_skip(report)


def _without_skip(report: Any) -> Any:
    """With FAIL_ON_SKIP, a test that was skipped has failed; an expected failure has not."""
    if os.environ.get("FAIL_ON_SKIP") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which FAIL_ON_SKIP forbids: {report.longrepr[2]}"
    return report
