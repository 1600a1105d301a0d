"""A real Celery worker, started and warm, and the bell that wakes it."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from benchmarks.processes import end
from tests.journeys.running import ROOT

START_SECONDS = 60
WARMING_RINGS = 4
QUIET = ["--without-gossip", "--without-mingle"]


@dataclass(kw_only=True)
class Worker:
    process: subprocess.Popen[bytes]
    app: Celery
    log: Path

    def ring(self, task: str, *, times: int = 1) -> None:
        for _ in range(times):
            self.app.send_task(task, expires=600)

    def warm(self, task: str) -> None:
        """Let every process work once, so that connections are open and modules read."""
        self.ring(task, times=WARMING_RINGS)
        self.wait_until_idle(done=WARMING_RINGS)

    def wait_until_idle(self, *, done: int = 1) -> None:
        """Until that many tasks have been taken up, and none is at work or waits.

        Two looks must see the same: a task on its way from the broker to a process is nowhere.
        """
        deadline = time.monotonic() + START_SECONDS
        before, now = None, self._count_done()
        while now is None or now < done or now != before:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the worker does not come to rest:\n{self.get_tail()}")
            time.sleep(0.3)
            before, now = now, self._count_done()

    def get_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def _count_done(self) -> int | None:
        """None while it does not answer, is at work, or has something to do."""
        with self.app.connection_for_read() as connection:
            waiting = connection.default_channel.queue_declare(queue="celery").message_count
        inspector = self.app.control.inspect(timeout=0.5, limit=1)
        answers = (inspector.reserved(), inspector.active(), inspector.stats())
        if waiting or not all(answers):
            return None
        (reserved,), (active,), (stats,) = (each.values() for each in answers)
        return None if reserved or active else sum(stats["total"].values())


@contextmanager
def working(
    command: list[str],
    *,
    broker: str,
    environment: Mapping[str, str],
    log: Path,
    prefix: str = "",
) -> Iterator[Worker]:
    """`command` is celery with its application and how many processes it has."""
    app = Celery("benchmarks", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": prefix}
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [*command, *QUIET],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        yield Worker(process=process, app=app, log=log)
    finally:
        end(process)
        app.close()
