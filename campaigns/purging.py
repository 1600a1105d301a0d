"""Forget what mail leaves behind, when its time is over: unconfirmed requests and old contents."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from assessments import profiles
from campaigns.models import Click, Consent, ConsentOrigin, DeliveryEvent, Message
from pmoportal import crashing

KEEP_UNCONFIRMED = timedelta(days=7)
KEEP_CONTENT = timedelta(days=90)
KEEP_REPORTS = timedelta(days=30)
KEEP_CLICKS = timedelta(days=30)
BATCHES = 20

OPEN_STATES = (Message.State.QUEUED, Message.State.CLAIMED, Message.State.SENDING)


def purge(*, now: datetime, limit: int) -> int:
    """Forget people who never confirmed anything, requests that were never confirmed, what old
    mails said, and old visits to links. State, reason and times of a message stay.

    Of each up to BATCHES batches of `limit`, each in a transaction of its own. Returns how many.
    """
    return sum(
        _purge(purge_batch, now, limit)
        for purge_batch in (
            _purge_strangers,
            _purge_requests,
            _purge_contents,
            _purge_reports,
            _purge_clicks,
        )
    )


def _purge(purge_batch: Callable[[datetime, int], int], now: datetime, limit: int) -> int:
    total = 0
    for _ in range(BATCHES):
        purged = purge_batch(now, limit)
        total += purged
        if purged < limit:
            break
    return total


@transaction.atomic
def _purge_strangers(now: datetime, limit: int) -> int:
    ids = _lock(_get_strangers(now), limit)
    # Looked at again under the lock: somebody may have asked just before.
    _get_strangers(now).filter(pk__in=ids).delete()
    crashing.reach("in_purge")
    return len(ids)


def _get_strangers(now: datetime) -> QuerySet[Any]:
    """Respondents who asked long ago, not since, and never confirmed anything."""
    since = now - KEEP_UNCONFIRMED
    asked = Consent.objects.filter(confirmed_at=None, asked_at__lt=since)
    theirs = Consent.objects.filter(respondent=OuterRef("pk"))
    requests = ConsentOrigin.objects.filter(respondent=OuterRef("pk"))
    return profiles.get_people().filter(
        ~Exists(theirs.filter(confirmed_at__isnull=False)),
        ~Exists(requests.filter(due_at__gte=since)),
        pk__in=asked.values("respondent"),
    )


@transaction.atomic
def _purge_requests(now: datetime, limit: int) -> int:
    ids = _lock(_get_old_requests(now), limit)
    ConsentOrigin.objects.filter(pk__in=ids).delete()
    return len(ids)


def _get_old_requests(now: datetime) -> QuerySet[ConsentOrigin]:
    return ConsentOrigin.objects.filter(confirmed_at=None, due_at__lt=now - KEEP_UNCONFIRMED)


@transaction.atomic
def _purge_contents(now: datetime, limit: int) -> int:
    ids = _lock(_get_old_contents(now), limit)
    return Message.objects.filter(pk__in=ids).update(values={}, evidence="")


def _get_old_contents(now: datetime) -> QuerySet[Message]:
    """A message in state *unknown* has no end, so its age counts from when it was handed over."""
    # In the very words of the index `message_with_contents`, or the table is read to its end.
    ages = Message.objects.alias(age_from=Coalesce("ended_at", "sending_at", "created_at"))
    old = ages.filter(age_from__lt=now - KEEP_CONTENT).exclude(state__in=OPEN_STATES)
    return old.exclude(values={}, evidence="").order_by("age_from")


@transaction.atomic
def _purge_reports(now: datetime, limit: int) -> int:
    """Reports of mail that we did not send."""
    old = DeliveryEvent.objects.filter(message=None, received_at__lt=now - KEEP_REPORTS)
    ids = _lock(old, limit)
    DeliveryEvent.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _purge_clicks(now: datetime, limit: int) -> int:
    """Single visits. How many a mail has had is kept with the mail."""
    ids = _lock(Click.objects.filter(at__lt=now - KEEP_CLICKS).order_by("at"), limit)
    Click.objects.filter(pk__in=ids).delete()
    return len(ids)


def _lock(rows: QuerySet[Any], limit: int) -> list[Any]:
    """The ids of up to `limit` rows that nobody else is working on."""
    locked = rows.select_for_update(skip_locked=True, of=("self",))
    return list(locked.values_list("pk", flat=True)[:limit])
