"""Forget sittings that nobody left an address with, when their time is over."""

from datetime import datetime, timedelta

from django.db.models import Q

from assessments.models import ABANDONED_AFTER, Organisation, Response

KEEP_ANONYMOUS = timedelta(days=90)


def purge(*, now: datetime, limit: int) -> int:
    """Delete up to `limit` responses that belong to nobody: abandoned ones after a day,
    completed ones after 90 days, and organisations that nobody is left in. What is not yet in
    the tallies stays until it is. Returns how many responses.
    """
    old = Response.objects.filter(respondent__isnull=True, is_tallied=True).filter(
        Q(completed_at__isnull=True, started_at__lt=now - ABANDONED_AFTER)
        | Q(completed_at__lt=now - KEEP_ANONYMOUS)
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    Response.objects.filter(pk__in=ids).delete()
    empty = Organisation.objects.filter(created_at__lt=now - KEEP_ANONYMOUS, responses=None)
    Organisation.objects.filter(pk__in=list(empty.values_list("pk", flat=True)[:limit])).delete()
    return len(ids)
