"""Compare every stored score with its rows, some at a time, and remember which were wrong.

A slice costs about a second, and at one every ten minutes 144,000 leads have their turn in a day.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from leads.models import Lead, ScoreCheck, ScoreFault
from leads.rebuilding import check_leads

SLICE = 1_000
BATCH = 500


@transaction.atomic
def check_slice(*, now: datetime, limit: int = SLICE) -> int:
    """The next `limit` leads, by number, after some that were wrong; how many were compared. None
    when another worker is at it.
    """
    ScoreCheck.objects.get_or_create(pk=1)
    place = ScoreCheck.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if place is None:
        return 0
    look_again(now=now, limit=BATCH)
    leads = list(Lead.objects.filter(pk__gt=place.last_lead_id).order_by("pk")[:limit])
    for start in range(0, len(leads), BATCH):
        _look(leads[start : start + BATCH], now)
    if len(leads) < limit:
        place.last_lead_id, place.finished_at = 0, now
    else:
        place.last_lead_id = leads[-1].pk
    place.save()
    return len(leads)


def look_again(*, now: datetime, limit: int) -> None:
    """Whether up to `limit` that were wrong still are, those found last first."""
    found = ScoreFault.objects.order_by("-found_at", "-pk").values("lead")[:limit]
    _look(list(Lead.objects.filter(pk__in=found)), now)


def forget_healed(*, now: datetime) -> None:
    """Look again at all that were wrong."""
    last = 0
    wrong = ScoreFault.objects.order_by("lead_id").values_list("lead_id", flat=True)
    while batch := list(wrong.filter(lead_id__gt=last)[:BATCH]):
        last = batch[-1]
        _look(list(Lead.objects.filter(pk__in=batch)), now)


def _look(leads: Sequence[Lead], now: datetime) -> None:
    if not leads:
        return
    wrong = {each.lead_id: list(each.columns) for each in check_leads(leads).differences}
    right = [lead.pk for lead in leads if lead.pk not in wrong]
    ScoreFault.objects.filter(lead__in=right).delete()
    ScoreFault.objects.bulk_create(
        [ScoreFault(lead_id=pk, columns=columns, found_at=now) for pk, columns in wrong.items()],
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=["columns"],
    )
