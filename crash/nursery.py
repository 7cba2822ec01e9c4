"""A process that has loaded everything and only forks: each child is a whole `serve`.

Loading the vendors' libraries takes a second, and a thousand kills should not
take a thousand of them. The child runs the same `serve`, from its lock on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

POLL_SECONDS = 0.1  # no setting allows it: a burst of a tenth of a second should meet a walk


class Nursery:
    """`born` starts a bot and gives its process id; whatever it prints goes to `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crash.nursery", str(log)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def born(self) -> int:
        return int(self._asked("born"))

    def kill(self, pid: int) -> None:
        """Returns when it is dead."""
        os.kill(pid, signal.SIGKILL)
        self._asked("buried")

    def close(self) -> None:
        self._process.communicate()

    def _asked(self, word: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        print(word, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()


def main(log: str) -> None:
    from bot.config import load  # noqa: PLC0415 - only the process of its own loads the bot
    from bot.serving import serve  # noqa: PLC0415
    from handlers.causes import built_in  # noqa: PLC0415
    from storage.opening import is_database  # noqa: PLC0415

    settings = load()
    if is_database(settings.database_url):
        import storage.postgres.store  # noqa: F401, PLC0415 - its driver takes a quarter of a start
    assert settings.sendgrid
    quick = replace(settings, sendgrid=replace(settings.sendgrid, poll_seconds=POLL_SECONDS))
    built_in()
    alive = set()
    while word := sys.stdin.readline():
        if word.strip() == "buried":
            buried, status = os.wait()
            alive.discard(buried)
            print(status, flush=True)
            continue
        child = os.fork()
        if child == 0:
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            for number in (1, 2):
                os.dup2(output, number)
            os.close(0)
            serve(quick)
            os._exit(0)
        alive.add(child)
        print(child, flush=True)
    # Whoever asked has gone, perhaps by a signal of its own.
    for child in alive:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
