"""What the database says of itself: bytes by table and index, WAL, dead rows, vacuum."""

import math
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

PAGE = 8192
# An index entry has a header and a pointer beside its key; pages above the leaves hold these.
LEAST_ENTRY = 24

TABLE = """
    SELECT reltuples::bigint, pg_table_size(oid)
    FROM pg_class WHERE oid = %s::regclass
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_relation_size(indexrelid), reltuples::bigint
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = %s::regclass ORDER BY 2 DESC
"""
ACTIVITY = """
    SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del
    FROM pg_stat_user_tables WHERE relid = %s::regclass
"""


@dataclass(frozen=True, kw_only=True)
class Index:
    name: str
    size: int
    rows: int

    def get_depth(self, factor: int = 1) -> int:
        """Pages read from the root to a row's entry, with `factor` times as many rows."""
        pages = max(self.size * factor / PAGE, 1)
        fan_out = PAGE / max(self.size / max(self.rows, 1), LEAST_ENTRY)
        return 1 + math.ceil(math.log(pages) / math.log(fan_out)) if pages > 1 else 1


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    rows: int
    heap: int
    indexes: tuple[Index, ...]

    @property
    def heap_per_row(self) -> float:
        return self.heap / max(self.rows, 1)

    @property
    def indexes_per_row(self) -> float:
        return sum(each.size for each in self.indexes) / max(self.rows, 1)

    @property
    def per_row(self) -> float:
        return self.heap_per_row + self.indexes_per_row


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Rows written by what was done; every update and removal leaves a dead one."""

    inserted: int
    updated: int
    hot: int
    deleted: int

    def __sub__(self, other: "Activity") -> "Activity":
        return Activity(
            inserted=self.inserted - other.inserted,
            updated=self.updated - other.updated,
            hot=self.hot - other.hot,
            deleted=self.deleted - other.deleted,
        )


def get_table_name(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001  # Django's own way to the name


def get_columns(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """Those that are written; what the database generates from others is not."""
    fields = model._meta.concrete_fields  # noqa: SLF001  # likewise
    return [field for field in fields if not field.generated]


def get_table(name: str) -> Table:
    """After VACUUM (ANALYZE), which counts the rows. The heap is with its TOAST."""
    with connection.cursor() as cursor:
        cursor.execute(TABLE, [name])
        rows, heap = cursor.fetchone()
        cursor.execute(INDEXES, [name])
        found = [Index(name=index, size=size, rows=count) for index, size, count in cursor]
    return Table(name=name, rows=rows, heap=heap, indexes=tuple(found))


def get_wal() -> int:
    """Bytes of WAL written since the beginning."""
    return int(_ask("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"))


def get_activity(name: str) -> Activity:
    _ask("SELECT pg_stat_force_next_flush()")
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, [name])
        inserted, updated, hot, deleted = cursor.fetchone()
    return Activity(inserted=inserted, updated=updated, hot=hot, deleted=deleted)


def checkpoint(*, full_page_writes: bool) -> None:
    """From now on the first change of a page writes the whole page to the WAL, or does not."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET full_page_writes = {'on' if full_page_writes else 'off'}")
        cursor.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)  # the checkpointer, not we, passes it on
        cursor.execute("CHECKPOINT")


def vacuum(name: str) -> float:
    """Seconds. With every index, which is otherwise left for later while few rows are dead."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        started = time.perf_counter()
        cursor.execute(f"VACUUM (INDEX_CLEANUP ON) {name}")
        took = time.perf_counter() - started
        cursor.execute("RESET statement_timeout")
    return took


def get_content_bytes(name: str) -> float:
    """Bytes of a message's row that purging takes away."""
    content = 'pg_column_size("values") + pg_column_size(evidence)'
    return float(_ask(f"SELECT avg({content}) FROM {name} TABLESAMPLE SYSTEM (5) REPEATABLE (1)"))


def _ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
