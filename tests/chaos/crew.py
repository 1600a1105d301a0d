"""Real workers and schedulers: started, killed with all their processes, started again."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pmoportal.children import Child
from tests.journeys.running import ROOT

WORKERS = 2
BEATS = 2
CONCURRENCY = 2  # processes of one worker that send
NAME = "chaos-worker"  # by which the database knows their connections
READY = " ready."
CELERY = [sys.executable, "-m", "celery", "-A", "pmoportal"]


@dataclass(kw_only=True)
class Crew:
    """`exits` counts the children that ended without our doing."""

    folder: Path
    workers: list[Child] = field(default_factory=list)
    beats: list[Child] = field(default_factory=list)
    exits: int = 0
    starts: int = 0

    def start(self) -> None:
        self.workers = [self._make(f"worker-{n}", _get_worker(n)) for n in range(WORKERS)]
        self.beats = [self._make(f"beat-{n}", self._get_beat(n)) for n in range(BEATS)]
        for child in [*self.workers, *self.beats]:
            self._start(child)

    def get_ready(self) -> list[Child]:
        return [each for each in self.workers if _is_alive(each) and _is_ready(each)]

    def kill(self, victims: Sequence[Child]) -> None:
        """All at one moment, each with its whole process group; then they start again."""
        for victim in victims:
            _signal(victim, signal.SIGKILL)
        for victim in victims:
            assert victim.process
            victim.process.wait()
            self._start(victim)

    def freeze(self, victim: Child, seconds: float) -> None:
        _signal(victim, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            _signal(victim, signal.SIGCONT)

    def revive(self) -> None:
        """What a supervisor does: whoever has exited starts again."""
        for child in [*self.workers, *self.beats]:
            if not _is_alive(child):
                self.exits += child in self.workers
                self._start(child)

    def end(self) -> None:
        """Nothing is under way any more, so there is nothing to wait for."""
        for child in [*self.workers, *self.beats]:
            if child.process is not None:
                _signal(child, signal.SIGKILL)
                child.process.wait()

    def _make(self, name: str, command: list[str]) -> Child:
        return Child(name=name, command=command, folder=ROOT, log=self.folder, patience=0)

    def _get_beat(self, number: int) -> list[str]:
        schedule = self.folder / f"beat-schedule-{number}"
        return [*CELERY, "beat", "--pidfile=", f"--schedule={schedule}"]

    def _start(self, child: Child) -> None:
        """Each with a log of its own, which says whether this one is ready."""
        self.starts += 1
        child.log = self.folder / "log" / f"{child.name}.{self.starts}.log"
        child.start()


def _get_worker(number: int) -> list[str]:
    worker = [*CELERY, "worker", "--concurrency", str(CONCURRENCY), "--hostname", f"w{number}@%h"]
    return ["env", f"PGAPPNAME={NAME}", *worker, "--without-gossip", "--without-mingle"]


def _is_alive(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _is_ready(child: Child) -> bool:
    return READY in child.log.read_text(encoding="utf-8", errors="replace")


def _signal(child: Child, number: signal.Signals) -> None:
    assert child.process
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
