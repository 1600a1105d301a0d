"""Forget sittings that nobody left an address with, when their time is over."""

from datetime import datetime, timedelta

from django.db.models import Q

from assessments.models import Response

KEEP_ABANDONED = timedelta(hours=24)
KEEP_ANONYMOUS = timedelta(days=90)


def purge(*, now: datetime, limit: int) -> int:
    """Delete up to `limit` responses that belong to nobody: abandoned ones after a day,
    completed ones after 90 days. Returns how many.
    """
    old = Response.objects.filter(respondent__isnull=True).filter(
        Q(completed_at__isnull=True, started_at__lt=now - KEEP_ABANDONED)
        | Q(completed_at__lt=now - KEEP_ANONYMOUS)
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    Response.objects.filter(pk__in=ids).delete()
    return len(ids)
