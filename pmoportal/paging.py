"""Pages of a list that may be very long. Counting everything is what makes such a list slow, so
it is counted as far as anybody leafs, and beyond that the planner's guess is shown as a guess.
"""

import json
from functools import cached_property
from math import floor, log10
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST_COUNTED = 1_000


class BoundedPaginator(Paginator):
    """`count` is exact up to MOST_COUNTED, and there are no pages beyond that."""

    most = MOST_COUNTED

    @cached_property
    def count(self) -> int:
        return min(self._found, self.most)

    @cached_property
    def _found(self) -> int:
        """One more than the most, when there are more."""
        return self._rows.values("pk")[: self.most + 1].count()

    @property
    def is_cut(self) -> bool:
        return self._found > self.most

    @cached_property
    def estimate(self) -> int:
        """About how many there are, in two digits: the database's own statistics say so."""
        if not self.is_cut:
            return self.count
        plan: list[dict[str, Any]] = json.loads(self._rows.explain(format="json"))
        return max(_round(int(plan[0]["Plan"]["Plan Rows"])), self.most)

    @property
    def _rows(self) -> QuerySet:
        rows: Any = self.object_list
        return rows.order_by()


def _round(number: int) -> int:
    unit = 10 ** max(0, floor(log10(max(number, 1))) - 1)
    return round(number / unit) * unit
