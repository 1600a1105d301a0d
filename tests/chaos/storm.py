"""One deed after the other, while mail is leaving."""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field

from tests.broker import cut_connections
from tests.chaos.crew import CONCURRENCY, Crew
from tests.chaos.judge import Book
from tests.chaos.plans import Plan

PATIENCE = 30  # seconds that a deed waits for mail to flow
LONGEST_AWAY = 4
FREEZE = (2.0, 8.0)  # the lease ends in between


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What was done and when, how many processes it may have stopped at work, and whether mail
    was flowing in the second before.
    """

    at: float
    what: str
    processes: int
    was_flowing: bool


@dataclass(kw_only=True)
class Storm:
    plan: Plan
    crew: Crew
    book: Book
    total: int
    chance: random.Random
    deeds: list[Deed] = field(default_factory=list)

    def rage(self, count: int) -> None:
        deeds = self.plan.get_deeds(count, self.chance)
        for number, what in enumerate(deeds):
            self._wait(left=len(deeds) - number)
            time.sleep(self.chance.uniform(0.05, 0.45))
            processes = getattr(self, f"_{what}")()
            self._note(what, processes)

    def _note(self, what: str, processes: int) -> None:
        now = time.time()
        taken = self.book.read()
        was_flowing = bool(taken) and now - taken[-1].at < 1
        deed = Deed(at=now, what=what, processes=processes, was_flowing=was_flowing)
        self.deeds.append(deed)
        waits = f"{len(self.crew.get_ready())} of {len(self.crew.workers)} workers ready"
        passed = now - self.deeds[0].at
        print(f"{passed:6.1f} s  {len(taken):5}  {what}; {waits}", file=sys.stderr)

    def _wait(self, *, left: int) -> None:
        """Until a worker is ready and, mostly, its share of the mail has left."""
        taken = len(self.book.read())
        share = (self.total - taken) / (left + 1) * self.chance.uniform(0.3, 1.3)
        wanted = taken + (share if self.chance.random() < 0.8 else 0)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.crew.revive()
            if self.crew.get_ready() and len(self.book.read()) >= wanted:
                return
            time.sleep(0.02)

    def _kill(self) -> int:
        """Mostly one worker, sometimes all at once; now and then a scheduler goes too."""
        ready = self.crew.get_ready() or self.crew.workers
        victims = ready if self.chance.random() < 0.2 else [self.chance.choice(ready)]
        beats = [self.chance.choice(self.crew.beats)] if self.chance.random() < 0.15 else []
        self.crew.kill([*victims, *beats])
        return CONCURRENCY * len(victims)

    def _freeze(self) -> int:
        ready = self.crew.get_ready() or self.crew.workers
        self.crew.freeze(self.chance.choice(ready), self.chance.uniform(*FREEZE))
        return CONCURRENCY

    def _restart_broker(self) -> int:
        from django.conf import settings

        self._signal_broker(self.chance.choice([signal.SIGTERM, signal.SIGKILL]))
        time.sleep(self.chance.uniform(0, LONGEST_AWAY))
        settings.EMBEDDED.start_missing()
        return 0

    def _freeze_broker(self) -> int:
        """Worse than gone: it takes connections and answers nobody."""
        self._signal_broker(signal.SIGSTOP)
        try:
            time.sleep(self.plan.broker_frozen)
        finally:
            self._signal_broker(signal.SIGCONT)
        return 0

    def _cut_broker(self) -> int:
        from django.conf import settings

        cut_connections(settings.EMBEDDED.run_dir / "valkey.sock")
        return 0

    def _signal_broker(self, number: signal.Signals) -> None:
        from django.conf import settings

        from pmoportal import daemons

        run_dir = settings.EMBEDDED.run_dir
        pid = daemons.get_pid(run_dir / "valkey.pid")
        if daemons.is_ours(pid, mark=str(run_dir)):
            os.kill(pid, number)

    def _flush_broker(self) -> int:
        from django.conf import settings
        from redis import Redis

        with Redis(unix_socket_path=f"{settings.EMBEDDED.run_dir}/valkey.sock") as broker:
            broker.flushall()
        return 0
