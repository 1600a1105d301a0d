"""One contender's turn: get ready, be told to go, deliver exactly N; and what that took."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.processes import Memory, Sampler, get_cpu
from benchmarks.stage import Stage

STALLED_SECONDS = 60
PAUSE = 0.02


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one turn took. `failure` is empty, or says why the rest does not count."""

    name: str
    messages: int
    delivered: int
    seconds: float = 0
    sender_cpu: float = 0
    servers_cpu: float = 0
    peak: float = 0
    early: Memory | None = None
    late: Memory | None = None
    note: str = ""
    failure: str = ""


@dataclass(kw_only=True)
class Running:
    """A sender that is ready. `is_done` is asked once the sink has as many as it should."""

    pid: int
    go: Callable[[], None]
    is_done: Callable[[], bool]
    is_alive: Callable[[], bool]
    get_note: Callable[[], str] = field(default=str)


class Contender(Protocol):
    @property
    def name(self) -> str: ...

    def prepare(self, stage: Stage, messages: int) -> None:
        """Once per run: whatever may be copied for each turn."""

    def start(self, stage: Stage, messages: int) -> AbstractContextManager[Running]:
        """A sender with that many in its queue, started, and warm from a few mails before."""


def take_turn(contender: Contender, stage: Stage, messages: int) -> Turn:
    """Who cannot even begin has failed like anybody else, and the others go on."""
    try:
        return _measure(contender, stage, messages)
    except RuntimeError as error:
        return Turn(name=contender.name, messages=messages, delivered=0, failure=str(error))


def _measure(contender: Contender, stage: Stage, messages: int) -> Turn:
    with contender.start(stage, messages) as sender:
        first = stage.sink.get_final_count()  # warming may have sent some

        def get_delivered() -> int:
            return stage.sink.get_count() - first

        cpu, servers_cpu = get_cpu(sender.pid), stage.get_servers_cpu()
        with Sampler(sender.pid, get_delivered) as memory:
            started = time.perf_counter()
            sender.go()
            failure = wait_until_done(sender, get_delivered, messages)
            seconds = time.perf_counter() - started
            cpu, servers_cpu = get_cpu(sender.pid) - cpu, stage.get_servers_cpu() - servers_cpu
        note = sender.get_note()
    delivered = stage.sink.get_final_count() - first
    if delivered != messages:
        failure = failure or f"delivered {delivered} instead of {messages}"
    return Turn(
        name=contender.name,
        messages=messages,
        delivered=delivered,
        seconds=seconds,
        sender_cpu=1000 * cpu / messages,
        servers_cpu=1000 * servers_cpu / messages,
        peak=memory.get_peak(),
        early=memory.get_at(messages // 10),
        late=memory.samples[-1],
        note=note,
        failure=failure,
    )


def wait_until_done(sender: Running, get_delivered: Callable[[], int], messages: int) -> str:
    """Empty when all is well. The database is not asked before the sink has them all."""
    seen, moved_at = 0, time.monotonic()
    while not ((now := get_delivered()) >= messages and sender.is_done()):
        if now != seen:
            seen, moved_at = now, time.monotonic()
        if time.monotonic() - moved_at > STALLED_SECONDS:
            return f"stood still at {seen} of {messages}"
        if not sender.is_alive():
            return f"ended at {get_delivered()} of {messages}"
        time.sleep(PAUSE)
    return ""
