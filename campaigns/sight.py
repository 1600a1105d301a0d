"""Whose words a colleague may read. A door: another app says whose, and until it does nobody's."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

# The ids of the people whom this colleague may see.
Decide = Callable[[Any], "QuerySet[Any]"]

_deciders: list[Decide] = []


def register(decide: Decide) -> None:
    _deciders[:] = [decide]


def limit(rows: QuerySet[Any], *, user: Any, right: str) -> QuerySet[Any]:
    """Those of `rows` (each with a respondent) that are this colleague's to read; all of them for
    whoever has `right`, also those of nobody we know.
    """
    if user.has_perm(right):
        return rows
    if not _deciders:
        return rows.none()
    return rows.filter(respondent__in=_deciders[0](user))
