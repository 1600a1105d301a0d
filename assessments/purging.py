"""Forget sittings that nobody left an address with, when their time is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from assessments.models import ABANDONED_AFTER, Organisation, Response

KEEP_ANONYMOUS = timedelta(days=90)
BATCHES = 20


def purge(*, now: datetime, limit: int) -> int:
    """Delete responses that belong to nobody: abandoned ones after a day, completed ones after
    90 days, and organisations that nobody is left in. What is not yet in the tallies stays
    until it is.

    Up to BATCHES batches of `limit`, each in a transaction of its own. Returns how many rows.
    """
    return _purge(_get_responses, now, limit) + _purge(_get_organisations, now, limit)


def _purge(get_old: Callable[[datetime], QuerySet[Any]], now: datetime, limit: int) -> int:
    total = 0
    for _ in range(BATCHES):
        purged = _purge_batch(get_old(now), limit)
        total += purged
        if purged < limit:
            break
    return total


@transaction.atomic
def _purge_batch(old: QuerySet[Any], limit: int) -> int:
    locked = old.select_for_update(skip_locked=True, of=("self",))
    ids = list(locked.values_list("pk", flat=True)[:limit])
    # Looked at again under the lock: somebody may have answered, or come in, just before.
    old.filter(pk__in=ids).delete()
    return len(ids)


def _get_responses(now: datetime) -> QuerySet[Response]:
    return Response.objects.filter(respondent__isnull=True, is_tallied=True).filter(
        Q(completed_at__isnull=True, started_at__lt=now - ABANDONED_AFTER)
        | Q(completed_at__lt=now - KEEP_ANONYMOUS)
    )


def _get_organisations(now: datetime) -> QuerySet[Organisation]:
    return Organisation.objects.filter(created_at__lt=now - KEEP_ANONYMOUS, responses=None)
