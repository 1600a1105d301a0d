"""A model of a larger installation: pure arithmetic on what was measured in a smaller one.

Bytes a row and rows a person stay the same; an index gets deeper as the logarithm of its pages.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.inventory import Index, Table
from benchmarks.mailing import Mailing

MESSAGES, REPORTS = "campaigns_message", "campaigns_deliveryevent"
# What planning and sending look into; it should stay in memory.
HOT = (
    MESSAGES,
    "campaigns_enrolment",
    "campaigns_consent",
    "assessments_answer",
    "assessments_response",
    "assessments_respondent",
)
GIB = 1 << 30
BUSY = 0.5  # how much of a core or a process we plan to use


@dataclass(frozen=True, kw_only=True)
class Life:
    """What one person leaves behind: the rows of each table, once the campaign is over."""

    tables: tuple[Table, ...]
    rows: dict[str, float]
    messages: int
    content_bytes: float

    def get_bytes(self, name: str) -> float:
        table = next(each for each in self.tables if each.name == name)
        return table.per_row * self.rows[name]

    @property
    def bytes(self) -> float:
        return sum(self.get_bytes(table.name) for table in self.tables)

    @property
    def purged_bytes(self) -> float:
        """What is free for others' rows once contents are purged."""
        return self.messages * self.content_bytes

    @property
    def hot_index_bytes(self) -> float:
        return sum(
            table.indexes_per_row * self.rows[table.name]
            for table in self.tables
            if table.name in HOT
        )

    def get_largest_indexes(self, people: int, count: int) -> list[tuple[Index, float, float]]:
        """Index, its size with so many people, and how many times as large as now that is."""
        found = []
        for table in self.tables:
            factor = people * self.rows[table.name] / max(table.rows, 1)
            found += [(index, index.size * factor, factor) for index in table.indexes]
        return sorted(found, key=lambda each: -each[1])[:count]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What so many mails a day ask for, within the hours in which mail may leave."""

    per_second: float
    planners: float
    senders: float
    database_cores: float
    wal_least: float
    wal_worst: float
    dead: float

    @property
    def processes(self) -> int:
        return math.ceil((self.planners + self.senders) / BUSY)

    @property
    def cores(self) -> int:
        return math.ceil(self.database_cores / BUSY)


def get_life(tables: Sequence[Table], *, people: int, messages: int) -> Life:
    rows = {table.name: table.rows / people for table in tables}
    rows |= {MESSAGES: messages, REPORTS: messages}
    return Life(tables=tuple(tables), rows=rows, messages=messages, content_bytes=0)


def get_need(
    mailing: Mailing,
    *,
    mails: int,
    hours: float,
    rate: float | None = None,
    database_ms: float | None = None,
) -> Need:
    """`rate` and `database_ms` of sending replace what was measured without a mail server."""
    seconds = hours * 3600
    plan, send = mailing.plan_worst, mailing.send_worst
    planning_ms = plan.database_ms / plan.mails
    sending_ms = send.database_ms / send.mails if database_ms is None else database_ms
    least = (mailing.plan_least, mailing.send_least)
    worst = (plan, send)
    return Need(
        per_second=mails / seconds,
        planners=mails / plan.rate / seconds,
        senders=mails / (rate or send.rate) / seconds,
        database_cores=mails * (planning_ms + sending_ms) / 1000 / seconds,
        wal_least=mails * sum(each.wal / each.mails for each in least),
        wal_worst=mails * sum(each.wal / each.mails for each in worst),
        dead=sum(each.dead for each in worst),
    )


def get_people_for(life: Life, memory: float) -> float:
    """How many people's indexes fill half of the memory; beyond it, every tick reads the disk."""
    return memory / 2 / life.hot_index_bytes
