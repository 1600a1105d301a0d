"""What happened to a person elsewhere may change what the lead is worth."""

from typing import Any

from django.dispatch import receiver

from campaigns.signals import consent_given, consent_withdrawn, link_followed
from leads.tasks import refresh_lead
from pmoportal.bell import ring


@receiver([consent_given, consent_withdrawn, link_followed])
def refresh(*, respondent_id: int, **_: Any) -> None:
    ring(refresh_lead, respondent_id=respondent_id)
