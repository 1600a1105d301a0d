"""What happened to a person elsewhere may change what the lead is worth."""

from typing import Any

from django.dispatch import receiver

from campaigns.signals import consent_given, consent_withdrawn
from leads.signals import lead_created, lead_graded, lead_taken
from leads.tasks import refresh_lead, tell_hooks
from pmoportal.bell import ring


@receiver([consent_given, consent_withdrawn])
def refresh(*, respondent_id: int, **_: Any) -> None:
    ring(refresh_lead, respondent_id=respondent_id)


@receiver([consent_given, consent_withdrawn, lead_created, lead_graded, lead_taken])
def tell(**_: Any) -> None:
    """A nudge: what happened is in rows already."""
    ring(tell_hooks)
