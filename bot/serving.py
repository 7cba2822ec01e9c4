"""`serve`: one process with its lock, its web server and an orderly end."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket

import click
import structlog
import uvicorn

from bot import logs
from bot.config import PREFIX, ConfigError, Settings
from bot.connections import SERVER_OPTIONS
from bot.wiring import running
from storage.opening import StoreHeldError, StoreUrlError, hold
from storage.store import StorageBusyError

log = structlog.get_logger()

_GRACE_SECONDS = 8
# Rows of a burst live for one transaction and are in no circle: looking for circles among
# them after every 700, Python's own threshold, costs a tenth of the burst.
_COLLECT_AFTER = 50_000


def serve(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C. Raises ConfigError when it cannot begin."""
    logs.set_up(settings.log_level)
    listener = _listener(settings)
    try:
        with hold(settings.database_url, _end), running(settings) as app:
            address = f"http://{settings.host}:{listener.getsockname()[1]}"
            click.echo(f"notify-errors listens on {address}")
            config = uvicorn.Config(
                app,
                log_config=None,
                lifespan="on",
                ws="none",
                timeout_graceful_shutdown=_GRACE_SECONDS,
                **SERVER_OPTIONS,
            )
            for ending in (signal.SIGINT, signal.SIGTERM):
                # uvicorn stops and then raises the signal again: here it has done its work.
                signal.signal(ending, lambda *_: None)
            _collect_seldom()
            uvicorn.Server(config).run([listener])
    except StoreHeldError as error:
        raise ConfigError(
            f"{PREFIX}DATABASE_URL: {error}; stop the other process, or use another store"
        ) from None
    except (StoreUrlError, StorageBusyError) as error:
        raise ConfigError(f"{PREFIX}DATABASE_URL: {error}") from None
    finally:
        listener.close()


def _collect_seldom() -> None:
    """What stands here until the end, such as the rules, need not be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _end() -> None:
    """Another server works on the database now: two would post everything twice."""
    log.error("held_by_another", consequence="this one stops")
    os.kill(os.getpid(), signal.SIGTERM)


def _not_here(settings: Settings, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{PREFIX}HOST {settings.host}: {error.strerror}; use an address of this machine"
    return (
        f"{PREFIX}PORT {settings.port} on {settings.host}: {error.strerror}; "
        "stop what listens there, or set another port"
    )


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle on and every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ConfigError(_not_here(settings, error)) from None
    return listener
