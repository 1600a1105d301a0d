"""Indexes away while very many rows are written, and built anew afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# Without primary keys, on which foreign keys rest.
FOUND = """
    SELECT indexrelid::regclass::text, indrelid::regclass::text, pg_get_indexdef(indexrelid),
        conname, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype = 'u'
    WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
"""


@contextmanager
def rebuilding(cursor: Any, tables: Iterable[str]) -> Iterator[None]:
    cursor.execute(FOUND, [list(tables)])
    found = cursor.fetchall()
    for index, table, _, name, _ in found:
        drop = f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' if name else f"DROP INDEX {index}"
        cursor.execute(drop)
    yield
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _, table, definition, name, constraint in found:
        make = f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {constraint}' if name else definition
        cursor.execute(make)
    cursor.execute("RESET maintenance_work_mem")
