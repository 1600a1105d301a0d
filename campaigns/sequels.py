"""What people did after a mail, as far as we know it without counting openings: one table.

Something counts for a mail that had left when it happened, and at most WITHIN later.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models import Consent, Enrolment, Message, Purpose

WITHIN = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`happened` is asked of messages that were sent."""

    key: str
    label: Any
    is_more_better: bool
    happened: Q | Exists


_RETAKEN = Exists(
    Enrolment.objects.filter(
        pk=OuterRef("enrolment"),
        response__retakes__completed_at__gt=OuterRef("sent_at"),
        response__retakes__completed_at__lte=OuterRef("sent_at") + WITHIN,
    )
)
_ASKED_FOR_CONTACT = Exists(
    Consent.objects.filter(
        respondent=OuterRef("respondent"),
        purpose=Purpose.CONTACT,
        confirmed_at__gt=OuterRef("sent_at"),
        confirmed_at__lte=OuterRef("sent_at") + WITHIN,
    )
)
_LATER = Message.objects.filter(enrolment=OuterRef("enrolment"), sent_at__gt=OuterRef("sent_at"))
# Of several mails it is the last one that was too much.
_UNSUBSCRIBED = Q(
    ~Exists(_LATER),
    enrolment__state=Enrolment.State.STOPPED,
    enrolment__reason="unsubscribed",
    enrolment__ended_at__gte=F("sent_at"),
    enrolment__ended_at__lte=F("sent_at") + WITHIN,
)

UNSUBSCRIBED = Measure(
    key="unsubscribed",
    label=_("Unsubscribed after it"),
    is_more_better=False,
    happened=_UNSUBSCRIBED,
)
# In the order of their weight: what is known later about links goes first.
MEASURES = (
    Measure(
        key="came_back",
        label=_("Came back"),
        is_more_better=True,
        happened=Q(_RETAKEN) | Q(_ASKED_FOR_CONTACT),
    ),
    UNSUBSCRIBED,
)
