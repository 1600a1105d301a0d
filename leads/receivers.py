"""What happened to a person elsewhere may change what the lead is worth, or need its owner."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from campaigns.signals import (
    address_changed,
    consent_given,
    consent_withdrawn,
    link_followed,
    objection_made,
    reply_received,
    tip_answered,
)
from leads import alerting
from leads.signals import lead_created, lead_graded, lead_taken
from leads.tasks import refresh_lead, tell_hooks
from pmoportal.bell import ring


@receiver(
    [
        address_changed,
        consent_given,
        consent_withdrawn,
        link_followed,
        objection_made,
        tip_answered,
    ]
)
def refresh(*, respondent_id: int, **_: Any) -> None:
    ring(refresh_lead, respondent_id=respondent_id)


@receiver([consent_given, consent_withdrawn, lead_created, lead_graded, lead_taken])
def tell(**_: Any) -> None:
    """A nudge: what happened is in rows already."""
    ring(tell_hooks)


@receiver(reply_received)
def hear(*, respondent_id: int, reply_id: Any, **_: Any) -> None:
    """The alert is a row at once, so that no lost ring keeps a reply from its owner."""
    alerting.tell_of_reply(respondent_id=respondent_id, reply_id=reply_id, now=timezone.now())
    ring(refresh_lead, respondent_id=respondent_id)
