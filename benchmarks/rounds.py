"""One size of database: what each kind of tick costs there, round by round from the same start."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection

from benchmarks.filling import NOW, settle
from benchmarks.inventory import get_columns, get_table_name
from benchmarks.meter import (
    Cost,
    Meter,
    Read,
    Scan,
    count_statements,
    find_scans,
    get_median,
    get_pss_mib,
    get_reads,
)
from benchmarks.originals import Sink
from campaigns import advancing, delivery, invariants, permit, purging, sending
from campaigns.models import Enrolment, Message
from campaigns.sending import settling
from campaigns.sending.claiming import claim
from leads import refreshing

EMPTY_TICKS = 50
SEND_TICKS = 2
RARE_TICKS = 3
FRIDAY = NOW + timedelta(days=3)  # at the same hour
EARLY = NOW - timedelta(hours=1)
# When all that was planned at NOW, spread over half an hour, may leave; the window is open.
LATER = NOW + timedelta(hours=1)

PLAN, CLAIM, RELEASE, SEND = "plan_due", "claim", "release", "send_due"
EMPTY_PLAN, EMPTY_SEND = "plan_due, nothing due", "send_due, nothing due"
SETTLE, CHECK = "settle_stale", "invariants.check"


@dataclass(kw_only=True)
class Size:
    """What was measured with so many people."""

    people: int
    costs: dict[str, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    scans: list[Scan] = field(default_factory=list)
    reads: dict[str, list[Read]] = field(default_factory=dict)

    def get(self, name: str) -> Cost | None:
        return get_median(self.costs[name]) if self.costs.get(name) else None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How planning of very many went."""

    people: int
    messages: int
    seconds: float
    database_seconds: float
    fewest: int
    most: int
    pss_before: float
    pss_peak: float


def measure_rounds(size: Size, *, rounds: int, due: int, batch: int) -> None:
    meter = Meter()
    _remember_due()
    for _ in range(rounds):
        _measure_round(size, meter, due=due, batch=batch)
        _reset()


def _measure_round(size: Size, meter: Meter, *, due: int, batch: int) -> None:
    def measure(name: str, times: int, act: Callable[[], Any]) -> None:
        for _ in range(times):
            cost, _ = meter.measure(act)
            size.costs[name].append(cost)

    def send(now: datetime) -> sending.Sent:
        return sending.send_due(now=now, limit=batch, transport=Sink())

    # What was taken back since took the count of batches with it.
    permit.grant(by="benchmark", now=NOW)
    measure(EMPTY_PLAN, EMPTY_TICKS, lambda: advancing.plan_due(now=EARLY, limit=batch))
    measure(EMPTY_SEND, EMPTY_TICKS, lambda: send(EARLY))
    measure(PLAN, due // batch, lambda: advancing.plan_due(now=NOW, limit=batch))
    if advancing.plan_due(now=NOW, limit=1).looked_at:
        raise RuntimeError("more were due than should be")
    _measure_claims(size, meter, times=due // batch, batch=batch)
    measure(SEND, SEND_TICKS, lambda: send(LATER))
    measure(SETTLE, RARE_TICKS, lambda: sending.settle_stale(now=NOW))
    measure(CHECK, RARE_TICKS, lambda: invariants.check(now=NOW))


def _measure_claims(size: Size, meter: Meter, *, times: int, batch: int) -> None:
    """The two halves of sending that touch no wire."""
    held = []
    for _ in range(times):
        cost, claimed = meter.measure(partial(claim, now=LATER, limit=batch))
        size.costs[CLAIM].append(cost)
        held.append(claimed)
    back = settling.get_return(None)
    for claimed in held:
        changes = [(each.message, back) for each in claimed.mails]
        cost, _ = meter.measure(partial(settling.write, changes, claim=claimed.token))
        size.costs[RELEASE].append(cost)


def read_statements(size: Size, *, batch: int) -> None:
    """Statement by statement, for those verbs that planning and sending cannot do without."""
    permit.grant(by="benchmark", now=NOW)
    size.reads[PLAN] = get_reads(lambda: advancing.plan_due(now=NOW, limit=batch))
    advancing.plan_due(now=NOW, limit=batch)
    size.reads[CLAIM] = get_reads(lambda: claim(now=LATER, limit=batch))


def find_slow(size: Size, *, batch: int) -> None:
    """Which statements of any periodic verb read a big table from end to end."""
    acts: dict[str, Callable[[], Any]] = {
        PLAN: lambda: advancing.plan_due(now=NOW, limit=batch),
        SEND: lambda: sending.send_due(now=LATER, limit=batch, transport=Sink()),
        SETTLE: lambda: sending.settle_stale(now=NOW),
        "settle_proven": lambda: delivery.settle_proven(now=NOW, limit=batch),
        CHECK: lambda: invariants.check(now=NOW),
        "purge": lambda: purging.purge(now=NOW, limit=1),
        "refresh_stale": lambda: refreshing.refresh_stale(now=NOW, limit=1),
    }
    for name, act in acts.items():
        size.scans += find_scans(name, act)


def plan_backlog(*, people: int, batch: int) -> Backlog:
    """The same rows on the Friday after, when a tenth of the month's have become due."""
    meter, counts, costs = Meter(), [], []
    pss = [get_pss_mib()]
    planned = 0
    while planned < people:
        act = partial(advancing.plan_due, now=FRIDAY, limit=min(batch, people - planned))
        cost, (count, done) = meter.measure(partial(count_statements, act))
        if not done.looked_at:
            raise RuntimeError("fewer were due than should be")
        planned += done.looked_at
        costs.append(cost)
        counts += [count] if done.looked_at == batch else []
        pss.append(get_pss_mib())
    return Backlog(
        people=planned,
        messages=Message.objects.filter(created_at=FRIDAY).count(),
        seconds=sum(cost.wall for cost in costs) / 1000,
        database_seconds=sum(cost.database for cost in costs) / 1000,
        fewest=min(counts, default=0),
        most=max(counts, default=0),
        pss_before=pss[0],
        pss_peak=max(pss),
    )


def _remember_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS originals.due")
        cursor.execute(
            f"CREATE TABLE originals.due AS SELECT * FROM {get_table_name(Enrolment)}"
            " WHERE next_due_at <= %s",
            [NOW],
        )


def _reset() -> None:
    """As before the round, and clean."""
    columns = [each.column for each in get_columns(Enrolment) if each.column != "id"]
    values = ", ".join(f'"{name}" = due."{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"DELETE FROM {get_table_name(Message)} WHERE created_at >= %s", [NOW])
        cursor.execute(
            f"UPDATE {get_table_name(Enrolment)} enrolment SET {values}"
            " FROM originals.due due WHERE due.id = enrolment.id"
        )
        settle(cursor)
        cursor.execute("RESET statement_timeout")
