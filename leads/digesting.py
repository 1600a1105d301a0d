"""One consultant's week in one mail: what is new, whom to call, who is silent, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from leads import occasions, telling
from leads.models import Alert, Lead, StageChange
from leads.telling import Reader

WEEK = timedelta(days=7)
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Week:
    """Counts: new leads that are one's own or nobody's, one's own to call, those of them that
    nothing has been done about for a week, and one's own that were won or lost in it.
    """

    new: int
    to_call: int
    silent: int
    won: int
    lost: int


def post_digests(*, now: datetime, limit: int) -> int:
    """To up to `limit` of those whose day it is, from half past seven; how many. A second
    scheduler finds the same key, and tells nobody twice.
    """
    if now < occasions.get_morning(now=now, zone=telling.get_zone()):
        return 0
    waiting = telling.get_waiting(weekday=timezone.localdate(now).isoweekday(), now=now)
    return sum(_post(reader, now) for reader in waiting[:limit])


def get_week(*, user_id: int, now: datetime) -> Week:
    """Two queries."""
    since = now - WEEK
    mine = Q(owner=user_id)
    is_open = ~Q(stage__in=Lead.CLOSED)
    is_silent = Q(touched_at__lt=since) | Q(touched_at__isnull=True, taken_at__lt=since)
    counts = Lead.objects.filter(Q(owner=user_id) | Q(owner=None), may_contact=True).aggregate(
        new=Count("pk", filter=Q(created_at__gte=since)),
        to_call=Count("pk", filter=mine & is_open),
        silent=Count("pk", filter=mine & is_open & is_silent),
    )
    moved = StageChange.objects.filter(at__gte=since, lead__owner=user_id, lead__may_contact=True)
    ends = moved.aggregate(
        won=Count(
            "lead", filter=Q(after=Lead.Stage.WON, lead__stage=Lead.Stage.WON), distinct=True
        ),
        lost=Count(
            "lead", filter=Q(after=Lead.Stage.LOST, lead__stage=Lead.Stage.LOST), distinct=True
        ),
    )
    return Week(**counts, **ends)


@transaction.atomic
def _post(reader: Reader, now: datetime) -> int:
    week = get_week(user_id=reader.user_id, now=now)
    own = Lead.objects.filter(owner=reader.user_id, may_contact=True).exclude(stage__in=Lead.CLOSED)
    first = own.select_related("respondent").order_by(*Lead.TO_CALL)
    return telling.tell(
        to=[reader],
        kind=Alert.Kind.DIGEST,
        what="digest",
        leads=list(first[:SHOWN]),
        values=_get_values(week, now),
        now=now,
    )


def _get_values(week: Week, now: datetime) -> Mapping[str, str]:
    """Five figures, and how long the bar of each is beside the longest."""
    figures = (week.new, week.to_call, week.silent, week.won, week.lost)
    most = max(figures) or 1
    values = {"week": str(timezone.localdate(now).isocalendar().week)}
    for place, figure in enumerate(figures, start=1):
        values[f"bar_{place}_value"] = str(figure)
        values[f"bar_{place}_width"] = str(round(100 * figure / most))
    return values
