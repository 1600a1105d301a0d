"""Sentences that must always be true, as queries. Broken ones are shown, never repaired here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from campaigns.models import CampaignVersion, Consent, Enrolment, Message, Suppression

GRACE = timedelta(seconds=60)
# It is looked at every ten minutes, so what is older was seen before; and history only grows.
RECENT = timedelta(days=1)
STOPPED_BY_THEM = ("unsubscribed", *Suppression.Reason.values)

State = Message.State


@dataclass(frozen=True, kw_only=True)
class Broken:
    sentence: str
    count: int


def check(*, now: datetime) -> list[Broken]:
    """The sentences that are not true, with the number of rows that break them."""
    found = {
        "no message is held by a worker past its lease": _get_stuck(now),
        "no message left after its purpose was withdrawn": _get_sent_after_withdrawal(now),
        "no due enrolment has been waiting for ten minutes": _get_forgotten(now),
        "no message left while its campaign was paused": _get_sent_while_paused(now),
        "no sequence has two mails on their way to one person": _get_crowding(),
        "no enrolment is active for a person who withdrew its purpose": _get_still_under_way(now),
        "no step of a completed sequence is without an ending": _get_unaccounted(now),
    }
    counts = {sentence: rows.count() for sentence, rows in found.items()}
    return [Broken(sentence=each, count=count) for each, count in counts.items() if count]


def _get_stuck(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        state__in=[State.CLAIMED, State.SENDING], lease_until__lt=now - GRACE
    )


def _get_sent_after_withdrawal(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        kind=Message.Kind.CAMPAIGN,
        sending_at__isnull=False,
        enrolment__state=Enrolment.State.STOPPED,
        enrolment__reason__in=STOPPED_BY_THEM,
        enrolment__ended_at__gte=now - RECENT,
        enrolment__ended_at__lt=F("sending_at"),
    )


def _get_sent_while_paused(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        sending_at__gte=now - RECENT, sending_at__gt=F("enrolment__campaign__paused_at")
    )


def _get_crowding() -> QuerySet:
    # What is sent once more had its turn long ago, and somebody chose to. The states are told as
    # the partial indexes tell them, each of which holds only what is under way.
    under_way = Message.objects.filter(
        Q(state=State.QUEUED, is_urgent=False)
        | Q(state=State.QUEUED, is_urgent=True)
        | Q(state__in=[State.CLAIMED, State.SENDING]),
        enrolment__isnull=False,
        resent_at=None,
        doubted_at=None,
    )
    return under_way.values("enrolment").annotate(mails=Count("pk")).filter(mails__gt=1)


def _get_forgotten(now: datetime) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(state=Enrolment.State.ACTIVE, next_due_at__lt=now - 10 * GRACE)


def _get_still_under_way(now: datetime) -> QuerySet[Enrolment]:
    withdrawn = Q(
        respondent__consents__state=Consent.State.WITHDRAWN,
        respondent__consents__withdrawn_at__gte=now - RECENT,
        respondent__consents__purpose=F("campaign__purpose"),
    )
    return Enrolment.objects.filter(withdrawn, state=Enrolment.State.ACTIVE)


def _get_unaccounted(now: datetime) -> QuerySet[Enrolment]:
    # How many steps there are is read once for each version: a document is large.
    number = IntegerField()
    steps = Func("document__campaign__steps", function="jsonb_array_length", output_field=number)
    versions = CampaignVersion.objects.annotate(steps=steps).values_list("pk", "steps")
    lengths = [When(version=pk, then=length) for pk, length in versions]
    mails = Message.objects.filter(enrolment=OuterRef("pk")).order_by().values("enrolment")
    return Enrolment.objects.annotate(
        had=Coalesce(Subquery(mails.annotate(had=Count("pk")).values("had")), 0),
        steps=Case(*lengths, default=0, output_field=number),
    ).filter(
        state=Enrolment.State.FINISHED,
        reason="completed",
        ended_at__gte=now - RECENT,
        had__lt=F("steps"),
    )
