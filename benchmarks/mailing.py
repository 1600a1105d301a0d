"""What planning and sending of some mails writes, beside what it costs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from benchmarks.filling import NOW, TABLES
from benchmarks.inventory import (
    Activity,
    checkpoint,
    get_activity,
    get_content_bytes,
    get_table_name,
    get_wal,
    vacuum,
)
from benchmarks.meter import Meter
from benchmarks.originals import Sink
from benchmarks.rounds import LATER
from campaigns import advancing, sending
from campaigns.models import Enrolment, Message

BATCH = 500


@dataclass(kw_only=True)
class Phase:
    """One verb over so many mails."""

    mails: int = 0
    wal: int = 0
    wall_ms: float = 0
    database_ms: float = 0
    python_ms: float = 0
    written: dict[str, Activity] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return 1000 * self.mails / self.wall_ms

    @property
    def rate_by_cpu(self) -> float:
        """As if commits cost nothing and nobody else used the machine."""
        return 1000 * self.mails / (self.python_ms + self.database_ms)

    @property
    def dead(self) -> float:
        """Dead rows a mail, in all tables."""
        return sum(each.updated + each.deleted for each in self.written.values()) / self.mails


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """`worst` is right after a checkpoint, with whole pages in the WAL; `least` without them."""

    plan_worst: Phase
    plan_least: Phase
    send_worst: Phase
    send_least: Phase
    vacuum_seconds: dict[str, float]
    content_bytes: float


def measure_mailing(*, due: int, mails: int) -> Mailing:
    """Half of each with whole pages in the WAL, half without."""
    meter = Meter()
    checkpoint(full_page_writes=True)
    plan_worst = _plan(meter, due // 2)
    checkpoint(full_page_writes=False)
    plan_least = _plan(meter, due - due // 2)
    checkpoint(full_page_writes=True)
    send_worst = _send(meter, mails // 2)
    checkpoint(full_page_writes=False)
    send_least = _send(meter, mails - mails // 2)
    checkpoint(full_page_writes=True)
    tables = [get_table_name(model) for model in (Enrolment, Message)]
    return Mailing(
        plan_worst=plan_worst,
        plan_least=plan_least,
        send_worst=send_worst,
        send_least=send_least,
        vacuum_seconds={name: vacuum(name) for name in tables},
        content_bytes=get_content_bytes(get_table_name(Message)),
    )


def _plan(meter: Meter, people: int) -> Phase:
    def act(limit: int) -> int:
        return advancing.plan_due(now=NOW, limit=limit).looked_at

    return _run(meter, people, act)


def _send(meter: Meter, mails: int) -> Phase:
    def act(limit: int) -> int:
        return sending.send_due(now=LATER, limit=limit, transport=Sink()).states["sent"]

    return _run(meter, mails, act)


def _run(meter: Meter, mails: int, act: Callable[[int], int]) -> Phase:
    phase = Phase()
    names = [get_table_name(model) for model in TABLES]
    before, wal = {name: get_activity(name) for name in names}, get_wal()
    while phase.mails < mails:
        cost, done = meter.measure(partial(act, min(BATCH, mails - phase.mails)))
        if not done:
            raise RuntimeError("fewer were due than should be")
        phase.mails += done
        phase.wall_ms += cost.wall
        phase.database_ms += cost.database
        phase.python_ms += cost.python
    phase.wal = get_wal() - wal
    phase.written = {name: get_activity(name) - before[name] for name in names}
    return phase
