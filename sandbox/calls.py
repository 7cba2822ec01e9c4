"""The log of HTTP exchanges: what the page shows and what `--record` keeps.

Secrets are removed here, once: the `Authorization` header, client secrets,
assertions, tokens and signatures.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.clock import Clock

_SECRET_HEADERS = re.compile(r"authorization|signature|cookie", re.IGNORECASE)
_SECRET_FIELDS = re.compile(
    r'((?:client_secret|assertion|access_token|refresh_token|token)"?\s*[=:]\s*"?)[^&"\s,}]+',
    re.IGNORECASE,
)
_RELAY_KEY = re.compile(r"(/lineworks/relay/)[^/?]+")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer. `direction` is seen from the vendor: `in` came to it."""

    at: str
    vendor: str
    direction: str
    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    response: str


class Calls:
    """Keeps the newest exchanges, and appends each to `DIR/<vendor>.jsonl` when recording."""

    def __init__(self, clock: Clock, record: Path | None = None, keep: int = 500) -> None:
        self._clock = clock
        self._record = record
        self._lock = threading.Lock()
        self.newest: deque[Exchange] = deque(maxlen=keep)
        if record:
            record.mkdir(parents=True, exist_ok=True)

    def note(
        self,
        vendor: str,
        direction: str,
        method: str,
        url: str,
        headers: dict[str, str],
        body: str,
        status: int,
        response: str,
    ) -> None:
        exchange = Exchange(
            at=self._clock.now().isoformat(),
            vendor=vendor,
            direction=direction,
            method=method,
            url=_RELAY_KEY.sub(r"\1-", url),
            headers={
                name: "-" if _SECRET_HEADERS.search(name) else value
                for name, value in headers.items()
            },
            body=_SECRET_FIELDS.sub(r"\1-", body),
            status=status,
            response=_SECRET_FIELDS.sub(r"\1-", response),
        )
        with self._lock:
            self.newest.append(exchange)
            if self._record:
                with (self._record / f"{vendor}.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(exchange), ensure_ascii=False) + "\n")
