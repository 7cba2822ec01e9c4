"""The bot as a process of its own: started with an environment alone, watched, ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

import sandbox

_START_SECONDS, _STOP_SECONDS = 30.0, 10.0
_LISTENS = re.compile(r"listens on (http://\S+)")
_PREFIX = "NOTIFY_ERRORS_"
# Where this package lies, the bot's lies too; its own folder is an empty one.
_ROOT = str(Path(sandbox.__file__).parents[1])


class BotDiedError(RuntimeError):
    """The bot did not come up; the message is what it said."""


class Bot:
    """`serve` with these settings (names without prefix); its output goes to `log`."""

    def __init__(self, settings: Mapping[str, str], folder: Path) -> None:
        self.log = folder / "bot.log"
        with self.log.open("ab") as output:
            self._said_before = output.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"],
                cwd=folder,
                env=_environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to pass on
            )
        try:
            self.url = self._ready()
        except BaseException:
            self.kill()
            raise

    def said(self) -> str:
        """What this process has printed."""
        with self.log.open("rb") as output:
            output.seek(self._said_before)
            return output.read().decode(errors="replace")

    def last_words(self) -> str:
        return "\n".join(["the bot ended; it said:", *self.said().splitlines()[-10:]])

    def stop(self) -> int:
        """Ask it to end, and make it end; its exit status."""
        self._process.terminate()
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        self._process.kill()
        return self._process.wait()

    def alive(self) -> bool:
        return self._process.poll() is None

    def _ready(self) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.alive():
            found = _LISTENS.search(self.said())
            if found and _answers(f"{found[1]}/readyz"):
                return found[1]
            time.sleep(0.02)
        raise BotDiedError(self.last_words())


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The machine's, without any setting or proxy of whoever started us."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_PREFIX) and not name.lower().endswith("_proxy")
    }
    ours = {_PREFIX + name: value for name, value in settings.items() if value}
    return kept | {"PYTHONPATH": _ROOT, "PYTHONUNBUFFERED": "1"} | ours
