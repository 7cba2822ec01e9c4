"""One process: APScheduler ticks, and runs each due unit under its own key.

The rows are the truth and a job only wakes: the job store is memory, what is
due is asked anew at every tick, and a unit that is still running is not
started twice. A turned clock (see `bot.clock`) wakes the tick as a press does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from handlers.tasks import Unit

log = structlog.get_logger()

TICK_SECONDS = 2.0
_WORKERS = 8
# Long enough for many wakes at once to become one tick, too short to be felt.
_WAKE_DELAY = timedelta(milliseconds=20)


class Embedded:
    """`due` names the units of this moment; `start` begins to tick, `stop` ends what runs."""

    def __init__(self, due: Callable[[], list[Unit]]) -> None:
        self._due = due
        self._running: set[str] = set()
        # The ticks of interval and wake may overlap, and end while we stop.
        self._turn = threading.Lock()
        self._open = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(_WORKERS)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_SECONDS, id="tick")
        self._scheduler.start()
        self._open = True
        self.wake()

    def stop(self) -> None:
        """Begin nothing more, and wait for what runs."""
        # A shutdown waits for running jobs with its lock held: one that adds a job
        # then would never end. Pausing forbids the scheduler another turn of its
        # own, and listing waits for the present one.
        with self._turn:
            self._open = False
        self._scheduler.pause()
        self._scheduler.get_jobs()
        self._scheduler.shutdown(wait=True)

    def wake(self) -> None:
        """Look at once for what is due; many wakes in a row become one."""
        with self._turn:
            if self._open:
                self._scheduler.add_job(
                    self._tick,
                    "date",
                    run_date=datetime.now(UTC) + _WAKE_DELAY,
                    id="wake",
                    replace_existing=True,
                )

    def _tick(self) -> None:
        for unit in self._due():
            with self._turn:
                if self._open and unit.key not in self._running:
                    self._running.add(unit.key)
                    self._scheduler.add_job(self._run, args=[unit])

    def _run(self, unit: Unit) -> None:
        try:
            unit.run()
        except Exception:
            # The row still says that it is due: the next tick takes it up again.
            log.exception("unit_failed", unit=unit.name)
            self._ended(unit)
        else:
            self._ended(unit)
            self.wake()

    def _ended(self, unit: Unit) -> None:
        with self._turn:
            self._running.discard(unit.key)
