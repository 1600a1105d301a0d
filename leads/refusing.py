"""Keep who tried what they may not. No name, no address, no text of a request."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from leads.models import Refusal

KEPT_FOR = timedelta(days=365)
LONGEST_PAGE = 80


def record(*, user_id: int, page: str, lead_id: int | None, now: datetime) -> None:
    """One row for each day, page and lead, however often somebody tries."""
    what = {
        "user_id": user_id,
        "page": page[:LONGEST_PAGE],
        "lead_id": lead_id,
        "day": timezone.localdate(now),
    }
    if not _count(what, now):
        Refusal.objects.bulk_create([Refusal(**what, times=0, last_at=now)], ignore_conflicts=True)
        _count(what, now)


def forget(*, now: datetime) -> int:
    return Refusal.objects.filter(last_at__lt=now - KEPT_FOR).delete()[0]


def _count(what: dict[str, object], now: datetime) -> int:
    return Refusal.objects.filter(**what).update(times=F("times") + 1, last_at=now)
