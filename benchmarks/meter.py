"""What an act costs: wall time, CPU of our backend in the database, CPU of this process."""

import os
import re
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
BIG = 5_000  # rows; below this a scan is the right plan
NAMED = re.compile(
    r"(SELECT|UPDATE|INSERT|DELETE)\b.*?\b((?:assessments|campaigns|leads)_\w+)", re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Milliseconds."""

    wall: float
    database: float
    python: float

    def __str__(self) -> str:
        return " / ".join(f"{each:.{1 if each >= 1 else 2}f}" for each in self.get_parts())

    def get_parts(self) -> tuple[float, float, float]:
        return self.wall, self.database, self.python


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A statement that reads a big table from end to end."""

    act: str
    tables: str
    statement: str
    plan: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one statement cost inside the database, and the pages it found or had to fetch."""

    statement: str
    ms: float
    found: int
    fetched: int


class Meter:
    """For one connection, whose backend works alone: without parallel workers, so that all its
    CPU is its own.
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = cursor.fetchone()[0]

    def measure(self, act: Callable[[], T]) -> tuple[Cost, T]:
        started = time.perf_counter(), self._get_database_ms(), time.process_time()
        done = act()
        ended = time.perf_counter(), self._get_database_ms(), time.process_time()
        wall, database, python = (
            after - before for before, after in zip(started, ended, strict=True)
        )
        return Cost(wall=1000 * wall, database=database, python=1000 * python), done

    def _get_database_ms(self) -> float:
        """By the nanosecond where the kernel counts so, else by its hundredths of a second."""
        folder = Path(f"/proc/{self.backend}")
        try:
            return int((folder / "schedstat").read_text().split()[0]) / 1e6
        except (OSError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            return 1000 * (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def get_median(costs: Iterable[Cost]) -> Cost:
    parts = zip(*(cost.get_parts() for cost in costs), strict=True)
    wall, database, python = (statistics.median(part) for part in parts)
    return Cost(wall=wall, database=database, python=python)


def get_pss_mib() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def count_statements(act: Callable[[], T]) -> tuple[int, T]:
    count = 0

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal count
        count += not sql.startswith(("SAVEPOINT", "RELEASE"))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        done = act()
    return count, done


def find_scans(name: str, act: Callable[[], Any]) -> list[Scan]:
    """Explains every statement of `act` before it runs, and takes back all that it did."""
    found: dict[str, Scan] = {}

    def explain(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if _is_plain(sql) and sql not in found:
            tables = _get_scanned(sql, params)
            if tables:
                plan = _explain(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                text = "\n".join(line for (line,) in plan)
                found[sql] = Scan(act=name, tables=", ".join(tables), statement=sql, plan=text)
        return execute(sql, params, *rest)

    with transaction.atomic(), connection.execute_wrapper(explain):
        act()
        transaction.set_rollback(True)
    return list(found.values())


def get_reads(act: Callable[[], Any]) -> list[Read]:
    """Every statement of `act`, timed by the database itself; all that it did is taken back."""
    reads: list[Read] = []

    def explain(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if _is_plain(sql):
            told = _explain(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)[0][0][0]
            named = NAMED.search(sql)
            read = Read(
                statement=" ".join(named.groups()) if named else sql.split(maxsplit=1)[0],
                ms=told["Planning Time"] + told["Execution Time"],
                found=told["Plan"]["Shared Hit Blocks"],
                fetched=told["Plan"]["Shared Read Blocks"],
            )
            reads.append(read)
        return execute(sql, params, *rest)

    with transaction.atomic(), connection.execute_wrapper(explain):
        act()
        transaction.set_rollback(True)
    return reads


def _is_plain(sql: str) -> bool:
    return sql.lstrip().startswith(("SELECT", "UPDATE", "INSERT", "DELETE"))


def _get_scanned(sql: str, params: Any) -> list[str]:
    plan = _explain(f"EXPLAIN (FORMAT JSON) {sql}", params)[0][0][0]["Plan"]
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples > %s", [BIG])
        big = {row[0] for row in cursor.fetchall()}
    return sorted({name for name in _walk(plan) if name in big})


def _walk(plan: dict[str, Any]) -> Iterable[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for child in plan.get("Plans", []):
        yield from _walk(child)


def _explain(sql: str, params: Any) -> list[Any]:
    """By the driver's own cursor, inside a savepoint: EXPLAIN ANALYZE does what it explains."""
    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        cursor.execute(sql, params)
        rows = cursor.fetchall()
        cursor.execute("ROLLBACK TO SAVEPOINT explained")
        cursor.execute("RELEASE SAVEPOINT explained")
        return rows
