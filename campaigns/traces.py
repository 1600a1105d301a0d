"""What people's acts left behind, forgotten when its time is over: visits, replies, answers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import Click, Reply, TipAnswer
from pmoportal.locking import lock_some


@transaction.atomic
def purge_replies(now: datetime, limit: int) -> int:
    """What people wrote; of somebody we do not know, that they wrote at all."""
    ids = lock_some(get_old_replies(now), limit)
    Reply.objects.filter(pk__in=ids, respondent=None).delete()
    Reply.objects.filter(pk__in=ids).update(sender="", subject="", text="", reasons=[])
    return len(ids)


@transaction.atomic
def purge_answers(now: datetime, limit: int) -> int:
    ids = lock_some(get_old_answers(now), limit)
    return TipAnswer.objects.filter(pk__in=ids).update(text="")


def get_old_replies(now: datetime) -> QuerySet[Reply]:
    old = Reply.objects.filter(received_at__lt=now - timedelta(days=settings.KEEP_MAIL_DAYS))
    return old.exclude(sender="", subject="", text="").order_by("received_at")


def get_old_answers(now: datetime) -> QuerySet[TipAnswer]:
    old = TipAnswer.objects.filter(
        answered_at__lt=now - timedelta(days=settings.KEEP_MAIL_DAYS)
    ).exclude(text="")
    return old.order_by("answered_at")


@transaction.atomic
def purge_clicks(now: datetime, limit: int) -> int:
    """Single visits. How many a mail has had is kept with the mail."""
    ids = lock_some(get_old_clicks(now), limit)
    Click.objects.filter(pk__in=ids).delete()
    return len(ids)


def get_old_clicks(now: datetime) -> QuerySet[Click]:
    since = now - timedelta(days=settings.KEEP_REPORTS_DAYS)
    return Click.objects.filter(at__lt=since).order_by("at")
