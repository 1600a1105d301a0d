"""Adds ended sittings to the monthly tallies of pace and drop-off, before they are forgotten."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assessments import pace
from assessments.models import ABANDONED_AFTER, Answer, Response, Tally

Place = tuple[int, date, str]


@transaction.atomic
def tally_ended(*, now: datetime, limit: int) -> int:
    """Tally up to `limit` sittings that were completed, or left a day ago. Returns how many.

    Several at once share the work: rows in other hands are skipped.
    """
    ended = Q(completed_at__isnull=False) | Q(started_at__lt=now - ABANDONED_AFTER)
    waiting = Response.objects.filter(ended, is_tallied=False).order_by("started_at")
    sittings = list(waiting.select_for_update(skip_locked=True)[:limit])
    _add(_count(sittings))
    Response.objects.filter(pk__in=[each.pk for each in sittings]).update(is_tallied=True)
    return len(sittings)


def _count(sittings: Iterable[Response]) -> dict[Place, pace.Count]:
    seconds: dict[UUID, dict[str, int | None]] = {each.pk: {} for each in sittings}
    for answer in Answer.objects.filter(response__in=list(seconds)):
        seconds[answer.response_id][answer.question_key] = answer.seconds
    counts: dict[Place, pace.Count] = {}
    for each in sittings:
        local = timezone.localtime(each.started_at, ZoneInfo(settings.TIME_ZONE))
        month = local.date().replace(day=1)
        counted = pace.count_sitting(
            questions=[question["key"] for question in each.document["questions"]],
            seconds=seconds[each.pk],
            is_completed=each.completed_at is not None,
        )
        for key, count in counted.items():
            counts.setdefault((each.version_id, month, key), pace.Count()).add(count)
    return counts


def _add(counts: dict[Place, pace.Count]) -> None:
    """In one order, so that two workers cannot wait for each other."""
    for (version_id, month, key), count in sorted(counts.items()):
        place = {"version_id": version_id, "month": month, "question_key": key}
        Tally.objects.get_or_create(**place, defaults={"seconds": pace.Count().seconds})
        tally = Tally.objects.select_for_update().get(**place)
        count.add(pace.Count(answered=tally.answered, left=tally.left, seconds=tally.seconds))
        Tally.objects.filter(pk=tally.pk).update(
            answered=count.answered, left=count.left, seconds=count.seconds
        )
