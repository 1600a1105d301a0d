"""Forget sittings that nobody left an address with, when their time is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from assessments.field_map import Forgetting, Retention
from assessments.models import Organisation, Response
from pmoportal.locking import lock_some

BATCHES = 20


def purge(*, now: datetime, limit: int) -> int:
    """Delete responses that belong to nobody, unfinished or completed, and organisations that
    nobody is left in, when their time is over. What is not yet in the tallies stays until it is.

    Up to BATCHES batches of `limit`, each in a transaction of its own. Returns how many rows.
    """
    return sum(_purge(each.forget, now, limit) for each in FORGETTINGS)


def _purge(forget: Callable[[datetime, int], int], now: datetime, limit: int) -> int:
    total = 0
    for _ in range(BATCHES):
        purged = forget(now, limit)
        total += purged
        if purged < limit:
            break
    return total


@transaction.atomic
def _purge_batch(old: QuerySet[Any], limit: int) -> int:
    ids = lock_some(old, limit)
    # Looked at again under the lock: somebody may have answered, or come in, just before.
    old.filter(pk__in=ids).delete()
    return len(ids)


def _get_nobodys() -> QuerySet[Response]:
    return Response.objects.filter(respondent__isnull=True, is_tallied=True)


def _get_unfinished(now: datetime) -> QuerySet[Response]:
    since = now - timedelta(hours=settings.KEEP_UNFINISHED_HOURS)
    return _get_nobodys().filter(completed_at__isnull=True, started_at__lt=since)


def _get_anonymous(now: datetime) -> QuerySet[Response]:
    since = now - timedelta(days=settings.KEEP_ANONYMOUS_DAYS)
    return _get_nobodys().filter(completed_at__lt=since)


def _get_organisations(now: datetime) -> QuerySet[Organisation]:
    since = now - timedelta(days=settings.KEEP_ANONYMOUS_DAYS)
    return Organisation.objects.filter(created_at__lt=since, responses=None)


def _build(name: str, retention: Retention, get_old: Callable[..., QuerySet[Any]]) -> Forgetting:
    return Forgetting(
        name=name,
        retention=retention,
        count=lambda now: get_old(now).count(),
        forget=lambda now, limit: _purge_batch(get_old(now), limit),
    )


FORGETTINGS = (
    _build("unfinished tests of nobody", Retention.TEST, _get_unfinished),
    _build("completed tests of nobody", Retention.TEST, _get_anonymous),
    _build("organisations without anybody", Retention.GROUP, _get_organisations),
)
