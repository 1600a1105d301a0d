"""Forget what mail leaves behind, when its time is over: unconfirmed requests and old contents."""

from datetime import datetime, timedelta

from campaigns.models import Consent, ConsentOrigin, Message

KEEP_UNCONFIRMED = timedelta(days=7)
KEEP_CONTENT = timedelta(days=90)


def purge(*, now: datetime, limit: int) -> int:
    """Forget up to `limit` of each: people who never confirmed anything, requests that were
    never confirmed, and what old mails said. State, reason and times of a message stay.
    """
    return _purge_strangers(now, limit) + _purge_requests(now, limit) + _purge_contents(now, limit)


def _purge_strangers(now: datetime, limit: int) -> int:
    """A respondent all of whose consents were asked for long ago and none ever confirmed."""
    since = now - KEEP_UNCONFIRMED
    confirmed = Consent.objects.filter(confirmed_at__isnull=False)
    recent = ConsentOrigin.objects.filter(asked_at__gte=since)
    strangers = (
        Consent.objects.filter(asked_at__lt=since, confirmed_at__isnull=True)
        .exclude(respondent__in=recent.values("respondent"))
        .exclude(respondent__in=confirmed.values("respondent"))
        .select_related("respondent")
    )
    people = {consent.respondent for consent in strangers[:limit]}
    for person in people:
        person.delete()
    return len(people)


def _purge_requests(now: datetime, limit: int) -> int:
    old = ConsentOrigin.objects.filter(
        confirmed_at__isnull=True, asked_at__lt=now - KEEP_UNCONFIRMED
    )
    ids = list(old.values_list("pk", flat=True)[:limit])
    ConsentOrigin.objects.filter(pk__in=ids).delete()
    return len(ids)


def _purge_contents(now: datetime, limit: int) -> int:
    old = Message.objects.filter(ended_at__lt=now - KEEP_CONTENT).exclude(values={}, evidence="")
    ids = list(old.values_list("pk", flat=True)[:limit])
    return Message.objects.filter(pk__in=ids).update(values={}, evidence="")
