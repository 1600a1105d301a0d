"""Forget what mail leaves behind, when its time is over: unconfirmed requests, old contents,
addresses of machines, and evidence that nobody needs any more.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from assessments import profiles
from assessments.personal_data import (
    Forgetting,
    Retention,
    count_erasures,
    forget_erasures,
    get_erasures,
)
from campaigns import caught, idling, rights, traces
from campaigns.models import (
    AddressChange,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    DeliveryEvent,
    Lane,
    Message,
)
from pmoportal import crashing
from pmoportal.locking import lock_some
from pmoportal.months import get_months_before

BATCHES = 20

OPEN_STATES = (Message.State.QUEUED, Message.State.CLAIMED, Message.State.SENDING)

# An address without its last part is a net; a page without its token is any result's.
BLUR = r"""
    UPDATE campaigns_consentorigin SET is_blurred = true,
        ip = host(network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END)))::inet,
        path = regexp_replace(path, '[\w-]+\.[\w-]{40,}', '…', 'g')
    WHERE id = ANY(%s)
"""


def purge(*, now: datetime, limit: int) -> int:
    """Forget of each sort up to BATCHES batches of `limit`, each in a transaction of its own.
    State, reason and times of a message stay. Returns how many rows.
    """
    return sum(_purge(each.forget, now, limit) for each in HOURLY)


def purge_slowly(*, now: datetime, limit: int) -> int:
    """The same for what takes longer to find, and needs looking for once a day."""
    return sum(_purge(each.forget, now, limit) for each in DAILY)


def _purge(forget: Callable[[datetime, int], int], now: datetime, limit: int) -> int:
    total = 0
    for _ in range(BATCHES):
        purged = forget(now, limit)
        total += purged
        if purged < limit:
            break
    return total


@transaction.atomic
def _purge_strangers(now: datetime, limit: int) -> int:
    ids = lock_some(_get_strangers(now), limit)
    # Looked at again under the lock: somebody may have asked just before.
    strangers = _get_strangers(now).filter(pk__in=ids)
    gone = list(strangers.values_list("pk", flat=True))
    mails = Message.objects.filter(respondent__in=gone)
    caught.forget_after_commit(list(mails.values_list("pk", flat=True)))
    rights.let_go(respondent_ids=gone, receipt="", now=now)
    strangers.delete()
    crashing.reach("in_purge")
    return len(ids)


def _get_strangers(now: datetime) -> QuerySet[Any]:
    """Respondents who asked long ago, not since, and never confirmed anything."""
    since = now - timedelta(days=settings.KEEP_UNCONFIRMED_DAYS)
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
    ids = lock_some(_get_old_requests(now), limit)
    ConsentOrigin.objects.filter(pk__in=ids).delete()
    return len(ids)


def _get_old_requests(now: datetime) -> QuerySet[ConsentOrigin]:
    since = now - timedelta(days=settings.KEEP_UNCONFIRMED_DAYS)
    return ConsentOrigin.objects.filter(confirmed_at=None, due_at__lt=since)


@transaction.atomic
def _blur_requests(now: datetime, limit: int) -> int:
    ids = lock_some(_get_sharp_requests(now), limit)
    with connection.cursor() as cursor:
        cursor.execute(BLUR, [ids])
    return len(ids)


def _get_sharp_requests(now: datetime) -> QuerySet[ConsentOrigin]:
    since = now - timedelta(days=settings.KEEP_IP_DAYS)
    return ConsentOrigin.objects.filter(is_blurred=False, asked_at__lt=since)


@transaction.atomic
def _purge_moves(now: datetime, limit: int) -> int:
    ids = lock_some(_get_old_moves(now), limit)
    AddressChange.objects.filter(pk__in=ids).delete()
    return len(ids)


def _get_old_moves(now: datetime) -> QuerySet[AddressChange]:
    """Wishes to get mail at another address, come true or not: their links are too old now."""
    since = now - timedelta(days=settings.KEEP_UNCONFIRMED_DAYS)
    return AddressChange.objects.filter(asked_at__lt=since).order_by("asked_at")


@transaction.atomic
def _purge_contents(now: datetime, limit: int) -> int:
    ids = lock_some(_get_old_contents(now), limit)
    return Message.objects.filter(pk__in=ids).update(values={}, evidence="")


def _get_old_contents(now: datetime) -> QuerySet[Message]:
    """A message in state *unknown* has no end, so its age counts from when it was handed over."""
    # In the very words of the index `message_with_contents`, or the table is read to its end.
    ages = Message.objects.alias(age_from=Coalesce("ended_at", "sending_at", "created_at"))
    old = ages.filter(age_from__lt=_get_mail_limit(now)).exclude(state__in=OPEN_STATES)
    return old.exclude(values={}, evidence="").order_by("age_from")


@transaction.atomic
def _purge_words(now: datetime, limit: int) -> int:
    ids = lock_some(_get_old_words(now), limit)
    return Lane.objects.filter(pk__in=ids).update(evidence="")


def _get_old_words(now: datetime) -> QuerySet[Lane]:
    return Lane.objects.filter(resumes_at__lt=_get_mail_limit(now)).exclude(evidence="")


def _purge_files(now: datetime, limit: int) -> int:
    return caught.forget_old(before=_get_mail_limit(now), limit=limit)


@transaction.atomic
def _purge_reports(now: datetime, limit: int) -> int:
    ids = lock_some(_get_old_reports(now), limit)
    DeliveryEvent.objects.filter(pk__in=ids).delete()
    return len(ids)


def _get_old_reports(now: datetime) -> QuerySet[DeliveryEvent]:
    """Reports of mail that we did not send."""
    since = now - timedelta(days=settings.KEEP_REPORTS_DAYS)
    return DeliveryEvent.objects.filter(message=None, received_at__lt=since)


@transaction.atomic
def _purge_evidence(now: datetime, limit: int) -> int:
    """Of people who were erased: what they had said until then, and that they were erased."""
    entries = get_erasures(before=_get_evidence_limit(now), limit=limit)
    until = [Q(subject_key=each.subject_key, happened_at__lte=each.erased_at) for each in entries]
    for past in until:
        _delete_events(ConsentEvent.objects.filter(past))
    forget_erasures(entries)
    return len(entries)


@transaction.atomic
def _purge_requests_of_strangers(now: datetime, limit: int) -> int:
    ids = list(_get_old_asking(now).values_list("pk", flat=True)[:limit])
    _delete_events(ConsentEvent.objects.filter(pk__in=ids))
    return len(ids)


def _get_old_asking(now: datetime) -> QuerySet[ConsentEvent]:
    """Of addresses that never said yes: there is nothing to show."""
    answered = ConsentEvent.objects.filter(subject_key=OuterRef("subject_key")).exclude(
        kind=ConsentEvent.Kind.ASKED
    )
    asked = ConsentEvent.objects.filter(
        kind=ConsentEvent.Kind.ASKED, happened_at__lt=_get_evidence_limit(now)
    )
    return asked.filter(~Exists(answered)).order_by("happened_at")


@transaction.atomic
def _purge_left_behind(now: datetime, limit: int) -> int:
    ids = list(_get_left_behind(now).values_list("pk", flat=True)[:limit])
    _delete_events(ConsentEvent.objects.filter(pk__in=ids))
    return len(ids)


def _get_left_behind(now: datetime) -> QuerySet[ConsentEvent]:
    """Of addresses that their person left for another, and nobody has used since. What tells of
    the leaving is the last to go.
    """
    since = ConsentEvent.objects.filter(
        subject_key=OuterRef("subject_key"), happened_at__gt=OuterRef("happened_at")
    )
    left = ConsentEvent.objects.filter(
        ~Exists(since), source=ConsentEvent.MOVED_AWAY, happened_at__lt=_get_evidence_limit(now)
    )
    events = ConsentEvent.objects.filter(subject_key__in=left.values("subject_key"))
    return events.order_by("happened_at", "pk")


def _delete_events(events: QuerySet[ConsentEvent]) -> None:
    """For the length of this act, the trigger that keeps them for ever looks away."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pmo.purge = 'on'")
        events.delete()
        cursor.execute("SET LOCAL pmo.purge = 'off'")


def _get_mail_limit(now: datetime) -> datetime:
    return now - timedelta(days=settings.KEEP_MAIL_DAYS)


def _get_evidence_limit(now: datetime) -> datetime:
    return get_months_before(now, settings.CONSENT_EVIDENCE_MONTHS)


def _build(
    name: str, retention: Retention, get_old: Any, forget: Callable[[datetime, int], int]
) -> Forgetting:
    count = lambda now: get_old(now).count()  # noqa: E731  # one line says it
    return Forgetting(name=name, retention=retention, count=count, forget=forget)


HOURLY = (
    _build("people who never confirmed", Retention.UNCONFIRMED, _get_strangers, _purge_strangers),
    _build("requests never confirmed", Retention.UNCONFIRMED, _get_old_requests, _purge_requests),
    _build("wishes to move", Retention.UNCONFIRMED, _get_old_moves, _purge_moves),
    _build("whole IP addresses", Retention.IP, _get_sharp_requests, _blur_requests),
    _build("contents of mails", Retention.CONTENTS, _get_old_contents, _purge_contents),
    _build("words of mail servers", Retention.CONTENTS, _get_old_words, _purge_words),
    _build("reports of mail not ours", Retention.REPORTS, _get_old_reports, _purge_reports),
    _build("single visits to links", Retention.REPORTS, traces.get_old_clicks, traces.purge_clicks),
    _build(
        "what people wrote to us", Retention.CONTENTS, traces.get_old_replies, traces.purge_replies
    ),
    _build("words about tips", Retention.CONTENTS, traces.get_old_answers, traces.purge_answers),
    _build("people to be warned", Retention.PERSON, idling.get_silent, idling.warn),
    _build("people long without a sign", Retention.PERSON, idling.get_warned, idling.erase),
)
# These look through a folder, or an index from its beginning.
DAILY = (
    _build("requests that ended long ago", Retention.REQUESTS, rights.get_old, rights.purge),
    Forgetting(
        name="mails kept as files",
        retention=Retention.CONTENTS,
        count=lambda now: sum(1 for _ in caught.get_old(before=_get_mail_limit(now))),
        forget=_purge_files,
    ),
    Forgetting(
        name="evidence about people erased",
        retention=Retention.EVIDENCE,
        count=lambda now: count_erasures(before=_get_evidence_limit(now)),
        forget=_purge_evidence,
    ),
    _build(
        "evidence about addresses left behind",
        Retention.EVIDENCE,
        _get_left_behind,
        _purge_left_behind,
    ),
    _build(
        "evidence about people who never confirmed",
        Retention.EVIDENCE,
        _get_old_asking,
        _purge_requests_of_strangers,
    ),
)
FORGETTINGS = HOURLY + DAILY
