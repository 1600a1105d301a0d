"""Rows for one of several workers that clean up at once."""

from typing import Any

from django.db.models import QuerySet


def lock_some(rows: QuerySet[Any], limit: int) -> list[Any]:
    """The ids of up to `limit` rows that nobody else is working on; inside a transaction."""
    locked = rows.select_for_update(skip_locked=True, of=("self",))
    return list(locked.values_list("pk", flat=True)[:limit])
