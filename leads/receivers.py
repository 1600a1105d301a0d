"""What happened to a person elsewhere may change what the lead is worth."""

from typing import Any

from django.dispatch import receiver

from campaigns.signals import (
    address_changed,
    consent_given,
    consent_withdrawn,
    link_followed,
    objection_made,
    reply_received,
    tip_answered,
)
from leads.tasks import refresh_lead
from pmoportal.bell import ring


@receiver(
    [
        address_changed,
        consent_given,
        consent_withdrawn,
        link_followed,
        objection_made,
        reply_received,
        tip_answered,
    ]
)
def refresh(*, respondent_id: int, **_: Any) -> None:
    ring(refresh_lead, respondent_id=respondent_id)
